"""The laws of a bundle's own tests."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

import pytest
import trio
from lxml import etree

from runtime.bundle.read import bundle_of
from runtime.bundle.sources import read_sources
from runtime.errors import BundleError
from runtime.plugins import installed_connectors
from runtime.testkit.cases.reports import junit
from runtime.testkit.cases.run import Verdict, prove, run_path
from tests.patience import PATIENCE

MANIFEST = "name: b\nversion: 1\nneeds: { http: 1 }\nextensions: { place: { description: where } }\n"
PROCESS = """\
name: P
start: passthrough
steps:
  - set properties: { process.seen: "${document.n}" }
  - decision: ${document.n > 1}
    yes:
      - try:
          - connector: there
            label: tell them
            operation: put
            path: /told
        catch: [ { exception: { title: No, message: They do not listen. } } ]
        retries: 3
        trigger: all errors
    no: [ { label: too small, message: "" }, stop ]
  - return documents
"""
CONNECTION = "connector: http\nurl: ${extension.place}\n"
HEAD = "process: P\nextensions: { place: http://127.0.0.1:1 }\nmocks: { tell them: { answer: { ok: true } } }\ncases:\n"


def bundle(folder: Path, cases: str, *, head: str = HEAD, process: str = PROCESS) -> Path:
    """Write a bundle with one process and these cases."""
    files = {
        "bundle.yaml": MANIFEST,
        "processes/p.yaml": process,
        "connections/there.yaml": CONNECTION,
        "tests/p.yaml": head + dedent(cases),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def run(folder: Path, cases: str, *, head: str = HEAD) -> list[Verdict]:
    """Run cases of the bundle."""
    return list(run_path(bundle(folder, cases, head=head), installed_connectors()))


def differences(folder: Path, expect: str, given: str = "documents: [ { n: 2 } ]") -> tuple[str, ...]:
    """Give how one case with this input differs from what it expects."""
    (verdict,) = run(folder, f"- {{ name: c, {given}, expect: {{ {expect} }} }}\n")
    return verdict.differences


def test_a_case_passes_when_everything_is_as_expected(tmp_path: Path) -> None:
    """Documents, properties, steps, requests and status are those of the real engine."""
    expect = (
        "documents: [ { ok: true } ], properties: { seen: '2' }, steps: [ tell them ], not reached: [ too small ],"
        " requests: { tell them: [ { path: /told, document: { n: 2 } } ] }"
    )
    assert differences(tmp_path, expect) == ()


EXPECTATIONS = {
    "status: error": "the execution is complete; wanted error",
    "documents: [ { ok: false } ]": "document 1.ok is true; wanted false",
    "documents: [ { } ]": "document 1.ok is true; nothing is wanted there",
    "documents: [ ]": "1 documents are returned; wanted 0",
    "documents: [ { ok: { $like: f.* } } ]": "document 1.ok is true; wanted like f.*",
    "documents: [ text ]": "document 1 is '{\"ok\": true}'; wanted 'text'",
    "properties: { seen: '3' }": "the property 'seen' is '2'; wanted '3'",
    "properties: { unseen: '3' }": "the property 'unseen' is not there; wanted '3'",
    "steps: [ too small ]": "'too small' is not reached; reached: ",
    "not reached: [ tell them ]": "'tell them' was reached",
    "requests: { tell them: [ ] }": "'tell them' makes 1 calls; wanted 0",
    "requests: { tell them: [ { path: /x } ] }": "call 1 of 'tell them': path is '/told'; wanted '/x'",
    "answer: forward": "nobody is answered: the case has no 'request'",
    "callbacks: [ { kind: forward } ]": "0 callbacks are due; wanted 1",
}


@pytest.mark.parametrize("expect", EXPECTATIONS)
def test_a_difference_is_told_where_it_is(tmp_path: Path, expect: str) -> None:
    """What is not as expected fails the case, and says what was found and what was wanted."""
    found = differences(tmp_path, expect)
    assert any(EXPECTATIONS[expect] in line for line in found), found


MOCKS = {
    "{ answer: { ok: 1.50 } }": ("documents: [ { ok: 1.5 } ]", None),
    "{}": ("documents: [ { n: 2 } ]", None),
    "{ answers: [ { a: 1 }, text ] }": ("documents: [ { a: 1 }, text ]", None),
    "[ { answer: { a: 1 } } ]": ("documents: [ { a: 1 } ]", None),
    "[]": ("status: error", "of 'tell them' meets no answer"),
    "[ { for: { path: /other }, answer: { } } ]": ("status: error", "meets no answer: path: /told"),
    "{ answer: { }, delay: 2 h }": ("status: complete", None),
    "{ fault: { kind: application, message: no } }": ("status: error, message: They do not listen.", None),
    "[ { fault: { kind: not sent } }, { fault: { kind: unknown } }, { answer: { ok: 1 } } ]": (
        "documents: [ { ok: 1 } ], requests: { tell them: [ {}, {}, {} ] }",
        None,
    ),
}


@pytest.mark.parametrize("mock", MOCKS)
def test_mocks_answer_in_place_of_the_target(tmp_path: Path, mock: str) -> None:
    """A call meets the first answer that fits and is not used up; one that meets none fails the case."""
    expect, trouble = MOCKS[mock]
    found = differences(tmp_path, expect, f"documents: [ {{ n: 2 }} ], mocks: {{ tell them: {mock} }}")
    assert all(trouble is not None and trouble in line for line in found), found
    assert (trouble is None) == (not found)


def test_waiting_costs_no_time(tmp_path: Path) -> None:
    """A case whose retries wait 40 s and whose target takes two days is over in the time that it computes."""
    delays = "[ { fault: { kind: not sent }, delay: 48 h }, { fault: { kind: not sent } }, {}, {} ]"
    (verdict,) = run(
        tmp_path,
        f"- {{ name: c, documents: [ {{ n: 2 }} ], mocks: {{ tell them: {delays} }}, expect: {{ status: complete }} }}",
    )
    assert verdict.differences == ()
    assert verdict.seconds < PATIENCE


MISTAKES: dict[str, tuple[str, int]] = {
    "process: Q\ncases: []\n": ("there is no process 'Q'", 1),
    "process: P\nmocks: { tell tem: {} }\ncases: []\n": (
        "there is no step 'tell tem' [bundle.unknown-reference] (did you mean 'tell them'?)",
        2,
    ),
    "process: P\ncases:\n- { name: c, expekt: {}, expect: {} }\n": ("a case has no key 'expekt'", 3),
    "process: P\ncases:\n- { name: c, expect: { steps: [ there ] } }\n": ("there is no step 'there'", 3),
    "process: P\ncases:\n- { name: c, request: {}, expect: {} }\n": ("Flow does not call 'P'", 3),
    "process: P\ncases:\n- { name: c }\n": ("a case needs 'expect'", 3),
    "process: P\ncases:\n- { name: c, documents: [ { file: x.json } ], expect: {} }\n": (
        "no file in tests/ 'x.json'",
        3,
    ),
    "process: P\ncases:\n- { name: c, expect: { documents: [ { $like: '(' } ] } }\n": ("cannot be read", 3),
    "process: P\nmocks: { tell them: { answer: 1, fault: {} } }\ncases: []\n": ("a call has one outcome", 2),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_a_test_is_told_where_it_stands(tmp_path: Path, text: str) -> None:
    """What a test cannot mean is refused with its line, and with what was probably meant."""
    with pytest.raises(BundleError) as caught:
        run(tmp_path, "", head=text)
    message, line = MISTAKES[text]
    assert any(message in str(problem) and problem.place.line == line for problem in caught.value.problems), str(
        caught.value
    )


def test_two_steps_of_one_label_are_told_apart_by_their_process(tmp_path: Path) -> None:
    """A test calls its own process' steps by their labels, those of another by ``process/label``."""
    bundle(tmp_path, "")
    (tmp_path / "processes" / "q.yaml").write_text(PROCESS.replace("name: P", "name: Q"))
    cases = """\
        - name: own
          documents: [ { n: 2 } ]
          expect: { steps: [ tell them ], not reached: [ Q/tell them ], requests: { P/tell them: [ {} ] } }
        """
    assert [verdict.differences for verdict in run(tmp_path, cases)] == [()]


def red(folder: Path) -> Path:
    """Give a bundle one of whose two tests fails."""
    cases = """\
        - { name: good, documents: [ { n: 2 } ], expect: { status: complete } }
        - { name: bad, documents: [ { n: 1 } ], expect: { documents: [ 1, 2 ] } }
        """
    return bundle(folder, cases)


def test_a_bundle_is_held_to_its_tests(tmp_path: Path) -> None:
    """A failed case refuses the bundle, naming the case and the first difference; so does a lack of time."""
    sources, findings = read_sources(red(tmp_path))
    read = bundle_of(sources, findings, installed_connectors())
    with pytest.raises(BundleError) as caught:
        prove(read, sources, installed_connectors(), within=60)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.file, problem.place.line) == ("bundle.test-failed", "tests/p.yaml", 6)
    assert problem.message == "the test 'bad' fails: 0 documents are returned; wanted 2"
    with pytest.raises(BundleError) as caught:
        prove(read, sources, installed_connectors(), within=0)
    assert [problem.code for problem in caught.value.problems] == ["bundle.tests-slow"]


async def test_tests_run_beside_a_loop(tmp_path: Path) -> None:
    """In a thread of a daemon they have a loop and a time of their own."""
    folder = red(tmp_path)

    def work() -> Sequence[Verdict]:
        assert threading.current_thread() is not threading.main_thread()
        return list(run_path(folder, installed_connectors()))

    verdicts = await trio.to_thread.run_sync(work)
    assert [verdict.passed for verdict in verdicts] == [True, False]


def test_build_servers_read_the_report(tmp_path: Path) -> None:
    """The JUnit report counts what failed, and has the differences as the text of the failure."""
    root = etree.fromstring(junit(list(run_path(red(tmp_path), installed_connectors()))))
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    (failure,) = root.iter("failure")
    assert failure.text == "0 documents are returned; wanted 2"
