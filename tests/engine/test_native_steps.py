"""Native processes in YAML, read and run: each step does what its page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.bundle.read import read_bundle
from runtime.engine.compile import compile_bundle
from runtime.engine.steps.begin import BeginProcess
from tests.bundle.house import problems, write
from tests.bundle.test_schema import complaints
from tests.engine.platform.shapes import Watching
from tests.engine.runs import Ended, Run
from tests.engine.seen import batch, texts
from tests.engine.worlds import World

HEAD = """\
name: b
version: 1
caches:
  all: {}
  by kind: { kind: "${properties.kind}" }
"""
CHILD = """\
name: Child
start: passthrough
steps:
  - decision: { left: "${document.n}", is: "<", right: "3" }
    yes: [ { return documents: , label: Small } ]
  - message: '{"n": ${document.n}, "big": true}'
  - return documents:
    label: Big
"""
ALONE = """\
name: Alone
start: no data
steps: [ { message: "alone ${process.p}" }, return documents ]
"""
STYLE = """\
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="text"/><xsl:template match="/"><xsl:value-of select="r/a"/></xsl:template></xsl:stylesheet>
"""


def files(steps: str, options: str = "") -> dict[str, str | bytes]:
    """Give a bundle whose process ``P`` has these steps."""
    return {
        "bundle.yaml": HEAD,
        "processes/p.yaml": f"name: p\nstart: passthrough\n{options}steps:\n{steps}",
        "processes/child.yaml": CHILD,
        "processes/alone.yaml": ALONE,
        "scripts/style.xsl": STYLE,
    }


async def run(folder: Path, steps: str, *contents: str, watching: Watching | None = None, **properties: str) -> Ended:
    """Read and run a process over documents; an editor has nothing against it either."""
    assert complaints(files(steps)) == []
    world = World()
    bundle = read_bundle(write(folder, files(steps)), world.catalogue())
    one = Run(compile_bundle(bundle, world.catalogue()).processes["p"], world, batch(*contents, **properties))
    one.observer = watching
    return await one.go()


async def test_notify_tells_and_lets_pass(tmp_path: Path) -> None:
    """One line for the batch, headed by the step's label; once for the run of the step where asked."""
    watching = Watching()
    steps = """\
  - notify: got ${document.n}
    label: Orders
  - notify: { text: "run ${execution.process}", title: Runs, level: warning, once: true, event: true }
  - return documents
"""
    ended = await run(tmp_path, steps, '{"n":1}', '{"n":2}', watching=watching)
    assert texts(ended) == ['{"n":1}', '{"n":2}']
    assert watching.lines == ["info Orders: got 1got 2", "warning Runs: run p"]


async def test_route_takes_the_first_case(tmp_path: Path) -> None:
    """Cases are tried in their order; a document that meets none goes to `default`."""
    steps = """\
  - route: ${properties.kind}${document.n}
    cases:
      - { value: a1, steps: [ { message: one }, return documents ] }
      - { is: wildcard, value: "a*", steps: [ { message: a }, return documents ] }
    default: [ { message: other } ]
  - return documents
"""
    assert texts(await run(tmp_path, steps, '{"n":1}', '{"n":2}', kind="a")) == ["one", "a"]
    assert texts(await run(tmp_path, steps, '{"n":1}', kind="b")) == ["other"]


async def test_business_rules_part_documents(tmp_path: Path) -> None:
    """Accepted documents go on first; rejected ones carry their reasons."""
    steps = """\
  - business rules:
      - { name: small, pass: "${document.n < 3}", message: "n was ${document.n}" }
      - { name: kind, pass: "${properties.kind == 'a'}", message: no }
    rejected: [ { message: "${meta.businessrulesmessage}" } ]
  - return documents
"""
    good, bad = texts(await run(tmp_path, steps, '{"n":5}', '{"n":1}', kind="a"))
    assert good == '{"n":1}'
    assert '<business_rule_failure rule="small">n was 5</business_rule_failure>' in bad
    assert "kind" not in bad


async def test_process_call_goes_on_with_what_returns(tmp_path: Path) -> None:
    """What is returned goes on, whatever step returned it; with `returns`, each label has its own path."""
    everything = "  - process call: Child\n  - return documents\n"
    documents = ('{"n": 1}', '{"n": 5}')
    assert sorted(texts(await run(tmp_path, everything, *documents))) == ['{"n": 1}', '{"n": 5, "big": true}']
    parted = """\
  - process call: Child
    returns:
      Big: [ { message: "big ${document.n}" }, return documents ]
      Small: [ { message: "small ${document.n}" } ]
  - return documents
"""
    assert texts(await run(tmp_path, parted, *documents)) == ["big 5", "small 1"]
    each = "  - set properties: { process.p: x }\n  - process call: Alone\n  - return documents\n"
    assert texts(await run(tmp_path, each, "1", "2")) == ["alone x", "alone x"]


async def test_process_route_calls_by_key(tmp_path: Path) -> None:
    """70: a key names a process, exactly; documents without one go on unchanged, last."""
    steps = """\
  - set properties: { process.p: y }
  - process route: ${document.key}
    routes: { alone: Alone, child: Child }
    default: [ { message: "no ${document.key}" } ]
  - return documents
"""
    documents = ('{"key":"Alone"}', '{"key":"child","n":1}', '{"key":"alone"}', '{"key":"child","n":2}')
    ended = await run(tmp_path, steps, *documents)
    assert texts(ended) == ["alone y", documents[1], documents[3], "no Alone"]


async def test_caches_keep_documents_for_later_steps(tmp_path: Path) -> None:
    """What one path keeps, a later path finds by its keys; removed it is gone."""
    steps = """\
  - branch:
      - - add to cache: by kind
      - - retrieve from cache: { cache: by kind, index: kind, keys: [ b ] }
        - message: none
        - return documents
      - - retrieve from cache: { cache: by kind, index: kind, keys: [ "${properties.kind}" ] }
        - return documents
      - - remove from cache: { cache: by kind, index: kind, keys: [ a ] }
      - - retrieve from cache: { cache: by kind, when empty: fail }
        - return documents
"""
    ended = await run(tmp_path, steps, "1", kind="a")
    assert texts(ended) == ["1"]
    assert "No documents found in cache" in (ended.message or "")


def test_a_call_may_say_that_it_is_not_waited_for(tmp_path: Path) -> None:
    """1.8: `wait` beside a call is a key of the call, and no step that waits."""
    world, steps = World(), "  - process call: Alone\n    wait: false\n"
    assert complaints(files(steps)) == []
    bundle = read_bundle(write(tmp_path, files(steps)), world.catalogue())
    (step,) = compile_bundle(bundle, world.catalogue()).processes["p"].steps.values()
    assert isinstance(step, BeginProcess)


async def test_flow_control_runs_what_follows_in_parts(tmp_path: Path) -> None:
    """22: each part runs to its end before the next."""
    steps = "  - flow control: { batch: 2 }\n  - combine\n  - return documents\n"
    assert texts(await run(tmp_path, steps, "1", "2", "3")) == ["[1,2]", "[3]"]


async def test_threads_and_parallel_paths_see_nothing_of_each_other(tmp_path: Path) -> None:
    """22: threads of Flow Control, and paths of a branch with `parallel`, begin with the properties as they were."""
    tell = '{ message: "${process.n}" }, { set properties: { process.n: "${process.n}x" } }, return documents'
    start = '  - set properties: { process.n: "a" }\n'
    threads = f"{start}  - flow control: {{ threads: 2 }}\n  - branch: [ [ {tell} ], [ {tell} ] ]\n"
    assert texts(await run(tmp_path, threads, "1", "2")) == ["a", "ax", "a", "ax"]
    paths = f"{start}  - branch: [ [ {tell} ], [ {tell} ] ]\n    parallel: true\n"
    assert texts(await run(tmp_path, paths, "1")) == ["a", "a"]


async def test_data_process_takes_small_steps(tmp_path: Path) -> None:
    """Words and tables, each on what the one before gave."""
    steps = """\
  - data process:
      - split lines: { header: remove }
      - search and replace: { search: "(\\\\d)", replace: "<$1>" }
      - combine lines: { before: head }
      - base64 encode
      - base64 decode
  - return documents
"""
    assert texts(await run(tmp_path, steps, "h\na1\nb2\n")) == ["head\na<1>\nb<2>\n"]
    xml = "  - data process: [ { split xml: { element: o/r } }, { xslt: style.xsl } ]\n  - return documents\n"
    assert texts(await run(tmp_path, xml.replace("o/r", "r/a"), "<r><a>1</a><a>2</a></r>")) == ["1", "2"]


@pytest.mark.parametrize(
    ("steps", "code", "line"),
    [
        ("  - process call: Nobody\n", "unknown-reference", 4),
        ("  - process call: Child\n    returns: { Huge: [ stop ] }\n", "return-unbound", 4),
        ("  - process call: Child\n    returns: { Big: stop }\n", "wrong-type", 5),
        ("  - process route: x\n", "missing-key", 4),
        ("  - add to cache: none\n", "unknown-reference", 4),
        ("  - retrieve from cache: { cache: by kind, index: none }\n", "unknown-reference", 4),
        ("  - retrieve from cache: { cache: by kind, index: kind }\n", "wrong-type", 4),
        ("  - flow control: {}\n", "missing-key", 4),
        ("  - route: x\n    cases: [ { value: a } ]\n", "missing-key", 5),
        ("  - route: x\n    cases: [ { is: like, value: a, steps: [ stop ] } ]\n", "unknown-value", 5),
        ("  - business rules: [ { name: a, pass: yes, message: b } ]\n", "wrong-type", 4),
        ("  - business rules: []\n", "wrong-type", 4),
        ("  - data process: [ base64 encoded ]\n", "unknown-value", 4),
        ("  - data process: [ split xml ]\n", "unknown-value", 4),
        ("  - data process: [ { split xml: { element: a } } ]\n", "wrong-type", 4),
        ("  - data process: [ { xslt: other.xsl } ]\n", "unknown-reference", 4),
        ("  - data process: base64 encode\n", "wrong-type", 4),
        ("  - notify: { title: a }\n", "missing-key", 4),
        ("  - set properties: { a: b }\n    persist: true\n", "wrong-type", 5),
        ("  - add to cache: all\n  - stop\n", "unreachable", 5),
    ],
)
def test_mistakes_are_told_at_their_place(steps: str, code: str, line: int, tmp_path: Path) -> None:
    """A native step that cannot run refuses the bundle, with file and line."""
    found = problems(tmp_path, files(steps))
    assert [(one.code, one.place.line) for one in found][:1] == [(f"bundle.{code}", line)]


async def test_try_with_a_policy_of_its_own(tmp_path: Path, autojump_clock: object) -> None:
    """What fails is tried again as the policy says, then caught."""
    steps = """\
  - try:
      - exception: { title: t, message: no, stop: document }
    catch: [ { message: "caught ${meta.catcherrorsmessage}" } ]
    retry: { times: 3, wait: 1 s, factor: 2, at most: 1 min, jitter: 0.1, only: [ process. ] }
  - return documents
"""
    assert texts(await run(tmp_path, steps, "1")) == ["caught no"]
