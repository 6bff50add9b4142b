"""Exported processes of a bundle become native YAML; what YAML cannot say stays an export, and is named."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from runtime.bundle.components.envelope import read_envelopes
from runtime.bundle.components.overrides import read_overrides
from runtime.bundle.findings import Findings
from runtime.bundle.outline import slug
from runtime.bundle.read import read_bundle
from runtime.bundle.sources import MANIFEST, read_sources
from runtime.bundle.yaml_writing import amended
from runtime.errors import BundleError, HostError
from runtime.importing.native_process import same, yaml_of
from runtime.importing.native_steps import Unsayable

if TYPE_CHECKING:
    from runtime.model.bundle import Bundle, Extension
    from runtime.model.process import Process
    from runtime.sdk.connector import Catalogue


class Conversion(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one exported process: its `yaml`, or the `reasons` why it stays an export."""

    name: str
    id: str
    file: str
    yaml: str | None = None
    reasons: tuple[str, ...] = ()


class Converted(Struct, frozen=True, kw_only=True):
    """The processes, and the files of the bundle that they are in."""

    processes: tuple[Conversion, ...]
    files: dict[str, bytes]


def convert(path: Path, catalogue: Catalogue, *, only: Collection[str] = ()) -> Converted:
    """Convert the exported processes of the bundle at `path`, and prove that what is read of them means the same.

    `only`: those of these names or component ids; without any, all of them.

    Raises:
        BundleError: the bundle itself is refused.
    """
    bundle = read_bundle(path, catalogue)
    sources, _ = read_sources(path)
    every = _conversions(bundle, sources.contents)
    conversions = [one for one in every if not only or one.name in only or one.id in only]
    while True:
        files = _files(bundle, sources.contents, conversions)
        doubts = _doubts(bundle, files, conversions, catalogue)
        if not doubts:
            return Converted(processes=tuple(conversions), files=files)
        conversions = [_doubted(one, doubts.get(one.name, ())) for one in conversions]


def write(converted: Converted, folder: Path) -> None:
    """Write the bundle into a folder of its own.

    Raises:
        HostError: there is something at `folder` already, or the disk refuses.
    """
    if folder.exists():
        raise HostError("convert.exists", f"{folder} is there already", hint="name another with --to, or remove it")
    draft = folder.with_name(f".{folder.name}.draft")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        _write(converted.files, draft)
        draft.rename(folder)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise HostError("convert.unwritable", f"{folder} cannot be written: {error.strerror}") from error


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _conversions(bundle: Bundle, contents: Mapping[str, bytes]) -> list[Conversion]:
    exports = {file: content for file, content in contents.items() if file.startswith("components/")}
    findings = Findings(bundle.name, {})
    given = {
        one.id: read_overrides(one, findings).connections
        for one in read_envelopes(exports, findings).values()
        if one.type == "process"
    }
    found: list[Conversion] = []
    taken = set(contents)
    for process in bundle.processes.values():
        if process.component is None or process.place.file not in exports:
            continue
        identity = process.component.id
        file = _file(process.name, taken)
        try:
            text = yaml_of(process, given.get(identity, {}))
        except Unsayable as error:
            found.append(Conversion(name=process.name, id=identity, file=process.place.file, reasons=(str(error),)))
        else:
            found.append(Conversion(name=process.name, id=identity, file=file, yaml=text))
    return found


def _file(name: str, taken: set[str]) -> str:
    """Give a process a file that nothing else has."""
    stem, number = slug(name) or "process", 1
    file = f"processes/{stem}.yaml"
    while file in taken:
        number += 1
        file = f"processes/{stem}-{number}.yaml"
    taken.add(file)
    return file


def _files(bundle: Bundle, contents: Mapping[str, bytes], conversions: Collection[Conversion]) -> dict[str, bytes]:
    """Give the files of the bundle with these processes converted."""
    made = dict(contents)
    extensions: list[Extension] = []
    for one in conversions:
        if one.yaml is not None:
            process = bundle.processes[one.name]
            made.pop(process.place.file or "", None)
            made[one.file] = one.yaml.encode()
            extensions += [bundle.extensions[name] for name in _named(process) if name in bundle.extensions]
    if extensions:
        made[MANIFEST] = _manifest(made[MANIFEST], extensions)
    return made


def _named(process: Process) -> list[str]:
    """Give the extensions that a process begins with, which its export declared."""
    parts = [part for value in process.properties.values() for part in value.parts if not isinstance(part, str)]
    return [part.source.removeprefix("extension.") for part in parts]


def _manifest(content: bytes, extensions: Collection[Extension]) -> bytes:
    """Declare extensions in a manifest, whose other keys and remarks stay."""

    def declare(manifest: dict[str, Any]) -> None:
        declared = manifest.setdefault("extensions", {})
        for one in extensions:
            said = {"type": one.kind, "description": one.description, "default": one.default, "required": one.required}
            declared.setdefault(one.name, {key: value for key, value in said.items() if value is not None})

    return amended(content.decode(), declare).encode()


def _doubts(
    bundle: Bundle, files: Mapping[str, bytes], conversions: Collection[Conversion], catalogue: Catalogue
) -> dict[str, tuple[str, ...]]:
    """Give why processes do not mean the same as YAML, by name: that what was written is read is the proof of it."""
    with TemporaryDirectory(prefix="nuclide-convert-") as name:
        folder = Path(name) / "bundle"
        _write(files, folder)
        try:
            read = read_bundle(folder, catalogue)
        except BundleError as error:
            told = {
                one.name: tuple(problem.message for problem in error.problems if problem.place.file == one.file)
                for one in conversions
                if one.yaml is not None
            }
            doubts = {name: messages for name, messages in told.items() if messages}
            if doubts:
                return doubts
            messages = tuple(problem.message for problem in error.problems)
            return {one.name: messages for one in conversions if one.yaml is not None}
    found: dict[str, tuple[str, ...]] = {}
    for one in conversions:
        if one.yaml is not None:
            made = read.processes.get(one.name)
            differs = "the process itself" if made is None else same(bundle.processes[one.name], made)
            if differs is not None:
                found[one.name] = (f"{differs} would not be the same in YAML",)
    return found


def _doubted(one: Conversion, reasons: tuple[str, ...]) -> Conversion:
    return Conversion(name=one.name, id=one.id, file=one.file, reasons=reasons) if reasons else one
