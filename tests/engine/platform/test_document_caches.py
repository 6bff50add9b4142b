"""Document caches (platform behaviours 61, 72-80)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from runtime.errors import BundleError
from runtime.model.components import Components
from runtime.model.document import Document
from runtime.model.document_cache import CacheIndex, DocumentCache, ElementKey
from runtime.model.parameters import CachedElement, CacheKeyValue
from runtime.model.platform_profiles import JsonNode, JsonProfile
from runtime.model.platform_shapes import (
    AddToCacheStep,
    PlatformMessageStep,
    PlatformSetPropertiesStep,
    ProcessCallStep,
    RemoveFromCacheStep,
    RetrieveFromCacheStep,
)
from runtime.model.process import Process
from runtime.model.shapes import AnyShape, BranchStep, ReturnDocumentsStep
from tests.engine.platform.shapes import (
    BY_D,
    COMPONENTS,
    CURRENT,
    Watching,
    assign,
    compiled,
    ddp,
    message,
    process,
    static,
)
from tests.engine.runs import Ended, Run
from tests.engine.seen import batch, texts
from tests.engine.worlds import World

END = ReturnDocumentsStep(id="end")
SAY = PlatformMessageStep(id="say", text=message("{1} {2} {3}", CURRENT, ddp("d"), ddp("own")), to="end")


async def run(
    processes: Sequence[Process],
    documents: Sequence[Document],
    components: Components = COMPONENTS,
    observer: Watching | None = None,
) -> Ended:
    """Run the first of these processes."""
    world = World()
    running = Run(compiled(processes, world, components), world, documents)
    running.observer = observer
    return await running.go()


def paths(*shapes: AnyShape, first: Sequence[str]) -> Process:
    """A process that runs one branch after the other."""
    return process("p", "branch", BranchStep(id="branch", paths=tuple(first)), *shapes, SAY, END)


def keyed(text: str) -> tuple[CacheKeyValue, ...]:
    """Ask the first key of an index for a text."""
    return (CacheKeyValue(1, static(text)),)


async def test_nothing_goes_on_after_a_cache_is_changed() -> None:
    """72, 57: Add and Remove give no document; what they lead to is skipped."""
    for change in (AddToCacheStep(id="c", cache="all", to="end"), RemoveFromCacheStep(id="c", cache="all", to="end")):
        watching = Watching()
        ended = await run([process("p", "c", change, END)], batch("1"), observer=watching)
        assert (ended.status.value, texts(ended)) == ("complete", [])
        assert watching.entered_ == [("p", "c", 1), ("p", "end", 0)]


async def test_everything_is_retrieved_once_for_the_batch() -> None:
    """73, 74, 75: cached documents in the order of adding; their properties win, others of the current one stay."""
    ended = await run(
        [
            process(
                "p",
                "branch",
                BranchStep(id="branch", paths=("add", "set")),
                AddToCacheStep(id="add", cache="all"),
                PlatformSetPropertiesStep(
                    id="set",
                    assignments=(
                        assign("dynamicdocument", "d", static("lost")),
                        assign("dynamicdocument", "own", static("kept")),
                    ),
                    to="get",
                ),
                RetrieveFromCacheStep(id="get", cache="all", to="say"),
                SAY,
                END,
            )
        ],
        batch("1", "2", "3", d="cached"),
    )
    assert texts(ended) == ["1 cached kept", "2 cached kept", "3 cached kept"]


@pytest.mark.parametrize(("when_empty", "status"), [("stop", "complete"), ("fail", "error")])
async def test_an_empty_cache_ends_the_path_or_fails_the_documents(when_empty: str, status: str) -> None:
    """76: quietly, or with the platform's own words."""
    get = RetrieveFromCacheStep(id="get", cache="all", when_empty="stop" if when_empty == "stop" else "fail", to="end")
    ended = await run([process("p", "get", get, END)], batch("1"))
    expected = (
        None if status == "complete" else ("Error getting document references; Caused by: No documents found in cache")
    )
    assert (ended.status.value, ended.message, texts(ended)) == (status, expected, [])


async def test_documents_are_found_and_removed_by_key() -> None:
    """By key each document asks for itself; removed from every index, a document is gone for all."""
    shapes: list[AnyShape] = [
        AddToCacheStep(id="add", cache="by d"),
        PlatformSetPropertiesStep(id="a", assignments=(assign("dynamicdocument", "d", static("a")),), to="add"),
        PlatformSetPropertiesStep(id="b", assignments=(assign("dynamicdocument", "d", static("b")),), to="add"),
        RemoveFromCacheStep(id="remove", cache="by d", index=1, keys=keyed("a"), all_indices=True),
        RetrieveFromCacheStep(id="get a", cache="by d", index=1, keys=keyed("a"), when_empty="stop", to="say"),
        RetrieveFromCacheStep(id="get all", cache="by d", to="say"),
    ]
    ended = await run([paths(*shapes, first=("a", "b", "get a", "remove", "get a", "get all"))], batch("1", d="x"))
    assert texts(ended) == ["1 a null", "1 b null"]


@pytest.mark.parametrize("mode", ["passthrough", "no data"])
async def test_caches_are_shared_with_called_processes(mode: str) -> None:
    """61: a called process sees what its caller cached, and the caller what it removed."""
    child = process(
        "child",
        "branch",
        BranchStep(id="branch", paths=("get", "remove")),
        RetrieveFromCacheStep(id="get", cache="all", to="say"),
        RemoveFromCacheStep(id="remove", cache="all"),
        PlatformMessageStep(id="say", text=message("x"), to="keep"),
        PlatformSetPropertiesStep(id="keep", assignments=(assign("process", "seen", CURRENT),)),
        mode="no data" if mode == "no data" else "passthrough",
    )
    shapes: list[AnyShape] = [
        AddToCacheStep(id="add", cache="all"),
        ProcessCallStep(id="call", process="child"),
        RetrieveFromCacheStep(id="get", cache="all", when_empty="stop", to="say"),
    ]
    ended = await run([paths(*shapes, first=("add", "call", "get")), child], batch("1"))
    assert (ended.properties["seen"], texts(ended)) == ("x", [])


async def test_an_empty_key_fails_the_document_and_an_absent_element_does_not() -> None:
    """78: what has no such element is stored without a key; a malformed document is refused by a cache of JSON."""
    root = JsonNode(
        key=1,
        name="Root",
        kind="root",
        nodes=(JsonNode(key=2, name="Object", kind="object", nodes=(JsonNode(key=3, name="k", kind="entry"),)),),
    )
    cache = DocumentCache(
        id="json", name="j", profile="f", single=True, indexes=(CacheIndex(id=1, keys=(ElementKey(id=1, element=3),)),)
    )
    components = Components(caches={"json": cache}, profiles={"f": JsonProfile(id="f", name="f", root=root)})
    shapes: list[AnyShape] = [
        AddToCacheStep(id="add", cache="json"),
        RetrieveFromCacheStep(id="get", cache="json", index=1, keys=keyed("v"), when_empty="stop", to="end"),
        RetrieveFromCacheStep(id="get all", cache="json", when_empty="stop", to="end"),
    ]
    first = ("add", "get", "get all")
    good = await run([paths(*shapes, first=first)], batch('{"k":"v"}', "{}"), components)
    assert texts(good) == ['{"k":"v"}', '{"k":"v"}', '{"k":"v"}', "{}"]
    for content, why in (('{"k":""}', "is empty"), ("{", "not JSON")):
        ended = await run([paths(*shapes, first=first)], batch(content), components)
        assert why in (ended.message or "")


def test_a_cache_that_may_hold_several_entries_a_document_is_not_asked_for_all() -> None:
    """77: refused when it is deployed, where the platform fails when the process starts."""
    components = Components(caches={"all": DocumentCache(id="all", name="all")})
    with pytest.raises(BundleError, match="all of its documents are retrieved"):
        compiled([process("p", "get", RetrieveFromCacheStep(id="get", cache="all"))], World(), components)
    with pytest.raises(BundleError, match="not in the bundle"):
        compiled([process("p", "get", AddToCacheStep(id="get", cache="none"))], World(), components)


async def test_a_value_is_an_element_of_a_cached_document() -> None:
    """1.25: the element of the document that the keys find; nothing where they find none."""
    entry = JsonNode(key=3, name="v", kind="entry")
    root = JsonNode(key=1, name="Root", kind="root", nodes=(JsonNode(key=2, name="O", kind="object", nodes=(entry,)),))
    cache = DocumentCache(id="c", name="c", profile="json", single=True, indexes=BY_D.indexes)
    components = Components(caches={"c": cache}, profiles={"json": JsonProfile(id="json", name="json", root=root)})
    found, missed = (CachedElement("c", 1, 3, (CacheKeyValue(1, one),)) for one in (ddp("d"), static("none")))
    say = PlatformMessageStep(id="tell", text=message("{1} {2}", found, missed), to="end")
    added = AddToCacheStep(id="add", cache="c")
    made = paths(added, say, first=("add", "tell"))
    documents = [*batch('{"v":1}', d="a"), Document(b"2", b'{"v":2}', {"d": "b"})]
    assert texts(await run([made], documents, components)) == ["1 null", "2 null"]
