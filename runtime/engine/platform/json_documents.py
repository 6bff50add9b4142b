"""Split and Combine of JSON documents by an element of their profile (reference 1.10; platform behaviours 30-33)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from runtime.engine.batch import Batch, Held
from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.merge import Merger
from runtime.engine.outcome import Failure, Outcome, failure
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.engine.step import WholeStep
from runtime.engine.steps.split import Split
from runtime.errors import DocumentFault
from runtime.expressions.json_values import decode, encode
from runtime.model.data_process import CombineDocuments, SplitDocuments
from runtime.model.platform_profiles import JsonProfile
from runtime.model.shapes import SplitStep


def split_json(step: SplitDocuments, identity: str, around: Around) -> Split:
    """Give the compiled sub-step: one document for each occurrence, in what is around the list.

    Raises:
        Refused: the element is no list that stands once in a document, or several occurrences go in a document.
    """
    if step.batch > 1:
        raise Refused(f"it splits into documents of {step.batch} occurrences; only one a document is done")
    element = _list_at(step.profile, step.link, around)
    return Split(SplitStep(id=identity, element=element, keep_wrapper=True))


class CombineJson(WholeStep):
    """Makes one document of all: the first, with the occurrences of all others added to its list."""

    def __init__(self, step: CombineDocuments, identity: str, around: Around) -> None:
        super().__init__(identity, step.name or identity, (None,))
        if step.link is None or step.into is not None:
            raise Refused("documents are combined into the list that they all have, not into another element")
        self._element = _list_at(step.profile, step.link, around)

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the combined document; documents without the list, or that are no JSON, fail."""
        merger = Merger(context.name)
        failures: list[Failure] = []
        whole: object = None
        items: list[object] | None = None
        async with aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                await context.pace()
                for stored in chunk:
                    document = await context.contents.load(stored)
                    try:
                        value = decode(held(document))
                        found = self._items(value)
                    except DocumentFault as fault:
                        failures.append(failure(document, fault))
                        continue
                    merger.add(document)
                    if items is None:
                        whole, items = value, found
                    else:
                        items.extend(found)
        made = (await context.contents.settle(merger.document(encode(whole))),) if merger.count else ()
        return Outcome(outputs=(Held(made),), failures=tuple(failures))

    def _items(self, value: object) -> list[object]:
        for key in self._element:
            value = value.get(key) if isinstance(value, dict) else None
        if not isinstance(value, list):
            raise DocumentFault("data-process.combine", f"the document has no list at {'/'.join(self._element) or '/'}")
        return value


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


def _list_at(profile: str | None, link: int, around: Around) -> tuple[str, ...]:
    """Give the keys that lead to the list which `link`, the list itself or its items, stands for."""
    found = None if profile is None else around.components.profiles.get(profile)
    if not isinstance(found, JsonProfile):
        raise Refused("its profile is not in the bundle, or none of JSON")
    path = found.path(link)
    if path is None:
        raise Refused(f"the profile '{found.name}' has no element with the key {link}")
    above = path[: path.index(None)] if None in path else path
    below = path[len(above) + 1 :]
    if below or not all(isinstance(key, str) for key in above):
        raise Refused(f"its element stands within the items of a list of '{found.name}'; only a list itself is divided")
    return tuple(str(key) for key in above)
