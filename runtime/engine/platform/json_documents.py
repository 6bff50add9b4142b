"""Split and Combine of JSON documents by an element of their profile (reference 1.10; platform behaviours 30-33)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing

from runtime.engine.batch import Batch, Held
from runtime.engine.context import Context
from runtime.engine.merge import Merger
from runtime.engine.outcome import Outcome
from runtime.engine.platform.elements import first_json
from runtime.engine.platform.parts import Dividing, Joining
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.engine.step import WholeStep
from runtime.engine.steps.split import Split
from runtime.errors import DocumentFault
from runtime.expressions.json_values import decode, encode
from runtime.model.data_process import CombineDocuments, SplitDocuments
from runtime.model.platform_profiles import JsonPath, JsonProfile
from runtime.model.shapes import SplitStep


def split_json(step: SplitDocuments, identity: str, around: Around) -> WholeStep:
    """Give the compiled sub-step: one document for each occurrence, in what is around the list.

    A list that stands once in a document is read as a stream. Several parts go in one document only where the path has
    no peers (behaviour 32).

    Raises:
        Refused: the element is none of a list.
    """
    path, alone = list_at(step.profile, step.link, around, or_value=True)
    batch = step.batch if alone else 1
    if batch <= 1 and all(isinstance(key, str) for key in path):
        element = tuple(str(key) for key in path)
        return Split(SplitStep(id=identity, element=element, keep_wrapper=True))
    return DivideJson(identity, step.name, path, batch)


class DivideJson(Dividing):
    """One document for each item of a list that stands within the items of another, or for each few items of a list."""

    def __init__(self, identity: str, name: str, path: JsonPath, batch: int) -> None:
        super().__init__(identity, name)
        self._path = path
        self._batch = max(batch, 1)

    def parts(self, content: bytes) -> Iterator[bytes]:
        """Give the parts; a document without the list gives none (behaviour 31)."""
        for part in _parts(decode(content), self._path, self._batch):
            yield encode(part)


def _parts(value: object, path: JsonPath, batch: int) -> Iterator[object]:
    if not path:
        if isinstance(value, list):
            yield from (value[start : start + batch] for start in range(0, len(value), batch))
        return
    here, below = path[0], path[1:]
    match here:
        case str() if isinstance(value, dict) and here in value:
            yield from ({**value, here: part} for part in _parts(value[here], below, batch))
        case int() if isinstance(value, list) and here < len(value):
            for part in _parts(value[here], below, batch):
                yield [*value[:here], part, *value[here + 1 :]]
        case None if isinstance(value, list):
            yield from ([part] for item in value for part in _parts(item, below, batch))
        case _:
            return


class JoinJson(Joining):
    """The first document, with the items of all others added to its list, or all items in another list of it."""

    def __init__(self, step: CombineDocuments, identity: str, around: Around) -> None:
        super().__init__(identity, step.name)
        if step.link is None:
            raise Refused("it does not say which list is combined")
        self._from, _ = list_at(step.profile, step.link, around)
        self._into = self._from if step.into is None else list_at(step.profile, step.into, around)[0]

    def read(self, content: bytes) -> object:
        """Give the document, which has the list."""
        value = decode(content)
        _list_in(value, self._from)
        return value

    def joined(self, brought: Sequence[object]) -> bytes:
        """Give the first document with all items."""
        first, *others = brought
        moved = [] if self._into == self._from else list(_list_in(first, self._from))
        target = _list_in(first, self._into)
        for value in others:
            moved += _list_in(value, self._from)
        target += moved
        return encode(first)


def _list_in(value: object, path: JsonPath) -> list[object]:
    """Give the first list at a path, the very one that stands in the value."""
    found = first_json(value, path)
    if not isinstance(found, list):
        where = "/".join("[]" if key is None else str(key) for key in path)
        raise DocumentFault("data-process.combine", f"the document has no list at {where or '/'}")
    return found


class CombineBytes(WholeStep):
    """Puts all documents one after the other (behaviour 33)."""

    def __init__(self, step: CombineDocuments, identity: str) -> None:
        super().__init__(identity, step.name or identity, (None,))

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the one document."""
        merger = Merger(context.name)
        content = await context.contents.write(_bytes(batch, context, merger))
        return Outcome(outputs=(Held((merger.document(content),)),))


async def _bytes(batch: Batch, context: Context, merger: Merger) -> AsyncGenerator[bytes]:
    async with aclosing(batch.chunks()) as chunks:
        async for chunk in chunks:
            await context.pace()
            for document in chunk:
                merger.add(document)
                async with aclosing(context.contents.chunks(document)) as pieces:
                    async for piece in pieces:
                        yield piece


def list_at(profile: str | None, link: int, around: Around, *, or_value: bool = False) -> tuple[JsonPath, bool]:
    """Give the path of the list which `link`, the list itself or its items, stands for.

    The second value tells whether nothing stands beside it on its way. With `or_value` a value of no list gives its
    own path: what stands there counts as the one item of a list.

    Raises:
        Refused: the profile is not there, or the element is not of a list.
    """
    found = None if profile is None else around.components.profiles.get(profile)
    if not isinstance(found, JsonProfile):
        raise Refused("its profile is not in the bundle, or none of JSON")
    path = found.path(link)
    if path is None:
        raise Refused(f"the profile '{found.name}' has no element with the key {link}")
    node = next(node for _, node in found.walk() if node.key == link)
    holds_list = node.kind == "array" or any(below.kind == "array" for below in node.nodes)
    if not holds_list and None not in path:
        if or_value and not node.nodes:
            return path, False
        raise Refused(f"the element with the key {link} of '{found.name}' is no list, and stands in none")
    if not holds_list:
        path = path[: len(path) - 1 - path[::-1].index(None)]
    peers = (len(node.nodes) for way, node in found.walk() if node.kind == "object" and way == path[: len(way)])
    return path, all(count == 1 for count in peers)
