"""Multipart bodies, however they are cut on their way, and whatever they hold."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.errors import RequestError
from runtime.flow.uploads import sort_parts
from runtime.web.multipart import PIECE, Multipart, PartHead, boundary_of

Parts = list[tuple[PartHead, bytes]]

BOUNDARY = b"b0"
MOST_PARTS = 8
_NAMES = st.text(st.sampled_from("abAB ü=;'-"), min_size=1, max_size=6).map(str.strip).filter(bool)


async def read(body: bytes, *, cuts: int = PIECE) -> Parts:
    """Read a body that arrives in pieces of so many bytes."""

    async def pieces() -> AsyncGenerator[bytes]:
        for start in range(0, len(body), cuts):
            yield body[start : start + cuts]

    parts: Parts = []
    async with aclosing(pieces()) as arriving:
        reader = Multipart(arriving, BOUNDARY, MOST_PARTS)
        while (head := await reader.next()) is not None:
            async with aclosing(reader.content()) as content:
                parts.append((head, b"".join([piece async for piece in content])))
    return parts


def written(parts: Parts, *, quote: str = '"') -> bytes:
    """Write a body as .NET does, with or without quotes around names."""
    lines: list[bytes] = []
    for head, content in parts:
        disposition = f"Content-Disposition: form-data; name={quote}{head.name}{quote}"
        if head.filename is not None:
            disposition += f"; filename={quote}{head.filename}{quote}"
        lines += [b"--" + BOUNDARY, disposition.encode()]
        lines += [f"Content-Type: {head.content_type}".encode()] if head.content_type else []
        lines += [b"", content]
    return b"\r\n".join([*lines, b"--" + BOUNDARY + b"--", b""])


_heads = st.builds(
    PartHead,
    name=_NAMES,
    filename=st.none() | _NAMES,
    content_type=st.sampled_from(["", "text/plain", "application/json; charset=utf-8"]),
)
_A_BOUNDARY = re.compile(rb"(?:\A|[\r\n])--b0(?:--|\s*(?:[\r\n]|\Z))")
# What looks like a boundary and is none, line ends of every kind, and anything.
_contents = (
    st.binary(max_size=60)
    | st.lists(
        st.sampled_from([b"\r\n", b"\r", b"\n", b"--", b"--b0x", b"--b0-", b"-", b"b0", b" ", b"x"]), max_size=12
    ).map(b"".join)
).filter(lambda content: _A_BOUNDARY.search(content) is None)


@given(st.lists(st.tuples(_heads, _contents), min_size=1, max_size=4), st.integers(1, 50))
@example([(PartHead(name="f", filename="a", content_type=""), b"x")], 1)  # a cut between the last two dashes
@example([(PartHead(name="f", filename="a", content_type=""), b"\r\n--b0x\r\n--b")], 1)
async def test_parts_survive_any_cut(parts: Parts, cuts: int) -> None:
    """Names and contents come out as they went in, wherever the network cuts the body."""
    assert await read(written(parts), cuts=cuts) == parts


@given(st.binary(max_size=300), st.integers(1, 40))
async def test_noise_is_refused_or_read(noise: bytes, cuts: int) -> None:
    """Whatever bytes come, the reader gives parts or refuses them as the caller's mistake; nothing else is raised."""
    for body in (noise, b"--b0\r\n" + noise, b'--b0\r\nContent-Disposition: form-data; name="f"\r\n' + noise):
        with suppress(RequestError):
            await read(body, cuts=cuts)


@pytest.mark.parametrize("quote", ['"', ""])
async def test_names_are_quoted_or_bare(quote: str) -> None:
    """.NET writes the names of parts without quotes; others quote them."""
    parts = [(PartHead(name="FileDataRequest", filename=None, content_type=""), b"{}")]
    assert await read(written(parts, quote=quote)) == parts


@pytest.mark.parametrize(
    ("written_name", "filename"),
    [
        ('filename="a.txt"', "a.txt"),
        ('filename="C:\\\\Users\\\\ada\\\\a.txt"', "a.txt"),
        ('filename="../../etc/passwd"', "passwd"),
        ('filename=".."', None),
        ('filename=""', None),
        ('filename="a\x7fb.txt"', "ab.txt"),
        ("filename*=UTF-8''na%C3%AFve.txt", "naïve.txt"),
        ('filename="=?utf-8?B?bmHDr3ZlLnR4dA==?="', "naïve.txt"),
        ('filename="=?nonsense?="', "=?nonsense?="),
        ('filename="naïve.txt"', "naïve.txt"),
    ],
)
async def test_a_file_name_is_a_name(written_name: str, filename: str | None) -> None:
    """A file name is never a path, in whatever way it was written down."""
    head = f"--b0\r\nContent-Disposition: form-data; name=file; {written_name}\r\n\r\nx\r\n--b0--\r\n"
    ((part, content),) = await read(head.encode())
    assert (part.filename, content) == (filename, b"x")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "cannot be read"),
        (b"--b0\r\nContent-Disposition: form-data; name=f\r\n\r\nhalf", "cannot be read"),
        (b"--b0\r\nContent-Type: text/plain\r\n\r\nx\r\n--b0--\r\n", "Content-Disposition"),
        (b"--b0\r\nContent-Disposition: form-data; name=\xff\r\n\r\nx\r\n--b0--\r\n", "cannot be read"),
        (b"x" * 5 * PIECE, "larger than"),
        (b"--b0\r\nX: " + b"x" * 5 * PIECE, "larger than"),
        (
            written([(PartHead(name="f", filename=None, content_type=""), b"")] * (MOST_PARTS + 1)),
            f"more than {MOST_PARTS}",
        ),
    ],
)
async def test_a_broken_body_is_the_callers(body: bytes, words: str) -> None:
    """A body that breaks off, or goes on for ever without saying anything, is refused with its reason."""
    with pytest.raises(RequestError, match=words) as refused:
        await read(body)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=b0", b"b0"),
        ('multipart/form-data; boundary="b 0"', b"b 0"),
        ("application/octet-stream; boundary=b0", b"b0"),
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=" + "x" * 80, 400),
        ("application/octet-stream", 415),
        ("application/json", 415),
        (None, 415),
    ],
)
def test_a_boundary_is_wanted(content_type: str | None, boundary: bytes | int) -> None:
    """A body without parts is refused with the status that says so."""
    if isinstance(boundary, bytes):
        assert boundary_of(content_type) == boundary
        return
    with pytest.raises(RequestError) as refused:
        boundary_of(content_type)
    assert refused.value.status == boundary


def _part(name: str, filename: str | None = None, content_type: str = "") -> PartHead:
    return PartHead(name=name, filename=filename, content_type=content_type)


@pytest.mark.parametrize(
    ("parts", "request_part", "files"),
    [
        ([_part("FileDataRequest"), _part("file", "a")], 0, [1]),
        ([_part("FileData", "a"), _part("filedatarequest")], 1, [0]),
        ([_part("file", "a.json", "application/json"), _part("x", None, "application/json")], 1, [0]),
        ([_part("FileDataRequest"), _part("file", "a.json", "application/json"), _part("b", "b")], 0, [1, 2]),
        ([_part("FileDataRequest"), _part("note"), _part("file", "a")], 0, [2]),
        ([_part("FileDataRequest"), _part("file")], 0, [1]),
        ([_part("file", "a.json", "application/json")], None, []),
        ([_part("FileDataRequest")], None, []),
        ([], None, []),
    ],
)
def test_parts_are_told_apart(parts: list[PartHead], request_part: int | None, files: list[int]) -> None:
    """The request is told by its name, or else as JSON without a file name; the others with names are files."""
    if request_part is None:
        with pytest.raises(RequestError):
            sort_parts(parts)
        return
    assert sort_parts(parts) == (request_part, files)
