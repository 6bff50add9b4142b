"""Fields that are never in clear: what stands in them is learned from documents, and masked wherever text leaves.

A path is names with dots between them (``card.number``); lists on the way are gone through, with or without ``[]``. A
name alone stands for every field of that name, wherever it is. The work copies that
recovery needs are sealed and erased with the execution; texts are what people read: messages, logs, tracked values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import msgspec

from runtime.observe.redaction import MASK

if TYPE_CHECKING:
    from runtime.engine.batch import Batch
    from runtime.engine.contents import Contents
    from runtime.model.document import Document

MOST = 10_000  # values of one execution: beyond them nothing of its texts is told at all
SHORTEST = 2  # characters: one alone stands everywhere, and tells nothing


class Secrets:
    """What stands in the fields of some paths, in the documents of one execution."""

    def __init__(self, paths: Sequence[str]) -> None:
        parts = [tuple(path.removeprefix("$.").replace("[]", "").split(".")) for path in paths]
        self._paths = [path for path in parts if len(path) > 1]
        self._names = {path[0] for path in parts if len(path) == 1}
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._too_many = False

    async def learn(self, batch: Batch, contents: Contents) -> None:
        """Learn from documents that reach a step."""
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for document in chunk:
                    if isinstance(document.content, bytes) or await _begins_as_json(document, contents):
                        self.learn_from(await contents.read(document))

    def learn_from(self, content: bytes) -> None:
        """Learn from a content; one that is not JSON has no fields."""
        try:
            value = msgspec.json.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        marked = [inner for path in self._paths for inner in _at(value, path)]
        if self._names:
            marked += _named(value, self._names)
        found = {text for inner in marked for text in _texts(inner)}
        new = {text for text in found if len(text) >= SHORTEST} - self._values
        if new:
            self._values |= new
            self._too_many = len(self._values) > MOST
            self._pattern = None

    def masked(self, text: str) -> str:
        """Give a text with everything that was learned masked."""
        if self._too_many:
            return MASK
        if not self._values:
            return text
        if self._pattern is None:
            longest_first = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return self._pattern.sub(MASK, text)


async def _begins_as_json(document: Document, contents: Contents) -> bool:
    """Tell whether a content too large for memory may be JSON: an uploaded file is not read whole to find no fields."""
    async with aclosing(contents.chunks(document)) as pieces:
        async for piece in pieces:
            if text := piece.lstrip():
                return text.startswith((b"{", b"["))
    return False


def _at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        for item in value:
            yield from _at(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])


def _named(value: Any, names: Collection[str]) -> Iterator[Any]:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        for item in value:
            yield from _named(item, names)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in names:
                yield inner
            else:
                yield from _named(inner, names)


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
        if (escaped := msgspec.json.encode(value).decode()[1:-1]) != value:
            yield escaped
    elif value is not None and not isinstance(value, bool):
        yield msgspec.json.encode(value).decode()
