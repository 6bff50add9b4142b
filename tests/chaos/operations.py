"""What people and tools do to bundles in a watched folder. Each bundle stays what it is: a folder, or an archive."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from pathlib import Path

import trio

from tests.deploy.bundles import swap_in, write, zipped

Files = Mapping[str, str]

_PROCESS = """\
name: {action}
start: {{ listen: flow, request profile: work, response profile: said, sync timeout: 15 s }}
options: {{ mode: {mode} }}
steps:
{wait}  - message: '{{"Text": "{version}"}}'
  - map: mark
  - return documents
"""
_PROFILE = '{"type": "object", "properties": {%s}}'
_WAIT = "  - wait: ${document.Seconds} s\n"
_MISTAKES: Files = {
    "processes/say.yaml": "name: Say\nsteps:\n  - mesage: hello\n",
    "maps/mark.yaml": "fields: [",
    "profiles/said.json": '{"type": ',
    "flow-services/say.yaml": "external name: x\nactions: { Say: Nothing }\n",
    "bundle.yaml": "version: 1\n",
}


def files(name: str, version: str) -> dict[str, str]:
    """Give a bundle that answers with its version in two places: in its process, and in its map."""
    fields = "fields:\n  Text: Text\n  Mark: {{ from: Mark, default: {0} }}\n"
    return {
        "bundle.yaml": f"name: {name}\nversion: '{version}'\n",
        "flow-services/say.yaml": f"external name: {name}\nactions: {{ Say: Say, Slow: Slow }}\n",
        "maps/mark.yaml": fields.format(version),
        "processes/say.yaml": _PROCESS.format(action="Say", mode="low latency", wait="", version=version),
        "processes/slow.yaml": _PROCESS.format(action="Slow", mode="general", wait=_WAIT, version=version),
        "profiles/said.json": _PROFILE % '"Text": {"type": "string"}, "Mark": {"type": "string"}',
        "profiles/work.json": _PROFILE % '"Seconds": {"type": "number"}',
    }


class Hand:
    """Works on one bundle. `pause` is the longest rest between two writes of a slow copy, in seconds."""

    def __init__(self, folder: Path, name: str, *, archive: bool, dice: random.Random, pause: float) -> None:
        self.name = name
        self._folder = folder
        self._archive = archive
        self._dice = dice
        self._pause = pause
        self._path = folder / (f"{name}.zip" if archive else name)

    @property
    def source(self) -> str:
        """The name of the folder or archive."""
        return self._path.name

    async def put(self, content: Files) -> None:
        """Write a whole bundle in one of the ways in which that is done."""
        if self._archive:
            await self._put_archive(zipped(content, above=self._dice.choice(["", f"{self.name}/"])))
        elif self._dice.random() < 0.5 or not self._path.exists():
            swap_in(self._path, content)
        else:
            for path, text in sorted(content.items(), key=lambda _: self._dice.random()):
                await self._save(self._path / path, text)

    async def spoil(self, content: Files) -> None:
        """Write a bundle with a mistake."""
        path = self._dice.choice(sorted(_MISTAKES))
        await self.put({**content, path: _MISTAKES[path]})

    def remove(self) -> None:
        """Take the bundle away."""
        if self._archive:
            self._path.unlink()
        else:
            shutil.rmtree(self._path)

    def rename(self) -> None:
        """Give the folder or archive another name."""
        stem = self.name if self._path.stem != self.name else f"{self.name}-moved"
        self._path = self._path.rename(self._path.with_name(f"{stem}{self._path.suffix}"))

    def copy(self) -> Path:
        """Put a second copy of the bundle beside it."""
        copy = self._folder / f"0-{self.source}"  # before it in the alphabet, and still the second
        if self._archive:
            shutil.copy(self._path, copy)
        else:
            shutil.copytree(self._path, copy)
        return copy

    async def litter(self) -> None:
        """Save nothing, as editors do it: with files that come and go."""
        folder = self._folder if self._archive else self._path / "processes"
        for name in (".say.yaml.swp", "4913", "say.yaml~"):
            (folder / name).write_text("half of")
            await self._rest()
            (folder / name).unlink()

    async def _put_archive(self, content: bytes) -> None:
        if self._dice.random() < 0.5:
            draft = self._path.with_suffix(".zip.part")
            draft.write_bytes(content)
            draft.replace(self._path)
            return
        with self._path.open("wb") as file:
            for at in range(0, len(content), 700):
                file.write(content[at : at + 700])
                file.flush()
                await self._rest()

    async def _save(self, path: Path, text: str) -> None:
        if self._dice.random() < 0.5:
            write(path.parent, {path.name: text})
        else:
            draft = path.with_name(f"{path.name}.tmp")
            draft.write_text(text)
            draft.replace(path)
        await self._rest()

    async def _rest(self) -> None:
        await trio.sleep(self._dice.random() * self._pause)
