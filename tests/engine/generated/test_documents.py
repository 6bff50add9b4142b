"""The law of generated functions where documents are read and made: nobody can tell what was not encoded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from runtime.engine.batch import BatchLimits, Held
from runtime.engine.context import EngineLimits
from runtime.engine.generated import writer
from runtime.errors import DocumentFault, Place
from runtime.model.document import Document
from runtime.model.journal import Status
from runtime.model.maps import Map, Source
from runtime.model.process import FlowListener
from runtime.model.profile import Entry, Profile
from runtime.model.shapes import (
    AnyShape,
    Assignment,
    BranchStep,
    DecisionStep,
    MapStep,
    MessageStep,
    ReturnDocumentsStep,
    SetPropertiesStep,
)
from runtime.model.values import Comparison, Condition, Expression, Template
from tests.engine.generated.support import compiled, told
from tests.engine.graphs import text
from tests.engine.mapping.support import a_map, call, computed, constant

WIDE = EngineLimits(batch=BatchLimits(), content_in_memory=2_000, steps=200)
SMALL = 200  # bytes of a content that no step makes so large that it leaves memory
NUMBERS = Profile(name="n", entries=tuple(Entry(name=name, kind="number") for name in ("a", "b")))
TEXTS = Profile(name="t", entries=tuple(Entry(name=name, kind="character") for name in ("a", "b")))

PART = (Entry(name="a", kind="character"), Entry(name="b", kind="number"))
ASKED = Profile(
    name="asked",
    entries=(*PART, Entry(name="o", kind="object", entries=PART), Entry(name="l", kind="list", entries=PART)),
)
BOUND = {"n": NUMBERS, "t": TEXTS, "asked": ASKED}

values = st.recursive(
    st.sampled_from([None, True, 0, 7, -1, 1.5, 5.0, 1e3, 2**70, "", "7", "-0", "1e3", "text", "é"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b", "o"]), inner, max_size=3),
    max_leaves=5,
)
rows = st.lists(st.fixed_dictionaries({}, optional={"a": values, "b": values}), max_size=3)
documents = st.one_of(
    st.fixed_dictionaries({"a": values}, optional={"b": values, "o": values, "l": rows | values}).map(
        lambda value: json.dumps(value).encode()
    ),
    st.sampled_from(
        [
            *(b"", b"{", b"null", b"[]", b'{"a":1,"a":2}', b'{"a":1e2000}', b'{"a":-0}', b'{"a":1.50}', b'{"a":1E+2}'),
            *(b'{"a":"\\u00e9\\n"}', b'{"a":"\xff"}', b'{"a":"' + b"x" * 3_000 + b'"}'),
        ]
    ),
)

sources: st.SearchStrategy[str | Source] = st.sampled_from(
    [
        *("a", "b", "o", "o.a", "l[].a", constant("c"), constant("7"), constant("5.0")),
        *(computed("document.a"), computed("properties.d"), computed("'x' + document.a"), computed("document.a + 1")),
        *(computed("duration('90s')"), computed("document == null ? 'null' : 'some'")),
        *(call("add", "a", "b"), call("upper", "a"), call("multiply", "a", constant("2")), call("count", "l[].a")),
    ]
)
targets = st.sampled_from(["a", "b", "o.a", "o.b", "l[].a", "l[].b"])
maps = st.dictionaries(targets, sources, min_size=1, max_size=4)

expressions = st.sampled_from(
    [
        *("document.a", "document.b", "document.o.a", "properties.d", "properties.e", "process.p", "execution.id"),
        *("has(document.a) ? document.a : 'none'", "has(properties.e) ? document.b : ''", "document.a + document.b"),
        *("meta.status", "properties['d']", "document.l[0].a", "size(properties.d)", "document"),
    ]
)
conditions: st.SearchStrategy[Condition] = st.one_of(
    st.sampled_from(
        [
            *("document.a > 1", "document.a == document.b", "has(document.o) && document.o.a == 'text'", "true"),
            *("properties.d == 'x'", "process.p != ''", "'a' in document.o", "document.a in ['text', '7']"),
            *("document.a + 1 > 2", "document.a", "document.no == 1 || document.a == 7", "document.b == null"),
        ]
    ).map(lambda source: Expression(source, Place())),
    st.builds(
        lambda how, left, right: Comparison(left=text("${" + left + "}"), operator=how, right=text(right)),
        st.sampled_from(["=", "!=", "<", ">=", "wildcard"]),
        expressions,
        st.sampled_from(["7", "text", "", "5", "${document.b}"]),
    ),
)

Made = tuple[str, object, object]
steps: st.SearchStrategy[Made] = st.one_of(
    st.tuples(st.just("map"), maps, st.sampled_from([None, "n", "t"])),
    st.tuples(st.just("map"), maps, st.sampled_from([None, "n", "t"])),
    st.tuples(
        st.just("set"),
        st.sampled_from(["document", "process"]),
        st.tuples(st.sampled_from(["d", "e", "p"]), expressions, st.booleans()),
    ),
    st.tuples(st.just("message"), expressions, expressions),
    st.tuples(st.just("decide"), conditions, st.booleans()),
    st.tuples(st.just("branch"), st.none(), st.none()),
)


def is_usual(content: bytes) -> bool:
    """Whether a content is one that functions are for."""
    try:
        return isinstance(json.loads(content), dict) and len(content) < SMALL and b"-0" not in content
    except ValueError:
        return False


class Chain:
    """Makes the shapes of steps that follow each other; a fork leads to what follows, twice, or to the end."""

    def __init__(self) -> None:
        self.shapes: list[AnyShape] = [ReturnDocumentsStep(id="end")]
        self.maps: dict[str, Map] = {}

    def of(self, made: Sequence[Made]) -> str:
        """Make the shapes; give the first."""
        to = "end"
        for number, (kind, one, other) in enumerate(reversed(made)):
            identity = f"{kind}{number}"
            self.shapes.append(self._shape(kind, one, other, identity, to))
            to = identity
        return to

    def _shape(self, kind: str, one: object, other: object, identity: str, to: str) -> AnyShape:
        match kind, one, other:
            case "map", dict(), _:
                self.maps[identity] = replace(a_map(one), target_profile=other)
                return MapStep(id=identity, map=identity, to=to)
            case "set", str(), (str() as name, str() as source, bool() as alone):
                value = text("${" + source + "}") if alone else text("x${" + source + "}y")
                return SetPropertiesStep(id=identity, assignments=(Assignment(one, name, value),), to=to)  # type: ignore[arg-type]
            case "message", str(), str():
                value = Template(('{"a":"', Expression(one, Place()), '","b":', Expression(other, Place()), "}"))
                return MessageStep(id=identity, text=value, to=to)
            case "decide", _, bool():
                yes, no = (to, "end") if other else ("end", to)
                return DecisionStep(id=identity, condition=one, yes=yes, no=no)  # type: ignore[arg-type]
            case _:
                return BranchStep(id=identity, paths=("end", to, "end"))


twice = {"a": call("multiply", "a", constant("2"))}
added: Made = ("set", "document", ("d", "document.a + 1", True))


async def alike(made: list[Made], contents: list[bytes], profile: str | None) -> None:
    """Tell that nobody can tell a function from the driver."""
    chain = Chain()
    try:
        first = chain.of(made)
        listener = FlowListener(request_profile=profile)
        process = compiled(chain.shapes, first, listener, maps=chain.maps, profiles=BOUND)
    except DocumentFault:
        assume(condition=False)  # rules that fill one field twice: no linted bundle has them
        raise
    assert process.generated is not None, process.not_generated
    batch = Held(tuple(Document(b"%d" % n, each, {"d": "x"}, {"status": "404"}) for n, each in enumerate(contents)))
    by_function, watch = await told(process, batch, generated=True, limits=WIDE)
    by_driver, _ = await told(process, batch, generated=False, limits=WIDE)
    assert by_function == by_driver
    several = "several " if len(contents) > 1 else ""
    structs = "by Structs" if process.generated.typed is not None else ""
    event(f"{several}flown {structs}" if watch.flights else f"{several}left")
    written = repr(made)  # what is computed only sometimes may not be computable
    sometimes = "||" in written or ("message" in written and "has(properties.e)" in written)
    if len(contents) > 1:
        sometimes = sometimes or "process" in written  # what one sets, another reads
    if not sometimes and all(map(is_usual, contents)):
        assert watch.flights == (by_driver.status is Status.COMPLETE), process.generated.source


@given(st.lists(steps, min_size=1, max_size=4), st.lists(documents, min_size=1, max_size=4))
@example([("map", twice, None), ("decide", Expression("document.a == 7", Place()), True)], [b'{"a":3.5}'])
@example([("map", {"a": "a"}, "n"), added], [b'{"a":"5.0"}'])
@example([("map", {"a": "a"}, "n"), added], [b'{"a":"7"}'])
@example([("set", "process", ("p", "document.a", True)), ("message", "process.p", "document.b")], [b'{"a":"x","b":1}'])
@example([("map", {"a": constant("c")}, None), added], [b""])
@example([("map", {"a": computed("document == null ? 'null' : 'some'"), "b": "b"}, None)], [b""])
@example([("map", {"a": "a"}, "n"), ("set", "document", ("d", "document.a", True))], [b'{"a":"-0"}'])
@example(
    [*[("set", "document", ("d", "process.p", True)), ("set", "process", ("p", "document.a", True))] * 2],
    [b'{"a":"x"}'],
)
@example([("map", {"a": "a", "b": "a"}, None)], [b'{"a":"' + b"x" * 1_500 + b'"}'])
@example(
    [
        ("set", "document", ("d", "has(properties.e) ? document.b : ''", True)),
        ("set", "document", ("e", "document.b", True)),
    ],
    [b'{"b":1}'],
)
@example([("branch", None, None), ("decide", Expression("document.a == 7", Place()), True)], [b'{"a":1}', b'{"a":7}'])
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=200)
async def test_nobody_can_tell(made: list[Made], contents: list[bytes]) -> None:
    """Native steps that are written out give the driver's documents, byte for byte, its faults, properties and log."""
    await alike(made, contents, None)


scalars = st.sampled_from([None, True, 0, 7, -1, 1.5, 5.0, 2**70, "", "7", "text", "é"])
part = st.fixed_dictionaries({}, optional={"a": scalars, "b": scalars})
following = st.fixed_dictionaries(
    {"a": scalars},
    optional={"b": scalars, "o": st.none() | part, "l": st.none() | st.lists(st.none() | part, max_size=3)},
)
odd = st.sampled_from(
    [{"c": 1}, {"o": "text"}, {"o": {"c": 1}}, {"l": {"a": 1}}, {"l": [[1]]}, {"l": ["x"]}, {"o": []}]
)
asked = st.one_of(following, following, following, st.builds(lambda one, other: {**one, **other}, following, odd)).map(
    lambda value: json.dumps(value).encode()
)
read: st.SearchStrategy[str | Source] = st.sampled_from(
    [
        *("a", "b", "o.a", "l[].a", "l[].b", "o", "l", "c", "o.c", constant("c"), computed("document.o.a")),
        *(computed("has(document.o) ? 'o' : ''"), call("upper", "o.a"), call("count", "l[].a"), computed("document.a")),
    ]
)
typed_steps: st.SearchStrategy[Made] = st.one_of(
    st.tuples(st.just("map"), st.dictionaries(targets, read, min_size=1, max_size=4), st.just(None)),
    st.tuples(
        st.just("decide"),
        st.sampled_from(
            [
                *("document.a == 'text'", "has(document.o) && has(document.o.a)", "document.o.a == document.a"),
                *("document.o == null", "document.l[0].a == 7", "document.c == 1", "has(document.c)"),
            ]
        ).map(lambda source: Expression(source, Place())),
        st.booleans(),
    ),
    st.tuples(st.just("set"), st.just("document"), st.tuples(st.just("d"), st.just("document.o.a"), st.booleans())),
)


@given(st.lists(typed_steps, min_size=1, max_size=3), st.lists(asked, min_size=1, max_size=3))
@example([("branch", None, None), ("map", {"a": "a"}, None)], [b'{"a":1,"c":1}'])
@example([("map", {"a": "a"}, None)], [b'{"a":1.50}'])
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=200)
async def test_nobody_can_tell_structs(made: list[Made], contents: list[bytes]) -> None:
    """What follows its profile is read as Structs, field by field; what does not fares as it always did."""
    await alike(made, contents, "asked")


@pytest.mark.parametrize("second", ["document.b == 'text'", "document.b + 'x' == 'textx'"])
async def test_what_was_mapped_is_not_decoded(second: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the steps of one function a document is neither written nor read again: the start document is, once."""
    chain = Chain()
    made: list[Made] = [
        ("map", {"b": "a", "o.a": call("upper", "a")}, None),
        ("decide", Expression(second, Place()), True),
        ("map", {"a": "o.a"}, None),
    ]
    process = compiled(chain.shapes, chain.of(made), maps=chain.maps)
    generated = process.generated
    assert generated is not None
    counted = {"decode": 0, "encode": 0}
    names = generated.function.__globals__
    for name in counted:

        def count(value: object, name: str = name, real: object = names[name]) -> object:
            counted[name] += 1
            return real(value)  # type: ignore[operator]

        monkeypatch.setitem(names, name, count)
    by_function, watch = await told(process, Held((Document(b"1", b'{"a":"text"}'),)), generated=True, limits=WIDE)
    assert watch.flights == 1
    assert [returned[2] for returned in by_function.returned] == [b'{"a":"TEXT"}']
    assert counted == {"decode": 1, "encode": 1}


@pytest.mark.parametrize(
    ("content", "follows"),
    [
        (b'{"a":"x","o":{"a":"y"},"l":[{"a":"z"},{},null]}', True),
        (b'{"a":{"any":"thing"},"o":null,"l":null}', True),
        (b'{"a":"x","more":1}', False),
        (b'{"a":"x","o":"text"}', False),
        (b'{"a":"x","l":{"a":"z"}}', False),
        (b"[]", False),
    ],
)
async def test_documents_that_follow_their_profile_become_structs(content: bytes, follows: bool) -> None:  # noqa: FBT001
    """What follows the profile of the request is read as Structs, what has another form as ever."""
    chain = Chain()
    first = chain.of([("map", {"a": "a", "o.a": "o.a", "l[].a": "l[].a", "b": constant("c")}, None)])
    process = compiled(chain.shapes, first, FlowListener(request_profile="asked"), maps=chain.maps, profiles=BOUND)
    generated = process.generated
    assert generated is not None
    called: list[int] = []

    def function(*given: Any) -> None:  # noqa: ANN401 - whatever a generated function is given
        called.append(1)
        generated.function(*given)

    process.generated = replace(generated, function=function)
    batch = Held((Document(b"1", content),))
    by_function, _ = await told(process, batch, generated=True, limits=WIDE)
    assert by_function == (await told(process, batch, generated=False, limits=WIDE))[0]
    assert called == ([] if follows else [1])


@pytest.mark.parametrize(
    ("rules", "has_structs"),
    [
        ({"a": "o.a", "b": "b"}, True),
        ({"a": "o", "b": "a"}, True),
        ({"a": "a", "o.a": computed("document.o == null ? '' : document.o.a")}, True),
        ({"a": computed("document")}, False),
    ],
)
async def test_what_is_used_as_a_whole_stays_a_dict(rules: dict[str, str | Source], has_structs: bool) -> None:  # noqa: FBT001
    """A part that is passed on, compared or printed is what it was, with its members in their order."""
    chain = Chain()
    first = chain.of([("map", rules, None)])
    process = compiled(chain.shapes, first, FlowListener(request_profile="asked"), maps=chain.maps, profiles=BOUND)
    assert process.generated is not None
    assert (process.generated.typed is not None) is has_structs
    batch = Held((Document(b"1", b'{"b":1,"o":{"b":2,"a":"y"},"a":"x"}'),))
    by_function, watch = await told(process, batch, generated=True, limits=WIDE)
    assert watch.flights == 1
    assert by_function == (await told(process, batch, generated=False, limits=WIDE))[0]


def test_a_function_of_too_many_lines_calls_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where native steps would fill a book, they are called, and the process is one function all the same."""
    monkeypatch.setattr(writer, "MOST_LINES", 30)
    chain = Chain()
    fields: dict[str, str | Source] = {f"f{number}": f"o.a{number}" for number in range(30)}
    generated = compiled(chain.shapes, chain.of([("map", fields, None)]), maps=chain.maps).generated
    assert generated is not None
    assert "s0.each(" in generated.source
