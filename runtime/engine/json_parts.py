"""Split and Combine of JSON, as streams: a document may be far larger than memory, its elements may not.

`json_scan` finds the elements; here it is fed, and the event loop gets a turn every two milliseconds. Elements come out
byte for byte as they went in, without the blanks around them.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing

import msgspec
import trio

from runtime.engine.json_scan import Window, Wrapper, search
from runtime.errors import DocumentFault

FEED = 256 * 1024  # bytes of text added to the window at a time
LARGEST_HELD = 16 * 1024 * 1024  # bytes of elements held for the text after them, where a source can be read only once
PACE = 0.002  # seconds of computing after which others get a turn
GLANCE = 16  # parts between two looks at the clock

Source = bytes | AsyncGenerator[bytes] | Callable[[], AsyncGenerator[bytes]]
"""Content to read: whole, as chunks that can be read once, or as a function that opens it, so that it can be reread."""


_VALID = msgspec.json.Decoder(msgspec.Raw)


async def split(content: Source, element: tuple[str, ...], keep_wrapper: bool = False) -> AsyncGenerator[bytes]:  # noqa: FBT001, FBT002
    """Give the elements of the list at `element` (keys from the root; none for a list at the root), in order.

    A value there that is no list counts as one element; a document without that path gives nothing (platform behaviour
    30, 31). Of a key that stands twice in an object, the first counts. With `keep_wrapper` each element stands in the
    text that was around the list; content is then read twice, or held where it can be read only once.

    Raises:
        DocumentFault: ``json.malformed`` with the byte offset, ``json.too-deep``, ``split.too-large``.
    """
    if not keep_wrapper:
        async with aclosing(_parts(content, element, None)) as parts:
            async for part in parts:
                yield part
        return
    wrapper = Wrapper()
    held = await _survey(content, element, wrapper)
    prefix, suffix = wrapper.prefix.encode(), wrapper.suffix.encode()
    if held is not None:
        for part in held:
            yield prefix + part + suffix
        return
    async with aclosing(_parts(content, element, None)) as parts:
        async for part in parts:
            yield prefix + part + suffix


async def combine(parts: AsyncGenerator[bytes], element: tuple[str, ...] = ()) -> AsyncGenerator[bytes]:
    """Give the pieces of one document: a list of all parts, or an object with that list at `element`.

    The parts are closed however it ends.

    Raises:
        DocumentFault: ``json.empty``, ``json.malformed``, ``json.too-deep``: a part is not one JSON value.
    """
    yield b"".join(b"{%s:" % json.dumps(key).encode() for key in element) + b"["
    separator = b""
    async with aclosing(parts):
        async for part in parts:
            _check(part)
            yield separator + part
            separator = b","
    yield b"]" + b"}" * len(element)


def _check(part: bytes) -> None:
    if not part:
        raise DocumentFault("json.empty", "an empty document cannot be combined as JSON")
    try:
        _VALID.decode(part)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DocumentFault("json.malformed", f"a document to be combined is not JSON: {error}") from error
    except RecursionError as error:
        raise DocumentFault("json.too-deep", "a document to be combined is nested too deeply") from error


async def _survey(content: Source, element: tuple[str, ...], wrapper: Wrapper) -> list[bytes] | None:
    """Find the wrapper. Give the elements too where the content can be read only once."""
    once = not isinstance(content, bytes) and not callable(content)
    held: list[bytes] = []
    size = 0
    async with aclosing(_parts(content, element, wrapper)) as parts:
        async for part in parts:
            if once:
                held.append(part)
                size += len(part)
            if size > LARGEST_HELD:
                raise DocumentFault("split.too-large", "the document is too large to keep the text around its elements")
    return held if once else None


async def _parts(content: Source, element: tuple[str, ...], wrapper: Wrapper | None) -> AsyncGenerator[bytes]:
    """Feed the search, and give the event loop its turns."""
    window = Window(wrapper)
    turn = time.perf_counter()
    glances = 0
    async with aclosing(_feed(content)) as feed:
        for part in search(window, element):
            if part is None:
                piece = await anext(feed, None)
                if piece is None:
                    window.end()
                else:
                    window.add(piece)
                glances = GLANCE
            else:
                yield part
            glances += 1
            if glances >= GLANCE:
                glances = 0
                if time.perf_counter() - turn > PACE:
                    await trio.lowlevel.checkpoint()
                    turn = time.perf_counter()


async def _feed(content: Source) -> AsyncGenerator[bytes]:
    """Give the content in pieces of at most FEED bytes."""
    if isinstance(content, bytes):
        for piece in _pieces(content):
            yield piece
    elif callable(content):
        async with aclosing(content()) as chunks:
            async for chunk in chunks:
                for piece in _pieces(chunk):
                    yield piece
    else:
        async with aclosing(content) as chunks:
            async for chunk in chunks:
                for piece in _pieces(chunk):
                    yield piece


def _pieces(chunk: bytes) -> Iterator[bytes]:
    if len(chunk) <= FEED:
        yield chunk
        return
    for start in range(0, len(chunk), FEED):
        yield chunk[start : start + FEED]
