"""The files of a bundle: which there may be, their bytes, and the digest over them.

Links are not followed, sizes and counts are bounded, and nothing but reading happens: a bundle is somebody's upload.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle import archive, folder
from runtime.bundle.files import LARGEST_BUNDLE, LARGEST_FILE, LARGEST_SOURCE, MOST_FILES, File
from runtime.bundle.findings import Findings, suggest
from runtime.errors import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MANIFEST = archive.MANIFEST
SCHEDULES = "schedules.yaml"

# The folders of a bundle, and the ending of the sources in them; None where any file may stand, at any depth.
FOLDERS: Mapping[str, str | None] = {
    "processes": ".yaml",
    "profiles": ".json",
    "maps": ".yaml",
    "connections": ".yaml",
    "flow-services": ".yaml",
    "api-services": ".yaml",
    "scripts": ".py",
    "components": ".xml",
    "tests": None,
    "tables": None,
}
STYLESHEET = ".xsl"  # stands beside the scripts
FORMATS = ".yaml"  # of profiles that are no JSON Schema: they stand beside those that are
_SAMPLE = ".sample.json"  # a sample document beside its profile
_TEXTS = (".yaml", ".yml", ".json", ".py", STYLESHEET)


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

    def of(self, folder: str, ending: str | None = None) -> Iterator[tuple[str, str, str]]:
        """Give name, path and text of each source in `folder`, by path; the name is the file's without its ending.

        `ending` is that of the files that are meant, where the folder holds several kinds.
        """
        ending = ending or FOLDERS[folder] or ""
        for path in sorted(self.texts):
            parent, _, file = path.rpartition("/")
            if parent == folder and file.endswith(ending) and not file.endswith(_SAMPLE):
                yield file.removesuffix(ending), path, self.texts[path]

    def stylesheets(self) -> dict[str, str]:
        """Give the text of each stylesheet, by its name in ``scripts/``."""
        head = "scripts/"
        found = (path for path in sorted(self.texts) if path.startswith(head) and path.endswith(STYLESHEET))
        return {path.removeprefix(head): self.texts[path] for path in found}

    def components(self) -> dict[str, bytes]:
        """Give the exports of the platform by path, as they are."""
        return {path: self.contents[path] for path in sorted(self.contents) if is_component(path)}


def is_component(path: str) -> bool:
    """Tell whether a file is an export of the platform."""
    return path.startswith("components/") and path.endswith(".xml")


def read_sources(path: Path) -> tuple[Sources, Findings]:
    """Read every file of the bundle at `path`, a folder or a .zip; what does not belong there is among the findings.

    A folder and the same folder as an archive give the same sources, and so the same digest. What editors and copying
    tools leave behind is passed over as if it were not there.

    Raises:
        BundleError: the bundle as a whole is too large, or is no archive.
        OSError: the folder cannot be listed, or the archive cannot be read.
    """
    collected = _Collected(path.name)
    if path.is_dir():
        files = folder.files(path, collected.enters, collected.findings)
    else:
        files = archive.files(path, collected.enters, collected.findings)
    for file in files:
        collected.add(file)
    if MANIFEST not in collected.contents:
        message = f"a bundle has a file '{MANIFEST}'"
        collected.findings.add("missing-file", message, Place(file=MANIFEST), "add it: name, version")
    return Sources(collected.contents, collected.texts), collected.findings


class _Collected:
    """The files of one bundle so far."""

    def __init__(self, bundle: str) -> None:
        self.contents: dict[str, bytes] = {}
        self.texts: dict[str, str] = {}
        self.findings = Findings(bundle, self.texts)
        self._folders: dict[str, bool] = {}
        self._size = 0

    def enters(self, path: str) -> bool:
        """Tell whether files of the folder `path` belong to a bundle; a wrong folder is told once."""
        if path not in self._folders:
            self._folders[path] = _is_known_folder(path, self.findings)
        return self._folders[path]

    def add(self, file: File) -> None:
        """Take a file in.

        Raises:
            BundleError: with it the bundle is larger than its limits.
        """
        path = file.path
        if not _belongs(path, self.findings):
            return
        content = _read(file, self.findings)
        if content is None:
            return
        self._size += len(content)
        if len(self.contents) >= MOST_FILES or self._size > LARGEST_BUNDLE:
            limit = f"{MOST_FILES} files, {LARGEST_BUNDLE // 1024**2} MiB"
            self.findings.add("too-large", f"the bundle is larger than its limits ({limit})", Place(file=path))
            self.findings.raise_any()  # the rest is not looked at
        self.contents[path] = content
        if path.endswith(_TEXTS) and _is_source(path):
            _decode(path, content, self.texts, self.findings)


def _is_known_folder(path: str, findings: Findings) -> bool:
    top, *below = path.split("/")
    place = Place(file=path)
    if top not in FOLDERS:
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
        if pure.suffix in {".yaml", ".yml"} and path not in {MANIFEST, SCHEDULES}:
            findings.add("unknown-file", f"only {MANIFEST} and {SCHEDULES} stand here", place, _top_hint(pure))
            return False
        return True
    ending = FOLDERS[top]
    others = {"scripts": STYLESHEET, "profiles": FORMATS}
    if ending is None or pure.suffix in {ending, others.get(top)} or pure.name == "README.md":
        return True
    hint = f"rename it to '{pure.stem}{ending}'" if pure.suffix == ".yml" and ending == ".yaml" else None
    findings.add("unknown-file", f"'{top}' holds {ending} files", place, hint)
    return False


def _top_hint(path: PurePosixPath) -> str | None:
    if path.stem == "bundle":
        return f"rename it to '{MANIFEST}'"
    return suggest(path.name, [MANIFEST, SCHEDULES]) or "move it to its folder"


def _is_source(path: str) -> bool:
    top, _, rest = path.partition("/")
    return not rest or FOLDERS[top] is not None


def _read(file: File, findings: Findings) -> bytes | None:
    limit = LARGEST_SOURCE if file.path.endswith(_TEXTS) and _is_source(file.path) else LARGEST_FILE
    place = Place(file=file.path)
    if file.size > limit:
        findings.add("too-large", f"the file has {file.size} bytes; the limit is {limit}", place, "split it")
        return None
    try:
        return file.read(limit)
    except OSError as error:
        findings.add("unreadable", f"the file cannot be read: {error.strerror or error}", place)
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
