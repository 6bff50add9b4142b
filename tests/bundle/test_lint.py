"""What is doubtful in a sound bundle is told, and refuses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.bundle.read import lint_bundle
from tests.bundle.house import CATALOGUE, SOUND, Files, problems, process_of, write

PROCESS = "processes/p.yaml"
QUIET: Files = {path: text for path, text in SOUND.items() if not path.startswith("scripts/")}
SENDING: Files = {
    **QUIET,
    "bundle.yaml": "name: pricing\nversion: 1\nneeds: { http: 1, typed: 1.2 }\n",
    "connections/outbox.yaml": "connector: typed\n",
}
SEND = "connector: outbox\n        operation: send\n"


def steps(text: str, files: Files = QUIET) -> Files:
    """Give a bundle with a process of those steps."""
    return {**files, PROCESS: process_of(text)}


def listener(text: str) -> Files:
    """Give a bundle with a listener that has a response profile, and those steps."""
    head = "name: P\nstart: { listen: flow, response profile: order }\nsteps:\n"
    return {**QUIET, PROCESS: head + text}


PASSED_OVER = {"bundle.unused", "bundle.effects.parks"}

DOUBTS: dict[str, tuple[Files, str, str, str]] = {
    "case that an earlier one takes everything from": (
        steps(
            "  - route: a\n    cases: [ { value: a, steps: [ stop ] }, { value: a, steps: [ stop ] } ]\n"
            "    default: [ stop ]\n"
        ),
        f"{PROCESS}:4:5",
        "route-unreachable",
        "no document comes to the case 'a': an earlier one with the same value takes them all",
    ),
    "path that loses documents": (
        steps("  - branch:\n      - [ return documents ]\n      - [ message: a ]\n"),
        f"{PROCESS}:6:11",
        "path-without-end",
        "the path ends after this step, and its documents are neither returned nor stopped",
    ),
    # what is doubtful: the bundle, where, the code, the message
    "retry of a once call": (
        steps(f"  - try:\n      - {SEND}    catch: [ stop ]\n    retries: 2\n", SENDING),
        f"{PROCESS}:5:9",
        "effects.retry-once",
        "the retries in line 4 repeat 'send', which must not be made twice",
    ),
    "retry of a once call below the try": (
        steps(
            "  - try: [ message: a ]\n    catch: [ stop ]\n    retries: 1\n"
            "  - connector: outbox\n    operation: send\n",
            SENDING,
        ),
        f"{PROCESS}:7:5",
        "effects.retry-once",
        "the retries in line 4 repeat 'send', which must not be made twice",
    ),
    "restart repeats a once call": (
        {
            **SENDING,
            PROCESS: "name: P\nstart: no data\noptions: { recovery: restart }\nsteps:\n"
            "  - connector: outbox\n    operation: send\n",
        },
        f"{PROCESS}:5:5",
        "effects.restart-once",
        "a restart after a crash repeats 'send', which must not be made twice",
    ),
    "a once call that a crash leaves in doubt": (
        {
            **SENDING,
            PROCESS: "name: P\nstart: no data\noptions: { recovery: resume }\nsteps:\n"
            "  - connector: outbox\n    operation: send\n",
        },
        f"{PROCESS}:5:5",
        "effects.parks",
        "a crash in the middle of 'send' parks the execution: a person has to decide",
    ),
    "a once call that a crash leaves half done": (
        {
            **SENDING,
            PROCESS: "name: P\nstart: no data\noptions: { recovery: fail }\nsteps:\n"
            "  - connector: outbox\n    operation: send\n",
        },
        f"{PROCESS}:5:5",
        "effects.half-done",
        "with 'recovery: fail' a crash after 'send' ends the execution half done",
    ),
    "a once call that a crash forgets": (
        {
            **SENDING,
            PROCESS: "name: P\nstart: no data\noptions: { mode: low latency }\nsteps:\n"
            "  - connector: outbox\n    operation: send\n",
        },
        f"{PROCESS}:5:5",
        "effects.forgotten",
        "a crash before WAIT forgets that 'send' was made",
    ),
    "path without return": (
        listener("  - decision: ${1 == 1}\n    yes: [ return documents ]\n    no: [ message: a ]\n"),
        f"{PROCESS}:6:11",
        "path-without-return",
        "the path ends after this step, and its documents are not returned",
    ),
    "decision without a difference": (
        steps("  - decision: ${1 == 1}\n    yes: []\n  - stop\n"),
        f"{PROCESS}:4:5",
        "idle-decision",
        "both arms of this decision go on at the same step",
    ),
    "numbered placeholder": (
        steps('  - message: "Hello {1}"\n'),
        f"{PROCESS}:4:5",
        "message-braces",
        "'{1}' is printed as it stands: nothing fills it in",
    ),
    "empty placeholder": (
        steps('  - message: "Hello {}"\n'),
        f"{PROCESS}:4:5",
        "message-braces",
        "'{}' is printed as it stands: nothing fills it in",
    ),
    "property that nothing sets": (
        steps("  - set properties: { count: 1 }\n  - message: ${properties.cout}\n"),
        f"{PROCESS}:5:14",
        "property-never-set",
        "no step sets the property of a document 'cout'",
    ),
    "property of the process that nothing sets": (
        steps("  - message: ${process.region}\n"),
        f"{PROCESS}:4:14",
        "property-never-set",
        "no step sets the property of the process 'region'",
    ),
    "property that a map reads and nothing sets": (
        {**steps("  - map: m\n"), "maps/m.yaml": "fields:\n  a: ${properties.a}\n"},
        "maps/m.yaml:2:6",
        "property-never-set",
        "no step sets the property of a document 'a'",
    ),
    "unused map": (
        {**QUIET, "maps/m.yaml": "fields: { a: b }\n"},
        "maps/m.yaml:1:1",
        "unused",
        "nothing uses the map 'm'",
    ),
    "unused script": (SOUND, "scripts/tidy.py:1:1", "unused", "nothing uses the script 'scripts/tidy.py'"),
    "unused table": ({**QUIET, "tables/t.csv": "a,b\n"}, "tables/t.csv:1:1", "unused", "nothing uses the table 't'"),
    "unused extension": (
        {
            **QUIET,
            "bundle.yaml": "name: pricing\nversion: 1\nneeds: { http: 1 }\nextensions: { region: { default: x } }\n",
        },
        "bundle.yaml:4:15",
        "unused",
        "nothing uses the extension 'region'",
    ),
    "connector that is not asked for": (
        {**QUIET, "bundle.yaml": "name: pricing\nversion: 1\n"},
        "connections/catalogue.yaml:1:1",
        "needs-undeclared",
        "the connector 'http' is used here, and bundle.yaml does not say in which version",
    ),
    "path to be masked that is misspelt": (
        {**QUIET, "bundle.yaml": "name: pricing\nversion: 1\nneeds: { http: 1 }\nredaction:\n  - lines[].skuu\n"},
        "bundle.yaml:5:5",
        "redaction-unknown",
        "no profile has the field 'lines[].skuu' that is to be masked",
    ),
    "secret in a setting that is shown": (
        {**QUIET, "connections/catalogue.yaml": "connector: http\nurl: http://${secret.host}\n"},
        "connections/catalogue.yaml:2:13",
        "secrets.exposed",
        "'url' is shown to people, and a secret fills it",
    ),
}


@pytest.mark.parametrize("name", DOUBTS)
def test_a_doubt_is_a_warning_at_its_place(name: str, tmp_path: Path) -> None:
    """The bundle is read, and the doubt is told with it."""
    files, where, code, message = DOUBTS[name]
    bundle, found = lint_bundle(write(tmp_path, files), CATALOGUE)
    assert bundle is not None
    assert bundle.warnings == found
    told = [problem for problem in found if (str(problem.place), problem.code) == (where, f"bundle.{code}")]
    assert [(problem.message, problem.severity) for problem in told] == [(message, "warning")]
    assert ": warning: " in str(told[0])


QUIETLY: dict[str, Files] = {
    "property of the process that whoever calls hands down": {
        **QUIET,
        PROCESS: process_of("  - message: ${process.region}\n").replace("start: passthrough", "start: no data"),
        "processes/caller.yaml": "name: Caller\nstart: no data\nsteps:\n"
        "  - set properties: { process.region: north }\n  - process call: P\n    wait: false\n",
    },
    "the sound bundle": QUIET,
    "a once call behind the try": steps(
        "  - connector: outbox\n    operation: send\n  - try: [ message: a ]\n    catch: [ stop ]\n    retries: 2\n",
        SENDING,
    ),
    "a once call that is not retried": steps(
        "  - try: [ { connector: outbox, operation: send } ]\n    catch: [ stop ]\n", SENDING
    ),
    "a pure call that is retried": steps(
        "  - try: [ { connector: catalogue, operation: get, path: / } ]\n    catch: [ stop ]\n    retries: 2\n"
    ),
    "JSON with an empty object": steps("""  - message: '{"a": {}}'\n"""),
    "a property that is asked for": steps("  - message: \"${has(properties.a) ? properties.a : ''}\"\n"),
    "a property of the caller": steps("  - message: ${process.inflowuser_email}\n"),
    "a property that a script may set": {**steps("  - script: tidy.py\n  - message: ${properties.a}\n"), **SOUND},
    "a property of whoever calls": {
        **QUIET,
        PROCESS: "name: P\nstart: passthrough\nsteps: [ message: '${properties.a}' ]\n",
    },
    "a property that the process starts with": {
        **QUIET,
        PROCESS: "name: P\nstart: no data\nproperties: { a: 1 }\nsteps: [ message: '${process.a}' ]\n",
    },
    "a listener that only stops": listener("  - stop\n"),
}


@pytest.mark.parametrize("name", QUIETLY)
def test_what_is_well_made_is_not_doubted(name: str, tmp_path: Path) -> None:
    """A lint that cries wolf is turned off; that a crash parks a `once` call is said of each, since it is always so."""
    bundle, found = lint_bundle(write(tmp_path, QUIETLY[name]), CATALOGUE)
    assert bundle is not None
    assert [str(problem) for problem in found if problem.code not in PASSED_OVER] == []


def test_a_bundle_with_errors_is_told_its_errors(tmp_path: Path) -> None:
    """There is no bundle then; doubts come when it can be read."""
    bundle, found = lint_bundle(write(tmp_path, {**SOUND, "bundle.yaml": "name: a\n"}), CATALOGUE)
    assert bundle is None
    assert {problem.severity for problem in found} == {"error"}


SECRET = "hunter2"
CLEAR = f"connector: http\nurl: http://a\nuser: x # {SECRET}\npassword: {SECRET}\n"


def test_a_secret_in_clear_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """Neither the finding nor another one in the same file shows a line of it."""
    found = problems(tmp_path, {**SOUND, "connections/catalogue.yaml": CLEAR})
    assert [(problem.code, str(problem.place)) for problem in found] == [
        ("bundle.unknown-field", "connections/catalogue.yaml:3:1"),
        ("bundle.secrets.in-clear", "connections/catalogue.yaml:4:11"),
    ]
    assert SECRET not in repr(found)


def test_a_message_field_that_the_profile_lacks_is_an_error(tmp_path: Path) -> None:
    """An expression in a map is held to the profile that the map names."""
    text = "from: order\nfields:\n  a: ${document.linse.size()}\n  b: ${has(document.lines)}\n"
    (problem,) = problems(tmp_path, {**SOUND, "maps/m.yaml": text})
    assert (str(problem.place), problem.code) == ("maps/m.yaml:3:6", "bundle.unknown-element")
    assert problem.hint == "did you mean 'lines'?"


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ("typed: 2", "the connector 'typed' is needed in version 2; 1.4 is installed"),
        ("typed: 1.5", "the connector 'typed' is needed in version 1.5; 1.4 is installed"),
        ("typed: 0.9", "the connector 'typed' is needed in version 0.9; 1.4 is installed"),
        ("typed: new", "'new' is not a version"),
        ("typed: 1", None),
        ("typed: 1.4", None),
        ("typed: 1.0.7", None),
    ],
)
def test_a_connector_has_to_be_of_the_version_that_is_needed(tmp_path: Path, needs: str, message: str | None) -> None:
    """The same first number, and not older."""
    found = problems(tmp_path, {**SENDING, "bundle.yaml": f"name: a\nversion: 1\nneeds: {{ http: 1, {needs} }}\n"})
    assert [problem.message for problem in found] == ([message] if message is not None else [])
