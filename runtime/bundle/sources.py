"""The files of a bundle: which there may be, their bytes, and the digest over them.

Links are not followed, sizes and counts are bounded, and nothing but reading happens: a bundle is somebody's upload.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.findings import Findings, suggest
from runtime.errors import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MANIFEST = "bundle.yaml"
MOST_FILES = 2_000  # a bundle is one subject; more is a folder dropped by mistake
LARGEST_SOURCE = 256 * 1024  # bytes of a YAML, JSON or Python file: a person's text, and positions cost time to keep
LARGEST_FILE = 16 * 1024 * 1024  # bytes of any other file: a table of reference data
LARGEST_BUNDLE = 64 * 1024 * 1024  # bytes in all: it is read into memory at once

# The folders of a bundle, and the ending of the sources in them; None where any file may stand, at any depth.
FOLDERS: Mapping[str, str | None] = {
    "processes": ".yaml",
    "profiles": ".json",
    "maps": ".yaml",
    "connections": ".yaml",
    "flow-services": ".yaml",
    "scripts": ".py",
    "tests": None,
    "tables": None,
}
_NOT_YET = frozenset({"components"})  # exports of the platform
_SAMPLE = ".sample.json"  # a sample document beside its profile
_TEXTS = (".yaml", ".yml", ".json", ".py")


class Sources(Struct, frozen=True):
    """The files of a bundle by path (``/`` between folders): the bytes of all, the texts of its sources."""

    contents: dict[str, bytes]
    texts: dict[str, str]

    @property
    def digest(self) -> str:
        """Give the SHA-256 over all paths and contents, in hexadecimal; lengths keep neighbours apart."""
        digest = hashlib.sha256()
        for path in sorted(self.contents):
            for part in (path.encode(), self.contents[path]):
                digest.update(len(part).to_bytes(8, "big"))
                digest.update(part)
        return digest.hexdigest()

    def of(self, folder: str) -> Iterator[tuple[str, str, str]]:
        """Give name, path and text of each source in `folder`, by path; the name is the file's without its ending."""
        for path in sorted(self.texts):
            ending = FOLDERS[folder] or ""
            parent, _, file = path.rpartition("/")
            if parent == folder and file.endswith(ending) and not file.endswith(_SAMPLE):
                yield file.removesuffix(ending), path, self.texts[path]


def read_sources(folder: Path) -> tuple[Sources, Findings]:
    """Read every file of the bundle in `folder`; what does not belong there is among the findings.

    Hidden files, ``__pycache__`` and editors' copies (``name~``) are passed over as if they were not there.

    Raises:
        BundleError: the bundle as a whole is too large.
        OSError: the folder cannot be listed.
    """
    texts: dict[str, str] = {}
    findings = Findings(folder.name, texts)
    contents: dict[str, bytes] = {}
    size = 0
    for path, entry in _walk(folder, "", findings):
        if not _belongs(path, findings):
            continue
        content = _read(path, entry, findings)
        if content is None:
            continue
        size += len(content)
        if len(contents) >= MOST_FILES or size > LARGEST_BUNDLE:
            limit = f"{MOST_FILES} files, {LARGEST_BUNDLE // 1024**2} MiB"
            findings.add("too-large", f"the bundle is larger than its limits ({limit})", Place(file=path))
            findings.raise_any()  # the rest is not looked at
        contents[path] = content
        if path.endswith(_TEXTS) and _is_source(path):
            _decode(path, content, texts, findings)
    if MANIFEST not in contents:
        findings.add("missing-file", f"a bundle has a file '{MANIFEST}'", Place(file=MANIFEST), "add it: name, version")
    return Sources(contents, texts), findings


def _walk(folder: Path, above: str, findings: Findings) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(folder / above) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    for entry in entries:
        path = f"{above}{entry.name}"
        if entry.name.startswith(".") or entry.name.endswith("~") or entry.name == "__pycache__":
            continue
        if entry.is_symlink():
            findings.add("link", "a bundle holds no links", Place(file=path), "copy what it points to")
        elif entry.is_dir(follow_symlinks=False):
            if _is_known_folder(path, findings):
                yield from _walk(folder, f"{path}/", findings)
        elif entry.is_file(follow_symlinks=False):
            yield path, entry
        else:
            findings.add("unknown-file", "a bundle holds files and folders only", Place(file=path))


def _is_known_folder(path: str, findings: Findings) -> bool:
    top, *below = path.split("/")
    place = Place(file=path)
    if top in _NOT_YET:
        findings.add("unknown-folder", f"'{top}' cannot be read yet", place, "write the process as processes/*.yaml")
    elif top not in FOLDERS:
        findings.add("unknown-folder", f"a bundle has no folder '{top}'", place, suggest(top, FOLDERS))
    elif below and FOLDERS[top] is not None:
        findings.add("unknown-folder", f"'{top}' holds files, no folders", place, "move its files up")
    else:
        return True
    return False


def _belongs(path: str, findings: Findings) -> bool:
    pure = PurePosixPath(path)
    top = pure.parts[0] if len(pure.parts) > 1 else ""
    place = Place(file=path)
    if not top:
        if pure.suffix in {".yaml", ".yml"} and path != MANIFEST:
            findings.add("unknown-file", f"only {MANIFEST} stands here", place, _top_hint(pure))
            return False
        return True
    ending = FOLDERS[top]
    if ending is None or pure.suffix == ending or pure.name == "README.md":
        return True
    hint = f"rename it to '{pure.stem}{ending}'" if pure.suffix == ".yml" and ending == ".yaml" else None
    findings.add("unknown-file", f"'{top}' holds {ending} files", place, hint)
    return False


def _top_hint(path: PurePosixPath) -> str | None:
    if path.stem == "bundle":
        return f"rename it to '{MANIFEST}'"
    return suggest(path.name, [MANIFEST]) or "move it to its folder"


def _is_source(path: str) -> bool:
    top, _, rest = path.partition("/")
    return not rest or FOLDERS[top] is not None


def _read(path: str, entry: os.DirEntry[str], findings: Findings) -> bytes | None:
    limit = LARGEST_SOURCE if path.endswith(_TEXTS) and _is_source(path) else LARGEST_FILE
    try:
        size = entry.stat(follow_symlinks=False).st_size
        if size > limit:
            message = f"the file has {size} bytes; the limit is {limit}"
            findings.add("too-large", message, Place(file=path), "split it")
            return None
        with open(entry.path, "rb") as file:  # noqa: PTH123 - the entry has its path as text
            return file.read(limit)
    except OSError as error:
        findings.add("unreadable", f"the file cannot be read: {error.strerror}", Place(file=path))
        return None


def _decode(path: str, content: bytes, texts: dict[str, str], findings: Findings) -> None:
    try:
        texts[path] = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        findings.add(
            "not-text", "the file is not UTF-8", Place(file=path, line=line, column=column), "save it as UTF-8"
        )
