"""Parameter values, and what is made of them: messages, properties, decisions, routes (behaviours 15-17, 34-49)."""

from __future__ import annotations

import pytest

from runtime.errors import BundleError
from runtime.model.components import Components, CrossReferenceTable, DefinedValue, PropertyComponent
from runtime.model.document import Document
from runtime.model.parameters import (
    ColumnValue,
    CrossReference,
    DateDelta,
    DateValue,
    DefinedProperty,
    DocumentProperty,
    ExecutionValue,
    Parameter,
    ProfileElement,
    PropertyName,
    Unique,
)
from runtime.model.platform_profiles import JsonNode, JsonProfile, XmlNode, XmlProfile
from runtime.model.platform_shapes import (
    FieldText,
    FieldValue,
    FlowControlStep,
    NotifyStep,
    PlatformAssignment,
    PlatformConnectorStep,
    PlatformDecisionStep,
    PlatformMessageStep,
    PlatformSetPropertiesStep,
    RouteCase,
    RouteStep,
)
from runtime.model.process import Process
from runtime.model.shapes import AnyShape, ReturnDocumentsStep, TryCatchStep
from tests.engine.platform.shapes import CURRENT, Watching, assign, compiled, ddp, dpp, message, process, static
from tests.engine.runs import Ended, Run
from tests.engine.seen import Seen, batch, texts
from tests.engine.worlds import World

END = ReturnDocumentsStep(id="end")

ITEMS = JsonNode(
    key=4,
    name="l",
    kind="entry",
    nodes=(JsonNode(key=5, name="Array", kind="array", nodes=(JsonNode(key=6, name="Item", kind="item"),)),),
)
OBJECT = JsonNode(key=2, name="Object", kind="object", nodes=(JsonNode(key=3, name="k", kind="entry"), ITEMS))
JSON = JsonProfile(id="json", name="json", root=JsonNode(key=1, name="Root", kind="root", nodes=(OBJECT,)))
XML = XmlProfile(
    id="xml",
    name="xml",
    root=XmlNode(
        key=1,
        name="r",
        kind="element",
        namespace="urn:a",
        nodes=(
            XmlNode(key=2, name="e", kind="element", namespace="urn:a"),
            XmlNode(key=3, name="id", kind="attribute"),
        ),
    ),
)
TABLE = CrossReferenceTable(id="t", name="t", columns=("a", "b"), rows=(("x", "1"), ("X", "2"), ("y", "3")))
PATTERNS = (("a*", "1"), ("A?", "2"), ("b", "3"))
WILD = CrossReferenceTable(id="w", name="w", columns=("a", "b"), rows=PATTERNS, match="wildcard")
REGEX = CrossReferenceTable(
    id="r", name="r", columns=("a", "b"), rows=(("a.*", "1"), ("[0-9]+", "2"), ("", "3")), match="regex"
)
SETTINGS = PropertyComponent(id="s", name="s", values=(DefinedValue(key="v", default="given"),))
COMPONENTS = Components(
    profiles={"json": JSON, "xml": XML}, tables={"t": TABLE, "w": WILD, "r": REGEX}, properties={"s": SETTINGS}
)


async def run(
    made: Process, documents: list[Document], world: World | None = None, observer: Watching | None = None
) -> Ended:
    """Run a process."""
    world = world or World()
    running = Run(compiled([made], world, COMPONENTS), world, documents)
    running.observer = observer
    return await running.go()


def _note(text: str) -> FieldValue:
    return FieldText(static(text))


async def said(parameter: Parameter, *contents: str, **properties: str) -> list[str]:
    """Give what a message of this value alone says for each document."""
    say = PlatformMessageStep(id="say", text=message("{1}", parameter), to="end")
    return texts(await run(process("p", "say", say, END), batch(*contents, **properties)))


@pytest.mark.parametrize(
    ("parameter", "content", "text"),
    [
        (static("a"), "", "a"),
        (CURRENT, "c", "c"),
        (ddp("d"), "", "set"),
        (ddp("e"), "", "null"),
        (ddp("e", "instead"), "", "instead"),
        (ddp("empty", "instead"), "", ""),
        (dpp("p", "instead"), "", "instead"),
        (DocumentProperty(PropertyName("process", "p"), "instead"), "", ""),
        (DefinedProperty("s", "v"), "", "given"),
        (ProfileElement("json", 3), '{"k":1.50}', "1.50"),
        (ProfileElement("json", 3), "{}", "null"),
        (ProfileElement("json", 6), '{"l":["a","b"]}', "a"),
        (ProfileElement("xml", 2), '<r xmlns="urn:a"><x/><e> 1 </e><e>2</e></r>', "1"),
        (ProfileElement("xml", 3), '<b:r xmlns:b="urn:a" id="7"/>', "7"),
        (ProfileElement("xml", 2), "<r><e>1</e></r>", "null"),
        (ExecutionValue("Process Name"), "", "p"),
        (ExecutionValue("Execution Id"), "", "ex"),
        (CrossReference("t", 1, (ColumnValue(0, CURRENT),)), "x", "1"),
        (CrossReference("t", 1, (ColumnValue(0, CURRENT),)), "Y", "3"),
        (CrossReference("t", 1, (ColumnValue(0, CURRENT),)), "z", "null"),
        (CrossReference("w", 1, (ColumnValue(0, CURRENT),)), "Ab", "1"),
        (CrossReference("w", 1, (ColumnValue(0, CURRENT),)), "B", "3"),
        (CrossReference("w", 1, (ColumnValue(0, CURRENT),)), "bb", "null"),
        (CrossReference("w", 1, (ColumnValue(0, CURRENT), ColumnValue(1, static("2")))), "ab", "2"),
        (CrossReference("r", 1, (ColumnValue(0, CURRENT),)), "abc", "1"),
        (CrossReference("r", 1, (ColumnValue(0, CURRENT),)), "42", "2"),
        (CrossReference("r", 1, (ColumnValue(0, CURRENT),)), "4 2", "null"),
        (CrossReference("r", 1, (ColumnValue(0, CURRENT),)), "", "3"),
    ],
)
async def test_what_a_value_says(parameter: Parameter, content: str, text: str) -> None:
    """34-36, 42, 92: each kind of value, what is missing, and which default stands in."""
    assert await said(parameter, content, d="set", empty="") == [text]


def test_a_pattern_of_a_table_that_is_none_is_refused() -> None:
    """92: a regular expression that cannot be one is told at deployment, with the table."""
    table = CrossReferenceTable(id="t", name="T", columns=("a", "b"), rows=(("(", "1"),), match="regex")
    say = PlatformMessageStep(
        id="say", text=message("{1}", CrossReference("t", 1, (ColumnValue(0, CURRENT),))), to="end"
    )
    with pytest.raises(BundleError, match="'T' cannot be asked"):
        compiled([process("p", "say", say, END)], World(), Components(tables={"t": table}))


async def test_unique_values_are_never_equal() -> None:
    """37: another number of 18 or 19 digits each time."""
    found = await said(Unique(), *[""] * 50)
    assert len(set(found)) == 50
    assert all(len(text) in {18, 19} and text.isdigit() for text in found)


async def test_times_are_written_as_their_mask_wants() -> None:
    """A distance of months stays within the month it comes to."""
    now, later = DateValue("current", "yyyy"), DateValue("relative", "yyyy", DateDelta(12, "months"))
    assert int((await said(later, ""))[0]) == int((await said(now, ""))[0]) + 1


async def test_sources_are_joined_and_what_is_missing_is_empty() -> None:
    """34, 25: in order, each assignment seeing those before it; meta data travels as properties do."""
    meta = PropertyName("connector", "name", "disk-sdk")
    setting = PlatformSetPropertiesStep(
        id="set",
        assignments=(
            assign("dynamicdocument", "d", static("a"), ddp("none"), static("b")),
            PlatformAssignment(target=meta, sources=(ddp("d"), static("!"))),
            PlatformAssignment(target=PropertyName("definedprocess", "v", "s"), sources=(static("w"),)),
            PlatformAssignment(target=PropertyName("process", "q"), sources=(ddp("none"),), default="instead"),
        ),
        to="say",
    )
    text = message("{1} {2} {3} {4}", ddp("d"), DocumentProperty(meta), DefinedProperty("s", "v"), dpp("q"))
    say = PlatformMessageStep(id="say", text=text, to="end")
    assert texts(await run(process("p", "set", setting, say, END), batch("1"))) == ["ab ab! w instead"]


async def test_a_notification_is_one_line_for_all_documents() -> None:
    """46: title, the texts of all documents without line ends; the documents pass unchanged."""
    for title, shown in (("T", "T"), (None, "null")):
        watching = Watching()
        tell = NotifyStep(id="n", title=title, level="warning", text=message("<{1}>", CURRENT), to="end")
        ended = await run(process("p", "n", tell, END), batch("1\n2", "3 "), observer=watching)
        assert (watching.lines, texts(ended)) == ([f"warning {shown}: <1 2><3 >"], ["1\n2", "3 "])


async def test_a_notification_once_has_no_document() -> None:
    """47: a value that needs one fails the path."""
    tell = NotifyStep(id="n", title="T", once=True, text=message("{1}", ddp("d")), to="end")
    ended = await run(process("p", "n", tell, END), batch("1"))
    assert "extraction with no document" in (ended.message or "")


async def test_a_decision_sends_every_document_down_one_path() -> None:
    """15, 16: those for which it holds first; what is missing compares as an empty text."""
    decide = PlatformDecisionStep(id="if", left=CURRENT, operator=">", right=static("9"), yes="yes", no="end")
    yes = PlatformMessageStep(id="yes", text=message("big {1}", CURRENT), to="end")
    assert texts(await run(process("p", "if", decide, yes, END), batch("1", "10", "2"))) == ["big 10", "1", "2"]
    empty = PlatformDecisionStep(id="if", left=ddp("none"), operator="=", right=static(""), yes="end")
    assert texts(await run(process("p", "if", empty, END), batch("1"))) == ["1"]


async def test_a_route_takes_the_first_case_that_matches() -> None:
    """17: paths run in the order of cases, the default last."""
    cases = (
        RouteCase(key="2", operator="=", value="b", to="say b"),
        RouteCase(key="1", operator="wildcard", value="*", to="say any"),
    )
    shapes: list[AnyShape] = [RouteStep(id="route", value=CURRENT, cases=cases, default="say none")]
    shapes += [
        PlatformMessageStep(id=f"say {name}", text=message(f"{name} {{1}}", CURRENT), to="end")
        for name in ("b", "any", "none")
    ]
    ended = await run(process("p", "route", *shapes, END), batch("a", "b", "", "b"))
    assert texts(ended) == ["b b", "b b", "any a", "none "]


@pytest.mark.parametrize(
    ("fibers", "size", "expected"),
    [
        (1, 2, {"12": ["a 1", "a 2", "b 1", "b 2"], "3": ["a 3", "b 3"]}),
        (2, 0, {"12": ["a 1", "a 2", "b 1", "b 2"], "3": ["a 3", "b 3"]}),
        (2, 1, {"12": ["a 1", "b 1", "a 2", "b 2"], "3": ["a 3", "b 3"]}),
    ],
)
async def test_all_that_follows_runs_in_parts(
    fibers: int, size: int, expected: dict[str, list[str]], autojump_clock: object
) -> None:
    """22: the whole rest of the path for one part of a block, then for the next; blocks run side by side."""
    world = Seen()
    calls = [
        PlatformConnectorStep(id=name, connection="world", operation="pure", fields={"note": text}, to=to)
        for name, text, to in (("a", _note("a"), "b"), ("b", _note("b"), None))
    ]
    made = process("p", "flow", FlowControlStep(id="flow", fibers=fibers, batch=size, to="a"), *calls)
    await run(made, batch("1", "2", "3"), world)
    parts = {numbers: [call for call in world.seen if call[-1] in numbers] for numbers in expected}
    assert parts == expected
    assert fibers == 2 or world.seen == [*expected["12"], *expected["3"]]


async def test_the_catch_path_sees_why() -> None:
    """48, 49: the text of what failed is in the meta data of the document that is caught."""
    call = PlatformConnectorStep(id="call", connection="world", operation="pure", fields={"note": _note("n")})
    why = DocumentProperty(PropertyName("meta", "base.catcherrorsmessage"))
    say = PlatformMessageStep(id="say", text=message("{1}", why), to="end")
    made = process("p", "try", TryCatchStep(id="try", attempt="call", caught="say"), call, say, END)
    assert texts(await run(made, batch("1"), Seen("n 1"))) == ["[409] Conflict"]


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        (DefinedProperty("s", "none"), "no value 'none'"),
        (ProfileElement("none", 1), "not in the bundle"),
        (ProfileElement("json", 99), "no element with the key 99"),
        (CrossReference("t", 7), "only 2 columns"),
    ],
)
def test_what_cannot_be_computed_is_refused(parameter: Parameter, reason: str) -> None:
    """A value that the engine does not compute refuses the bundle, and names shape and process."""
    say = PlatformMessageStep(id="say", label="Say it", text=message("{1}", parameter))
    with pytest.raises(BundleError, match=reason) as refused:
        compiled([process("p", "say", say)], World(), COMPONENTS)
    assert "shape 'Say it' (say) of process 'p'" in str(refused.value)
