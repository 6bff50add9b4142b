"""The files of a bundle that is a .zip: the border of `zipfile`.

The archive is read into memory once and unpacked nowhere, so no name in it can reach a disk and whoever replaces it
meanwhile harms nothing. What it declares is checked before anything is unpacked, and what comes out never exceeds what
it declared.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from functools import partial
from typing import TYPE_CHECKING

from runtime.bundle.files import LARGEST_BUNDLE, LARGEST_FILE, MOST_FILES, File, is_litter
from runtime.errors import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from runtime.bundle.findings import Findings

MANIFEST = "bundle.yaml"
LARGEST_ARCHIVE = LARGEST_BUNDLE + 4 * 1024 * 1024  # bytes: the files of a bundle without compression, and their names
LARGEST_DIRECTORY = 1024 * 1024  # bytes of the list of entries: 2,000 of them with long names; it becomes objects
HIGHEST_RATIO = 200  # unpacked to packed: tables of repeated values reach 100, what is made to hurt about 1,000
RATIO_COUNTS_FROM = 1024 * 1024  # bytes: below this a high ratio does no harm

_END = struct.Struct("<4s4H2LH")  # end of central directory: signature, counts, its size, its place, comment's length
_END_SIGNATURE = b"PK\x05\x06"
_END64_LOCATOR = b"PK\x06\x07"
_LOCATOR_SIZE = 20  # bytes, just before the end record
_LONGEST_COMMENT = 65_535  # bytes, behind the end record
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # flags of an entry: encrypted, strongly, its header masked
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OSError, RuntimeError, OverflowError)


def files(path: Path, enters: Callable[[str], bool], findings: Findings) -> Iterator[File]:
    """Give every file in the archive at `path`, by path; `enters` says which folders belong to a bundle.

    A folder that encloses everything, as archivers like to add it, is left out of the paths.

    Raises:
        BundleError: it is no archive, it is larger than an archive may be, or it is made to hurt.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(LARGEST_ARCHIVE + 1)
    _check_size(data, findings)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _UNREADABLE as error:
        _refuse(findings, "not-an-archive", f"the file is no zip archive: {error}", "copy it again, whole")
        return
    with archive:
        infos = [info for info in archive.infolist() if not _is_litter(info)]
        _check_entries(infos, findings)
        enclosing = _enclosing([info.orig_filename for info in infos])
        found = {info.orig_filename.removeprefix(enclosing): info for info in infos if not info.is_dir()}
        for name in sorted(found):
            if all([enters(folder) for folder in _folders(name)]):  # noqa: C419 - each wrong one is told
                yield File(name, found[name].file_size, partial(_read, archive, found[name]))


def pack(contents: Mapping[str, bytes]) -> bytes:
    """Give these files as an archive that `files` reads; equal files give equal bytes. Nothing is compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(contents):
            archive.writestr(zipfile.ZipInfo(name), contents[name])
    return buffer.getvalue()


def _check_size(data: bytes, findings: Findings) -> None:
    """Refuse an archive whose mere list of entries would fill the memory."""
    if len(data) > LARGEST_ARCHIVE:
        _refuse(findings, "too-large", f"the archive is larger than {LARGEST_ARCHIVE // 1024**2} MiB", "split it")
    at = _end_of(data)
    if at is None:
        _refuse(findings, "not-an-archive", "the file is no zip archive, or not all of it", "copy it again, whole")
        return
    if data[max(0, at - _LOCATOR_SIZE) :].startswith(_END64_LOCATOR):
        _refuse(findings, "too-large", "the archive has the form for more than 4 GiB", "pack it without zip64")
    directory = _END.unpack_from(data, at)[5]
    if directory > LARGEST_DIRECTORY:
        _refuse(findings, "too-large", f"the archive lists too much; a bundle has at most {MOST_FILES} files")


def _end_of(data: bytes) -> int | None:
    """Find the end record where `zipfile` finds it: at the very end, or before a comment."""
    last = len(data) - _END.size
    if last < 0:
        return None
    if data.startswith(_END_SIGNATURE, last) and data.endswith(b"\0\0"):
        return last
    at = data.rfind(_END_SIGNATURE, max(0, last - _LONGEST_COMMENT))
    return at if 0 <= at <= last else None


def _check_entries(infos: list[zipfile.ZipInfo], findings: Findings) -> None:
    """Refuse what is made to hurt, before anything is unpacked."""
    if len(infos) > 2 * MOST_FILES:  # folders count, too
        _refuse(findings, "too-large", f"the archive has {len(infos)} entries; a bundle has at most {MOST_FILES} files")
    if sum(info.file_size for info in infos) > LARGEST_BUNDLE:
        _refuse(findings, "too-large", f"unpacked, the archive is larger than {LARGEST_BUNDLE // 1024**2} MiB")
    files: set[str] = set()
    for info in infos:
        name = info.orig_filename
        code, message = _objection(info) or (("name-taken", "the name is there twice") if name in files else ("", ""))
        if code:
            findings.add(code, message, Place(file=_shown(name)))
        if not name.endswith("/"):  # `is_dir` knows no empty name
            files.add(name)
    for info in infos:
        if not files.isdisjoint(_folders(info.orig_filename)):
            findings.add("name-taken", "a file has the name of a folder", Place(file=_shown(info.orig_filename)))
    findings.raise_any()


def _objection(info: zipfile.ZipInfo) -> tuple[str, str] | None:
    name, kind = info.orig_filename, stat.S_IFMT(info.external_attr >> 16)
    if (reason := _bad_name(name)) is not None:
        return "bad-name", reason
    if kind == stat.S_IFLNK:
        return "link", "a bundle holds no links"
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "unknown-file", "a bundle holds files and folders only"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted", "the entry is encrypted: a bundle must be readable"
    if info.compress_type not in _PACKINGS:
        return "unknown-packing", "the entry is packed in a way that is not deflate"
    if info.file_size > LARGEST_FILE:
        return "too-large", f"the file has {info.file_size} bytes; the limit is {LARGEST_FILE}"
    if info.file_size > RATIO_COUNTS_FROM and info.file_size > HIGHEST_RATIO * max(1, info.compress_size):
        return "too-large", f"the file unpacks to more than {HIGHEST_RATIO} times its size"
    return None


def _bad_name(name: str) -> str | None:
    """Say what is wrong with the name of an entry; a good one is relative and stays below its folder."""
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "the name is absolute"
    if "\\" in name:
        return "the name has a backslash; folders are parted by '/'"
    if re.search(r"[\x00-\x1f\x7f]", name) or _shown(name) != name:
        return "the name has characters that no name has"
    parts = name.removesuffix("/").split("/")
    if ".." in parts:
        return "the name leads out of the bundle"
    return "the name has empty parts" if "" in parts or "." in parts else None


def _is_litter(info: zipfile.ZipInfo) -> bool:
    """Tell whether an entry is passed over; one with a bad name never is: it has to be told."""
    name = info.orig_filename
    return _bad_name(name) is None and any(is_litter(part) for part in name.split("/"))


def _enclosing(names: list[str]) -> str:
    """Give the folder (with its ``/``) that encloses every entry, or nothing."""
    if MANIFEST in names:
        return ""
    tops = {name.split("/", 1)[0] for name in names}
    top = next(iter(tops)) if len(tops) == 1 else ""
    return f"{top}/" if f"{top}/{MANIFEST}" in names else ""


def _folders(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    try:
        with archive.open(info) as file:
            content = file.read(most)
            file.read(1)  # at the very end the checksum is compared
    except _UNREADABLE as error:
        raise OSError(str(error)) from error
    if len(content) != info.file_size:
        raise OSError("it is not as long as the archive says")
    return content


def _shown(name: str) -> str:
    return name.encode(errors="replace").decode()[:200]


def _refuse(findings: Findings, code: str, message: str, hint: str | None = None) -> None:
    findings.add(code, message, Place(file=None), hint)
    findings.raise_any()
