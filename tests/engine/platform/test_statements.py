"""Statements of the platform's behaviour, by their number, that no other test of steps is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import pytest
import structlog

from runtime.engine.context import MOST_EVENTS
from runtime.engine.executions import begin_process
from runtime.errors import BundleError
from runtime.model.components import Components
from runtime.model.document import Document, root_identity
from runtime.model.document_cache import CacheIndex, DocumentCache, PropertyKey
from runtime.model.journal import Status
from runtime.model.message_format import MessageText, parse_message_format
from runtime.model.parameters import DocumentProperty, ProfileElement, PropertyName, Static
from runtime.model.platform_profiles import JsonNode, JsonProfile
from runtime.model.platform_shapes import (
    AddToCacheStep,
    FieldText,
    FlowControlStep,
    NotifyStep,
    PlatformAssignment,
    PlatformConnectorStep,
    PlatformDecisionStep,
    PlatformExceptionStep,
    PlatformMessageStep,
    PlatformSetPropertiesStep,
    ProcessCallStep,
    ProcessRouteStep,
    RetrieveFromCacheStep,
    ReturnPath,
    RouteEntry,
)
from runtime.model.process import Process
from runtime.model.shapes import AnyShape, BranchStep, ReturnDocumentsStep, SplitStep, TryCatchStep
from tests.engine.houses import daemon
from tests.engine.platform.shapes import COMPONENTS, CURRENT, Watching, bundle, compiled, ddp, dpp, message, process
from tests.engine.runs import Ended, Run
from tests.engine.seen import Seen, batch, texts
from tests.engine.worlds import World

END = ReturnDocumentsStep(id="end")


async def run(
    first: str,
    *shapes: AnyShape,
    documents: Sequence[Document] | None = None,
    others: Sequence[Process] = (),
    components: Components = COMPONENTS,
    world: World | None = None,
) -> Ended:
    """Run the shapes of one process, which may call others."""
    used = world or World()
    made = compiled([process("p", first, *shapes), *others], used, components)
    return await Run(made, used, batch("1") if documents is None else documents).go()


@pytest.mark.parametrize(
    ("pattern", "values", "text"),
    [
        ("a{1}b{2}", ("x", "y"), "axby"),
        ("'{1}'", ("x",), "{1}"),
        ("it''s {1}", ("x",), "it's x"),
        ("'open {1}", ("x",), "open {1}"),
        ("{2}{1}{2}", ("x", "y"), "yxy"),
        ("{3}", ("x",), "{3}"),
        ("{1}", ("a'b{2}",), "a'b{2}"),
    ],
)
async def test_44_messages_are_quoted_as_message_format(pattern: str, values: Sequence[str], text: str) -> None:
    """44: quotes switch literal text, numbers count the values, and nothing happens to what is put in."""
    parts = parse_message_format(pattern, len(values))
    say = PlatformMessageStep(id="say", text=MessageText(parts, tuple(Static(value) for value in values)), to="end")
    assert texts(await run("say", say, END)) == [text]


def test_44_empty_braces_are_no_message() -> None:
    """44: braces with nothing in them are refused, with the platform's own words."""
    with pytest.raises(ValueError, match="can't parse argument number: "):
        parse_message_format("{}", 1)


async def test_45_a_message_is_rendered_for_each_document() -> None:
    """45: once for each document, or into one document in their order; an empty text is an empty document."""
    documents = batch("1", "2")
    say = PlatformMessageStep(id="say", text=message("<{1}>", CURRENT), to="end")
    assert texts(await run("say", say, END, documents=documents)) == ["<1>", "<2>"]
    one = msgspec.structs.replace(say, combine=True)
    assert texts(await run("say", one, END, documents=documents)) == ["<1><2>"]
    empty = msgspec.structs.replace(say, text=message(""))
    assert texts(await run("say", empty, END)) == [""]


async def test_23_documents_multiplied_later_are_not_governed() -> None:
    """23: Flow Control parts what reaches it; what a step behind it makes more of stays together."""
    flow = FlowControlStep(id="flow", batch=1, to="split")
    split = SplitStep(id="split", element=(), to="say")
    say = PlatformMessageStep(id="say", text=message("{1}", CURRENT), combine=True, to="end")
    assert texts(await run("flow", flow, split, say, END, documents=batch("[1,2]", "[3,4]"))) == ["12", "34"]


async def test_43_names_of_mime_properties_have_their_case() -> None:
    """43: a MIME property that is read with another case is empty, without an error."""
    target = PropertyName("mime", "Content-Type")
    one = PlatformAssignment(target=target, sources=(Static("text/plain"),))
    put = PlatformSetPropertiesStep(id="set", assignments=(one,), to="say")
    other = DocumentProperty(PropertyName("mime", "content-type"))
    say = PlatformMessageStep(id="say", text=message("{1} {2}", DocumentProperty(target), other), to="end")
    assert texts(await run("set", put, say, END)) == ["text/plain null"]


async def test_69_a_failing_call_on_a_catch_path_fails_the_run() -> None:
    """69: the original error was caught, and the process that the Catch path calls fails: the run ends in error."""
    shapes: tuple[AnyShape, ...] = (
        TryCatchStep(id="try", attempt="no", caught="call", trigger="all errors"),
        PlatformExceptionStep(id="no", title="t", message=message("first"), stop="document"),
        ProcessCallStep(id="call", process="child"),
    )
    child = process("child", "halt", PlatformExceptionStep(id="halt", title="t", message=message("second")))
    ended = await run("try", *shapes, others=[child])
    assert ended.status is Status.ERROR
    assert "call ended in error" in (ended.message or "")
    assert "second" in (ended.message or "")


async def test_71_a_called_process_sees_the_start_values_of_its_caller() -> None:
    """71, 39: what a run starts with is there in the processes that it calls; what a step sets replaces it."""
    say = PlatformMessageStep(id="say", text=message("<{1}>", dpp("p", "default")), to="end")
    child = process("child", "say", say, END)
    put = PlatformSetPropertiesStep(
        id="set",
        assignments=(PlatformAssignment(target=PropertyName("process", "p"), sources=(Static("set"),)),),
        to="call",
    )
    call = ProcessCallStep(id="call", process="child", rest="end")
    assert texts(await run("call", call, END, others=[child])) == ["<default>"]
    assert texts(await run("set", put, call, END, others=[child])) == ["<set>"]


@pytest.mark.parametrize(("index", "key"), [(0, 1), (1, 0)])
async def test_79_ids_of_nothing_store_nothing(index: int, key: int) -> None:
    """79: an index or a key with the id 0 is found by nothing, silently; the documents themselves are kept."""
    found = CacheIndex(id=index, keys=(PropertyKey(id=key, property=PropertyName("dynamicdocument", "d")),))
    components = Components(caches={"c": DocumentCache(id="c", name="c", single=True, indexes=(found,))})
    shapes: tuple[AnyShape, ...] = (
        BranchStep(id="branch", paths=("add", "all")),
        AddToCacheStep(id="add", cache="c"),
        RetrieveFromCacheStep(id="all", cache="c", to="end"),
        END,
    )
    documents = [Document(b"1", b"x", {})]  # without the key: where it counted, this would be an error
    assert texts(await run("branch", *shapes, documents=documents, components=components)) == ["x"]


async def test_26_properties_travel_through_calls() -> None:
    """26: an answer replaces the content and keeps the properties of the document that asked."""
    call = PlatformConnectorStep(
        id="call", connection="world", operation="pure", fields={"note": FieldText(Static("n"))}, to="say"
    )
    say = PlatformMessageStep(id="say", text=message("{1} {2}", CURRENT, ddp("d")), to="end")
    assert texts(await run("call", call, say, END, documents=batch("1", d="kept"), world=Seen())) == ["1 kept"]


def test_a_process_that_listens_is_not_called() -> None:
    """1.8: a process that starts with a listener cannot be called."""
    child = process("child", None, mode="listen")
    with pytest.raises(BundleError, match="listener"):
        compiled([process("p", "call", ProcessCallStep(id="call", process="child")), child], World())


@pytest.mark.parametrize("mode", ["no data", "passthrough"])
async def test_5_6_a_start_without_data_makes_one_empty_document(
    mode: Literal["no data", "passthrough"], autojump_clock: object
) -> None:
    """5, 6: a No Data start, and a Passthrough that nothing calls, run their first step once, with nothing in it."""
    world = Seen()
    call = PlatformConnectorStep(
        id="call", connection="world", operation="pure", fields={"note": FieldText(Static("n"))}
    )
    made = bundle([process("p", "call", call, mode=mode)])
    async with daemon(made, world) as living:
        await begin_process(living.house, living.deployment, "p", [], {})
        await living.house.drained()
    assert world.seen == ["n"]


async def test_4_a_step_that_nothing_reaches_is_skipped_in_a_called_process_too() -> None:
    """4: a called process that no document goes on in is skipped from there on, and completes; so does its caller."""
    watching = Watching()
    child = process("child", "none", RetrieveFromCacheStep(id="none", cache="all", when_empty="stop", to="end"), END)
    call = ProcessCallStep(id="call", process="child", rest="say")
    say = PlatformMessageStep(id="say", text=message("never"), to="end")
    world = World()
    one = Run(compiled([process("p", "call", call, say, END), child], world), world, batch("1"))
    one.observer = watching
    ended = await one.go()
    assert (ended.status, texts(ended)) == (Status.COMPLETE, [])
    assert ("child", "end", 0) in watching.entered_


async def test_events_of_one_execution_are_counted() -> None:
    """1.6: a notification may be an event too; after a thousand of one execution the rest are dropped."""
    tell = NotifyStep(id="tell", text=message("m"), title="T", event=True, to="end")
    flow = FlowControlStep(id="flow", batch=1, to="tell")
    with structlog.testing.capture_logs() as logged:
        await run("flow", flow, tell, END, documents=batch(*(str(number) for number in range(MOST_EVENTS + 5))))
    events = [one for one in logged if one["event"] == "user notification"]
    assert len(events) == MOST_EVENTS
    assert (events[0]["title"], events[0]["text"], events[0]["log_level"]) == ("T", "m", "info")


async def test_a_decision_reads_the_first_occurrence() -> None:
    """1.14: of a document with many records the first occurrence of the element is compared."""
    listed = JsonNode(
        key=3, name="Item", kind="item", nodes=(JsonNode(key=4, name="Object", kind="object", nodes=(_entry(5, "n"),)),)
    )
    array = _entry(2, "lines", JsonNode(key=6, name="Array", kind="array", nodes=(listed,)))
    root = JsonNode(key=1, name="Root", kind="root", nodes=(JsonNode(key=7, name="O", kind="object", nodes=(array,)),))
    components = Components(profiles={"json": JsonProfile(id="json", name="json", root=root)})
    decide = PlatformDecisionStep(
        id="decide", left=ProfileElement("json", 5), operator="=", right=Static("1"), yes="end", no=None
    )
    documents = batch('{"lines":[{"n":1},{"n":2}]}', '{"lines":[{"n":2},{"n":1}]}')
    assert texts(await run("decide", decide, END, documents=documents, components=components)) == [
        '{"lines":[{"n":1},{"n":2}]}'
    ]


def _entry(key: int, name: str, *nodes: JsonNode) -> JsonNode:
    return JsonNode(key=key, name=name, kind="entry", nodes=nodes)


async def test_a_process_route_groups_documents_by_key() -> None:
    """1.9, statement 70: one call a key of a passthrough target, one call a document of others; the default comes last.

    The key joins its values and is compared exactly; what no entry has goes on unchanged.
    """
    watching, world = Watching(), World()
    returns = (ReturnPath(shape="back", to="end"),)
    route = ProcessRouteStep(
        id="route",
        key=(ddp("kind"), Static("!")),
        entries=(
            RouteEntry(key="group!", process="group", returns=returns),
            RouteEntry(key="each!", process="each", returns=returns),
        ),
        default="end",
    )
    say = PlatformMessageStep(id="say", text=message("group {1}", CURRENT), to="back")
    one = PlatformMessageStep(id="one", text=message("each"), to="back")
    back = ReturnDocumentsStep(id="back")
    processes = [
        process("p", "route", route, END),
        process("group", "say", say, back),
        process("each", "one", one, back, mode="no data"),
    ]
    kinds = ["none", "each", "group", "Group", "each", "group"]
    start = [Document(root_identity(number), b"%d" % number, {"kind": kind}) for number, kind in enumerate(kinds)]
    running = Run(compiled(processes, world), world, start)
    running.observer = watching
    assert texts(await running.go()) == ["group 2", "group 5", "each", "each", "0", "3"]
