"""Maps whose body is JSONata: what they give, and that nothing in them can hold up the daemon or take its memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.bundle.read import read_bundle
from runtime.engine.compile import compile_bundle
from runtime.engine.scripts.calling import call_in_process
from runtime.engine.scripts.workers import ScriptLimits, Workers, open_workers
from runtime.errors import BundleError, DocumentFault
from runtime.expressions.jsonata import MOST_NODES, compile_jsonata, mistake_in
from runtime.sdk.script import ScriptContext, ScriptDocument
from tests.bundle.house import write
from tests.bundle.test_schema import complaints
from tests.engine.runs import Ended, Run
from tests.engine.seen import batch, texts
from tests.engine.worlds import World

TOTALS = '{ "id": id, "total": $sum(lines.(price * qty)), "who": $properties.who }'


def files(expression: str) -> dict[str, str | bytes]:
    """Give a bundle with one map."""
    return {
        "bundle.yaml": "name: b\nversion: 1\n",
        "maps/m.yaml": "jsonata: " + json.dumps(expression) + "\n",
        "processes/p.yaml": "name: p\nstart: passthrough\nsteps: [ { map: m }, return documents ]\n",
    }


async def run(folder: Path, expression: str, *contents: str, **properties: str) -> Ended:
    """Map documents; an editor has nothing against it."""
    made = files(expression)
    assert complaints(made) == []
    world = World()
    bundle = read_bundle(write(folder, made), world.catalogue())
    process = compile_bundle(bundle, world.catalogue()).processes["p"]
    return await Run(process, world, batch(*contents, **properties)).go()


async def test_an_expression_makes_a_document_of_another(tmp_path: Path) -> None:
    """With its properties beside it; each document by itself."""
    content = '{"id":"ä","lines":[{"price":2,"qty":3},{"price":1.5,"qty":2}]}'
    ended = await run(tmp_path, TOTALS, content, '{"id":"b"}', who="me")
    assert ended.message is None
    assert [json.loads(text) for text in texts(ended)] == [
        {"id": "ä", "total": 9, "who": "me"},
        {"id": "b", "who": "me"},
    ]


@pytest.mark.parametrize(
    ("expression", "bad", "reason"),
    [
        ("id", '{"x":1}', "No data produced from map 'm'"),
        ("$sum(id)", '{"id":["a"]}', "sum"),
        ("id", "no json", "not JSON"),
        ("function($x){$x}", '{"id":1}', "no JSON"),
        ("$error('not so')", "{}", "not so"),
        ("1/id", '{"id":0}', ""),
        ("$f($f)", "{}", ""),
        ("( $f := function($x){ $f($x) + 1 }; $f(1) )", "{}", ""),
    ],
)
async def test_a_document_that_cannot_be_mapped_fails_alone(
    tmp_path: Path, expression: str, bad: str, reason: str
) -> None:
    """81, 84: with the reason."""
    ended = await run(tmp_path, expression, bad)
    assert (texts(ended), bool(ended.message)) == ([], True)
    assert reason in (ended.message or "")
    good = await run(tmp_path / "good", f"id = 'good' ? 'fine' : ({expression})", '{"id":"good"}', bad, '{"id":"good"}')
    assert texts(good) == ['"fine"', '"fine"']


HOSTILE = {
    "calls without end": "( $f := function($x){ $f($x + 1) }; $f(0) )",
    "calls that grow": "( $f := function($x){ $f($x + 1) + 1 }; $f(0) )",
    "two that call each other": "( $a := function($x){ $b($x) }; $b := function($x){ $a($x) + 1 }; $a(0) )",
    "a text that doubles": "( $f := function($s, $n){ $n = 0 ? $s : $f($s & $s, $n - 1) }; $f('xxxxxxxx', 60) )",
    "a list that doubles": "( $f := function($s, $n){ $n = 0 ? $s : $f($append($s, $s), $n - 1) }; $f([1, 2], 60) )",
    "a padding": "$length($pad('x', 9999999999))",
    "a range": "$sum([1..9999999].([1..9999999]))",
    "ranges in ranges": "$count([1..9999].[1..9999].[1..9999])",
    "a power": "$power(10, 9999)",
    "a pattern": "$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)",
    "an expression in a text": "$eval('( $f := function($x){ $f($x) }; $f(0) )')",
    "a sort": "[1..99999]^($ % 7, $string($))",
}


MEMORY = 384 * 1024 * 1024  # less than a machine has
SHORT = ScriptLimits(time=1.0, memory=MEMORY, processes=1)
LONG = ScriptLimits(time=120.0, memory=MEMORY, processes=1)  # a process has to start first, on whatever machine


async def evaluated(workers: Workers, source: str, content: bytes) -> bytes:
    """Evaluate in a process of its own."""
    facade = ScriptContext({}, {})
    (made,) = await call_in_process(
        workers, "jsonata", "maps/m.yaml", "", source, documents=[ScriptDocument(content)], facade=facade, lines=[]
    )
    return made.content


@pytest.mark.parametrize("name", HOSTILE)
async def test_no_expression_runs_away(name: str) -> None:
    """Time, memory and depth end it; whatever it does, the next document is mapped."""
    async with open_workers(SHORT) as workers:
        try:
            made = await evaluated(workers, HOSTILE[name], b'{"a":1}')
        except DocumentFault as fault:
            assert fault.code in {"map.jsonata", "script.time", "script.memory", "script.ended", "script.error"}  # noqa: PT017
            assert len(fault.message) < 1_000  # noqa: PT017
        else:
            assert len(made) < 10_000_000
        workers._limits = LONG
        assert await evaluated(workers, "a", b'{"a":1}') == b"1"


async def test_a_hostile_document_ends_nothing_else() -> None:
    """Deep, wide and broken ones: the next one is mapped in the same process, or in another."""
    async with open_workers(LONG) as workers:
        for content in (
            b"[" * 100_000,
            b'{"a":' * 900 + b"1" + b"}" * 900,
            b"\xff",
            b'{"a":1e999}',
            b'{"a":' + b"9" * 9_000 + b"}",
        ):
            try:
                await evaluated(workers, "**.a", content)
            except DocumentFault as fault:
                assert fault.message  # noqa: PT017
        assert await evaluated(workers, "a", b'{"a":"next"}') == b'"next"'


@pytest.mark.parametrize(
    ("expression", "reason"),
    [("{", ""), ("a b", ""), ("$sum(", ""), ("(" * (MOST_NODES + 1), "nest deeper"), ("a ~> ", ""), ("'x", "")],
)
def test_what_is_no_expression_is_refused_when_it_is_read(tmp_path: Path, expression: str, reason: str) -> None:
    """At its place, with what is wrong."""
    with pytest.raises(BundleError) as refused:
        read_bundle(write(tmp_path, files(expression)), World().catalogue())
    (problem,) = refused.value.problems
    assert (problem.code, problem.place.file) == ("bundle.expression", "maps/m.yaml")
    assert reason in problem.message


def test_the_library_lifts_no_limit() -> None:
    """It would let whatever calls itself in the daemon go ten times as deep."""
    before = sys.getrecursionlimit()
    assert mistake_in("a") is None
    assert sys.getrecursionlimit() == before


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="$ab.[](){}:=+-*/&|<>'\"^%?,;~1 fn", max_size=30))
def test_any_text_is_an_expression_or_none(text: str) -> None:
    """Reading never ends in anything but a mistake; what reads runs within its bounds, or fails its document."""
    if mistake_in(text) is not None:
        return
    try:
        made = compile_jsonata(text)(b'{"a":{"b":[1,2]}}', {}, 0.5)
    except DocumentFault:
        return
    assert isinstance(made, bytes)
