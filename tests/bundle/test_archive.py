"""Bundles as .zip archives: the same as their folder, and harmless whoever made them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.bundle import archive
from runtime.bundle.archive import pack
from runtime.bundle.read import read_bundle
from runtime.bundle.sources import read_sources
from runtime.errors import BundleError, Problem
from tests.bundle.house import CATALOGUE, SOUND, write

Write = Callable[[zipfile.ZipFile], None]


def entry(name: str, *, mode: int = 0o100644, system: int = 3) -> zipfile.ZipInfo:
    """Give an entry with the mode that Unix would give it."""
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name
    info.create_system, info.external_attr = system, mode << 16
    return info


def made(*more: Write, packing: int = zipfile.ZIP_DEFLATED, above: str = "") -> bytes:
    """Give a sound bundle as an archive, with what `more` writes into it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as file:
        for path, content in SOUND.items():
            file.writestr(above + path, content)
        for add in more:
            add(file)
    return buffer.getvalue()


def named(name: str, content: str = "x", mode: int = 0o100644) -> Write:
    """Write an entry of that name."""
    return lambda file: file.writestr(entry(name, mode=mode), content)


def zeros(name: str, size: int) -> Write:
    """Write an entry that is as small as it is large."""
    return lambda file: file.writestr(zipfile.ZipInfo(name), bytes(size), zipfile.ZIP_DEFLATED)


def problems(path: Path, content: bytes) -> tuple[Problem, ...]:
    """Read an archive that has mistakes, and give them."""
    path.write_bytes(content)
    try:
        read_bundle(path, CATALOGUE)
    except BundleError as error:
        return error.problems
    return ()


def patched(content: bytes, signature: bytes, at: int, value: bytes, *, last: bool = False) -> bytes:
    """Put bytes into the records of an archive that begin with `signature`: into all, or the last."""
    found = content.rfind(signature) if last else content.find(signature)
    while found >= 0:
        content = content[: found + at] + value + content[found + at + len(value) :]
        found = -1 if last else content.find(signature, found + 1)
    return content


CENTRAL, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "absolute": (lambda: made(named("/etc/passwd")), "bundle.bad-name"),
    "a drive": (lambda: made(named("C:/windows")), "bundle.bad-name"),
    "a backslash": (lambda: made(named("tables\\..\\..\\x")), "bundle.bad-name"),
    "up and away": (lambda: made(named("tables/../../x")), "bundle.bad-name"),
    "up, hidden": (lambda: made(named(".git/../../x")), "bundle.bad-name"),
    "up, as a folder": (lambda: made(named("../")), "bundle.bad-name"),
    "an empty part": (lambda: made(named("tables//x")), "bundle.bad-name"),
    "a dot": (lambda: made(named("tables/./x")), "bundle.bad-name"),
    "a line end": (lambda: made(named("tables/a\nb")), "bundle.bad-name"),
    "a null": (lambda: made(named("tables/aXb")).replace(b"aXb", b"a\0b"), "bundle.bad-name"),
    "twice": (
        lambda: made(named("tables/x"), named("tables/y")).replace(b"tables/y", b"tables/x"),
        "bundle.name-taken",
    ),
    "a file and a folder": (lambda: made(named("tables/x"), named("tables/x/y")), "bundle.name-taken"),
    "a link": (lambda: made(named("tables/x", "/etc/passwd", 0o120777)), "bundle.link"),
    "a pipe": (lambda: made(named("tables/x", "", 0o010644)), "bundle.unknown-file"),
    "encrypted": (lambda: patched(made(), CENTRAL, 8, b"\x01\x00"), "bundle.encrypted"),
    "another packing": (lambda: made(packing=zipfile.ZIP_LZMA), "bundle.unknown-packing"),
    "a bomb": (lambda: made(zeros("tables/x", 4 << 20)), "bundle.too-large"),
    "a large file": (lambda: made(zeros("tables/x", 20 << 20)), "bundle.too-large"),
    "large in all": (lambda: made(*(zeros(f"tables/{n}", 9 << 20) for n in range(8))), "bundle.too-large"),
    "too many": (lambda: made(*(named(f"tables/{n}") for n in range(2_100))), "bundle.too-large"),
    "far too many": (lambda: made(*(named(f"tables/{n}") for n in range(20_000))), "bundle.too-large"),
    "zip64": (lambda: _with_zip64(made()), "bundle.too-large"),
    "half of it": (lambda: made()[:-300], "bundle.not-an-archive"),
    "the other half": (lambda: made()[300:], "bundle.unreadable"),
    "no archive": (lambda: b"name: x\n" * 100, "bundle.not-an-archive"),
    "nothing": (lambda: b"", "bundle.not-an-archive"),
    "a list that lies": (lambda: patched(made(), END, 16, b"\xff\xff\xff\x00", last=True), "bundle.unreadable"),
    "sizes that lie": (lambda: patched(made(), CENTRAL, 24, struct.pack("<L", 9)), "bundle.unreadable"),
    "a wrong checksum": (lambda: patched(made(), CENTRAL, 16, b"\0\0\0\0"), "bundle.unreadable"),
    "damaged content": (lambda: patched(made(), LOCAL, 45, b"\xff\xff\xff\xff"), "bundle.unreadable"),
    "no manifest": (lambda: pack({"maps/m.yaml": b"fields: {}"}), "bundle.missing-file"),
}


def _with_zip64(content: bytes) -> bytes:
    at = content.rfind(END)
    return content[:at] + b"PK\x06\x07" + bytes(16) + content[at:]


@pytest.mark.parametrize("attack", HOSTILE)
def test_what_is_made_to_hurt_is_refused_by_name(tmp_path: Path, attack: str) -> None:
    """Each trick that archives can play ends in its own problem; nothing is written anywhere."""
    make, code = HOSTILE[attack]
    found = problems(tmp_path / "b.zip", make())
    assert code in {problem.code for problem in found}
    assert [path.name for path in tmp_path.iterdir()] == ["b.zip"]


def test_nothing_is_unpacked_of_what_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb is refused by what it declares."""

    def never(*_: object) -> bytes:
        raise AssertionError("it was unpacked")

    monkeypatch.setattr(archive, "_read", never)
    assert problems(tmp_path / "b.zip", made(zeros("tables/x", 4 << 20)))


def test_an_archive_that_is_too_large_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive itself has a limit."""
    monkeypatch.setattr(archive, "LARGEST_ARCHIVE", 100)
    (problem,) = problems(tmp_path / "b.zip", made())
    assert problem.code == "bundle.too-large"


def _commented(content: bytes) -> bytes:
    comment = b"0123456789abcdef" * 3
    return content[:-2] + len(comment).to_bytes(2, "little") + comment


@pytest.mark.parametrize(
    "content",
    [
        made(),
        made(packing=zipfile.ZIP_STORED),
        made(above="pricing-1.10/"),
        made(named("__MACOSX/._bundle.yaml"), named(".DS_Store"), named("maps/m.yaml~")),
        made(named("tables/", "", 0o040755), named("maps/", "", 0o040755)),
        _commented(made()),
        pack({name: text.encode() if isinstance(text, str) else text for name, text in SOUND.items()}),
    ],
    ids=["plain", "stored", "enclosed", "litter", "folders", "comment", "packed by us"],
)
def test_an_archive_is_its_folder(tmp_path: Path, content: bytes) -> None:
    """However a folder is packed, what comes out is the same version."""
    folder, path = write(tmp_path / "folder", SOUND), tmp_path / "b.zip"
    path.write_bytes(content)
    assert read_sources(path)[0] == read_sources(folder)[0]
    assert read_bundle(path, CATALOGUE).digest == read_bundle(folder, CATALOGUE).digest


def test_mistakes_have_the_places_that_they_have_in_the_folder(tmp_path: Path) -> None:
    """Nobody needs to unpack an archive to find the line."""
    found = problems(tmp_path / "b.zip", made(named("connections/c.yaml", "connector: http\nurll: x\n")))
    assert "connections/c.yaml:2:1" in {str(problem.place) for problem in found}


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 5_000), st.binary(min_size=1, max_size=6)), min_size=1, max_size=5))
def test_a_damaged_archive_is_read_or_refused(damage: list[tuple[int, bytes]]) -> None:
    """No damage makes reading fail otherwise than with problems."""
    content = bytearray(made())
    for place, value in damage:
        at = place % len(content)
        content[at : at + len(value)] = value
    with TemporaryDirectory() as folder:
        problems(Path(folder) / "b.zip", bytes(content))
