"""Bundles that are easy to tell apart, and how tests put them into a watched folder as people and tools do."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import trio
from msgspec import Struct

from runtime.sdk.connector import Call, Catalogue, ConnectorSpec, OperationSpec, Reply
from runtime.sdk.effect import Effect
from tests.patience import PATIENCE

POLL = 0.01  # seconds between two looks at something that sends no event

MISTAKE = "steps:\n  - mesage: hello\n"

_PROCESS = """\
name: Say
start: {{ listen: flow, response profile: text, sync timeout: 20 s }}
options: {{ mode: low latency }}
steps:
  - message: '{{"Text": "{text}"}}'
  - return documents
"""


def bundle(
    name: str = "hello", text: str = "1", *, service: str | None = None, system: str | None = None
) -> dict[str, str]:
    """Give the files of a bundle whose action `Say` answers `text`; with `system` it has a connection to that."""
    files = {
        "bundle.yaml": f"name: {name}\nversion: '{text}'\n",
        "processes/say.yaml": _PROCESS.format(text=text),
        "profiles/text.json": '{"type": "object", "properties": {"Text": {"type": "string"}}}',
        "flow-services/say.yaml": f"external name: {service or name}\nactions:\n  Say: Say\n",
    }
    if system is not None:
        files["connections/system.yaml"] = f"connector: system\nname of it: {system}\n"
    return files


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files below `folder` as a slow copy does: in place, one after the other."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder


def swap_in(folder: Path, files: Mapping[str, str]) -> None:
    """Put a folder in the place of another as careful tools do: written under another name, then renamed."""
    draft, old = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    write(draft, files)
    if folder.exists():
        folder.rename(old)
    draft.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def zipped(files: Mapping[str, str], *, above: str = "") -> bytes:
    """Give files as a zip archive, below a folder `above` if that is named."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(above + path, text)
    return buffer.getvalue()


class Settings(Struct, frozen=True):
    """The settings of the connector `system`."""

    name_of_it: str


class _Fields(Struct, frozen=True):
    path: str = ""


class Systems:
    """The systems behind a connector: which have a connection open, and which refuse one."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.log: list[str] = []
        self.refusing: set[str] = set()
        self.silent: set[str] = set()
        self._failing: dict[str, trio.Event] = {}

    def fail(self, name: str) -> None:
        """Let the background task of an open connection fail."""
        self._failing[name].set()

    def catalogue(self) -> Catalogue:
        """Give a catalogue with the connector `system`."""
        operation = OperationSpec(name="ask", summary="asks", fields=_Fields, effect=lambda fields: Effect.PURE)
        spec = ConnectorSpec(
            name="system", summary="a system", settings=Settings, operations=(operation,), open=self._opened
        )
        return Catalogue({"system": spec})

    @asynccontextmanager
    async def _opened(self, settings: Settings) -> AsyncGenerator[Systems]:
        name = settings.name_of_it
        if name in self.refusing:
            raise ConnectionError(f"{name} refuses")
        if name in self.silent:
            await trio.sleep_forever()
        self.open.append(name)
        self.log.append(f"open {name}")
        self._failing[name] = trio.Event()
        try:
            async with trio.open_nursery() as nursery:  # as a connector with background tasks does
                nursery.start_soon(self._fail, name)
                yield self
                nursery.cancel_scope.cancel()
        finally:
            self.open.remove(name)
            self.log.append(f"close {name}")

    async def _fail(self, name: str) -> None:
        await self._failing[name].wait()
        raise ConnectionError(f"{name} has gone")

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Answer nothing."""
        await trio.lowlevel.checkpoint()
        return ()


async def until(condition: Callable[[], object]) -> None:
    """Wait until `condition` holds.

    Raises:
        trio.TooSlowError: it did not in time.
    """
    with trio.fail_after(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is waited for tells nobody
            await trio.sleep(POLL)
