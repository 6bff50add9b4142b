"""Finding components in what people have: folders, archives, single files, and answers of the platform's API.

The bytes of a file that holds one component are kept as they are; components within another document are taken out.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree
from msgspec import Struct

from runtime.bundle.components.xml import LARGEST, XmlError, parse
from runtime.errors import HostError

MOST = 2_000  # components of one import: as many files as a bundle has at the most
_PLATFORM = "{http://api.platform.boomi.com/}"
_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


class Found(Struct, frozen=True):
    """A component: where it came from, who it is, and its bytes."""

    origin: str
    id: str
    version: int
    kind: str
    name: str
    content: bytes


class Collected(Struct, frozen=True):
    """The components, by the name that their file gets, and what was passed over with the reason."""

    files: dict[str, Found]
    passed_over: tuple[tuple[str, str], ...]


def collect(path: Path) -> Collected:
    """Find every component below `path`. Of several versions of one component the newest is taken.

    Raises:
        HostError: `path` cannot be read, or holds more than a bundle may.
    """
    newest: dict[str, Found] = {}
    passed: list[tuple[str, str]] = []
    for origin, content in _documents(path):
        try:
            components = list(_components(origin, content))
        except XmlError as error:
            passed.append((origin, error.message))
            continue
        if not components:
            passed.append((origin, "it holds no component"))
        for found in components:
            known = newest.get(found.id)
            if known is not None:
                older = min(known, found, key=lambda each: each.version)
                passed.append((older.origin, f"another file has a version of {found.name} that is as new"))
            if known is None or found.version > known.version:
                newest[found.id] = found
    if len(newest) > MOST:
        raise HostError("import.too-many", f"{path} holds {len(newest)} components; a bundle takes {MOST}")
    return Collected(_named(newest.values()), tuple(passed))


def _documents(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.suffix.lower() == ".xml" and file.is_file())
            for file in files:
                yield str(file.relative_to(path)), _bounded(file.read_bytes())
        elif zipfile.is_zipfile(path):
            yield from _archived(path)
        else:
            yield path.name, _bounded(path.read_bytes())
    except OSError as error:
        raise HostError("import.unreadable", f"{error.filename or path} cannot be read: {error.strerror}") from error


def _archived(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            if info.filename.lower().endswith(".xml") and not info.is_dir():
                with archive.open(info) as member:
                    yield info.filename, member.read(LARGEST + 1)


def _bounded(content: bytes) -> bytes:
    return content[: LARGEST + 1]


def _components(origin: str, content: bytes) -> Iterator[Found]:
    """Give the components of a document: itself, or those within it, as answers of the API have them.

    Raises:
        XmlError: it is no XML that is read here.
    """
    root = parse(content)  # within its bounds, so that what follows meets nothing hostile
    if root.tag == "Component":
        yield _found(origin, root.attributes, content)
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    for number, element in enumerate(etree.fromstring(content, parser).iter(f"{_PLATFORM}Component", "Component")):
        attributes = {str(name): str(value) for name, value in element.attrib.items()}
        if "type" in attributes:
            yield _found(f"{origin}#{number + 1}", attributes, etree.tostring(element, with_tail=False))


def _found(origin: str, attributes: dict[str, str], content: bytes) -> Found:
    version = attributes.get("version", "")
    return Found(
        origin=origin,
        id=attributes.get("componentId") or origin,
        version=int(version) if version.isdecimal() else 0,
        kind=attributes.get("type", ""),
        name=attributes.get("name") or origin,
        content=content,
    )


def _named(components: Iterable[Found]) -> dict[str, Found]:
    files: dict[str, Found] = {}
    for found in components:
        stem = f"{found.kind}-{found.name}".lower()
        name = stem = _PLAIN.sub("-", stem).strip("-.") or "component"
        number = 1
        while f"{name}.xml" in files:
            number += 1
            name = f"{stem}-{number}"
        files[f"{name}.xml"] = found
    return files
