"""What must not be in clear: fields that a bundle marks, and the secrets that its machine gives.

A path is names with dots between them (``card.number``); lists on the way are gone through, with or without ``[]``. It
is looked for at every depth, so that an envelope around a document uncovers nothing; a name alone stands for every
field of that name. The work copies that recovery needs are sealed and erased with the execution; what people read is
masked here: texts (`Secrets`), and what is shown of documents (`Masking`).
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import msgspec
import trio

from runtime.errors import DocumentFault
from runtime.expressions.json_pieces import decode_large
from runtime.expressions.json_values import LARGE, PIECE
from runtime.observe.redaction import MASK, is_secret_name

if TYPE_CHECKING:
    from runtime.engine.batch import Batch
    from runtime.engine.contents import Contents
    from runtime.model.document import Document

MOST = 10_000  # values of one execution: beyond them nothing of its texts is told at all
SHORTEST = 2  # characters: one alone stands everywhere, and tells nothing
SHORTEST_WITHIN = 6  # bytes of a secret that is looked for within longer base64: fewer look like anything
CHARACTER = 4  # bytes of the longest in UTF-8
LARGEST = 64 * 1024  # bytes of a content that is masked: decoding it takes a fraction of a millisecond

_ERRORS = {"catcherrorsmessage", "message", "businessrulesmessage", "cleansemessage"}
_NAMED = ("pass", "secret", "token", "key", "credential", "cookie", "authorization")  # as `is_secret_name` looks
_UNSAFE = str.maketrans("+/", "-_")  # base64 as it stands in addresses
_SKIPPED = (0, 2, 3)  # characters of base64 that depend on what is before the secret, by how many bytes that is

_decoder = msgspec.json.Decoder()


class Marks:
    """The fields that a bundle marks."""

    def __init__(self, paths: Iterable[str]) -> None:
        plain = (path.replace("[]", "").removeprefix("$").strip("/.").replace("/", ".") for path in paths)
        parts = [tuple(path.split(".")) for path in plain if path]
        self._paths = [path for path in parts if len(path) > 1]
        self._names = {path[0] for path in parts if len(path) == 1}
        self.last = frozenset(path[-1] for path in parts)

    @property
    def is_needed(self) -> bool:
        """Whether anything is marked."""
        return bool(self.last)

    def cover(self, path: tuple[str, ...]) -> bool:
        """Tell whether the field at a path, names from the root, is marked."""
        return path[-1] in self._names or any(path[-len(marked) :] == marked for marked in self._paths)

    def within(self, value: Any, path: tuple[str, ...] = ()) -> Iterator[Any]:  # noqa: ANN401 - JSON
        """Give what stands in marked fields of a value."""
        if isinstance(value, list):
            for item in value:
                yield from self.within(item, path)
        elif isinstance(value, dict):
            for name, inner in value.items():
                if self.cover(at := (*path, name)):
                    yield inner
                else:
                    yield from self.within(inner, at)


class Words:
    """Texts that are looked for in others, however many: by their first characters, then by their lengths."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts: set[str] = set()
        self._lengths: dict[str, list[int]] = {}
        self.secrets = 0
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Look for a text, and for what becomes of it in JSON, XML, addresses and base64."""
        if len(text) < SHORTEST or text in self._texts:
            return
        self.secrets += 1
        for form in {text, *disguises(text)}:
            self._texts.add(form)
            lengths = self._lengths.setdefault(form[:SHORTEST], [])
            if len(form) not in lengths:
                lengths.append(len(form))
                lengths.sort(reverse=True)

    def masked(self, text: str) -> str:
        """Give a text with each of them masked, the longest first."""
        if not self._texts:
            return text
        parts: list[str] = []
        at = since = 0
        while at < len(text):
            for length in self._lengths.get(text[at : at + SHORTEST], ()):
                if text[at : at + length] in self._texts:
                    parts += (text[since:at], MASK)
                    at = since = at + length
                    break
            else:
                at += 1
        return "".join((*parts, text[since:])) if parts else text


def disguises(text: str) -> Iterator[str]:
    """Give what a text looks like where other systems and libraries have written it down."""
    yield msgspec.json.encode(text).decode()[1:-1]
    yield json.dumps(text)[1:-1]  # as libraries write it that keep to ASCII
    yield html.escape(text)
    try:
        data = text.encode()
    except UnicodeEncodeError:  # half a character: it is nowhere but here
        return
    percent = quote(text, safe="")
    yield from (percent, quote(text))
    yield re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), percent)
    yield quote_plus(text)
    whole = b64encode(data).decode()
    yield from (whole, whole.translate(_UNSAFE))
    if len(data) >= SHORTEST_WITHIN:
        for before, skipped in enumerate(_SKIPPED):
            inner = b64encode(b"\0" * before + data).decode()[skipped : (before + len(data)) * 8 // 6]
            yield from (inner, inner.translate(_UNSAFE))


class Secrets:
    """What must stand in no text of one execution: the machine's secrets, and what documents hold in marked fields."""

    def __init__(self, marks: Marks, known: Words) -> None:
        self._marks = marks
        self._known = known
        self._learned = Words()

    @property
    def is_needed(self) -> bool:
        """Whether documents have anything to learn from."""
        return self._marks.is_needed

    async def learn(self, batch: Batch, contents: Contents) -> None:
        """Learn from documents that reach a step."""
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for document in chunk:
                    if isinstance(document.content, bytes) or await _begins_as_json(document, contents):
                        content = await contents.read(document)
                        if len(content) <= LARGE:
                            self.learn_from(content)
                        else:
                            await trio.to_thread.run_sync(self.learn_from, content)

    def learn_from(self, content: bytes) -> None:
        """Learn from a content; one that is not JSON has no fields."""
        try:
            value = decode_large(content, PIECE, _decoder.decode)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, DocumentFault):
            return
        for inner in self._marks.within(value):
            for text in _texts(inner):
                if self._learned.secrets <= MOST:
                    self._learned.add(text)

    def masked(self, text: str) -> str:
        """Give a text with everything that is secret masked."""
        if self._learned.secrets > MOST:
            return MASK
        return self._learned.masked(self._known.masked(text))


class Masking:
    """Masks what is shown of documents, by their names and places, without having read them before."""

    def __init__(self, marks: Marks, known: Words) -> None:
        self._marks = marks
        self._known = known
        self.is_needed = marks.is_needed  # whether anything is marked

    def properties(self, values: dict[str, str]) -> dict[str, str]:
        """Give properties with those masked that are marked, or secret by their name."""
        if not values:
            return {}
        marked = self._marks.last
        return {
            name: MASK if name in marked or is_secret_name(name) else self._known.masked(text)
            for name, text in values.items()
        }

    def meta(self, values: dict[str, str]) -> dict[str, str]:
        """Give what steps tell of a document; the texts of errors may hold what is marked."""
        return {name: self.text(text) if name in _ERRORS else text for name, text in self.properties(values).items()}

    def text(self, text: str) -> str:
        """Give a text that a process has made: where anything is marked, nobody knows what is in it."""
        return MASK if self.is_needed else self._known.masked(text)

    def shown(self, content: bytes, most: int) -> str:
        """Give the first `most` bytes of a masked content as a text, without secrets of the machine."""
        text = self._known.masked(content[: most + LARGEST].decode("utf-8", "replace"))
        if len(text) * CHARACTER <= most:
            return text
        return text.encode()[:most].decode("utf-8", "replace")

    def content(self, content: bytes) -> bytes | None:
        """Give a content with its secret members masked.

        Where anything is marked, None for one that is not JSON, or too large to look into.
        """
        if not content:
            return content
        if not self.is_needed and not (content.startswith((b"{", b"[")) and _names_secrets(content)):
            return content
        if len(content) > LARGEST:
            return None
        try:
            value = _decoder.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None if self.is_needed else content
        return msgspec.json.encode(self._value(value, ()))

    def _value(self, value: object, path: tuple[str, ...]) -> object:
        if isinstance(value, dict):
            return {name: self._member(name, inner, (*path, name)) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner, path) for inner in value]
        return value

    def _member(self, name: str, value: object, path: tuple[str, ...]) -> object:
        return MASK if is_secret_name(name) or self._marks.cover(path) else self._value(value, path)


def _names_secrets(content: bytes) -> bool:
    """Tell whether the name of a secret may stand in a content, as far as one is looked into."""
    text = content[:LARGEST].decode("latin-1").lower()  # as a text, and name by name: many times faster than a pattern
    return any(map(text.__contains__, _NAMED))


async def _begins_as_json(document: Document, contents: Contents) -> bool:
    """Tell whether a content too large for memory may be JSON: an uploaded file is not read whole to find no fields."""
    async with aclosing(contents.chunks(document)) as pieces:
        async for piece in pieces:
            if text := piece.lstrip():
                return text.startswith((b"{", b"["))
    return False


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Give the texts of a value: a whole object under a path is secret in each of its parts."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
    elif value is not None and not isinstance(value, bool):
        yield msgspec.json.encode(value).decode()
