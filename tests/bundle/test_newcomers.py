"""What newcomers write, and what they are told: the place, the cause and the cure, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bundle.house import SOUND, Files, problems, process_of

P = "processes/p.yaml"
LISTENER = "name: Greet\nstart: { listen: flow, response profile: order }\nsteps:\n"
QUOTE = 'put the whole text in quotes: "… ${…} …"'


def steps(text: str) -> Files:
    """Give the sound bundle with a process of those steps; the first of them stands in line 4."""
    return {**SOUND, P: process_of(text)}


def without_connections(text: str) -> Files:
    """Give a bundle that has no connection at all, with a process of those steps."""
    kept = {path: content for path, content in SOUND.items() if path.startswith(("bundle", "profiles", "maps"))}
    return {**kept, P: process_of(text)}


MISTAKES: dict[str, tuple[Files, str]] = {
    "a tab": (
        steps("\t- stop\n"),
        f"{P}:4:1: a tab cannot indent YAML [bundle.tab] (indent with spaces)",
    ),
    "a missing label": (
        steps("  - message: a\n  - decision: ${1 == 1}\n    yes: [ go to: retry ]\n"),
        (
            f"{P}:6:19: there is no label 'retry' [bundle.unknown-reference] "
            "(give the step that it goes to 'label: retry')"
        ),
    ),
    "a wrong profile field": (
        {**SOUND, "maps/m.yaml": "from: order\nto: priced order\nfields:\n  lines[].sku: lines[].skuu\n"},
        (
            "maps/m.yaml:4:16: profile 'order' has no field 'lines[].skuu' [bundle.unknown-element] "
            "(did you mean 'lines[].sku'?)"
        ),
    ),
    "an unquoted expression in braces": (
        steps("  - exception: { title: Unknown, message: No item ${document.sku} }\n"),
        f"{P}:4:52: '{{' cannot stand in a text without quotes here [bundle.yaml-syntax] ({QUOTE})",
    ),
    "an unquoted expression with a colon": (
        steps("  - message: ${has(document.a) ? 'x: y' : 'b'}\n"),
        f"{P}:4:36: a ':' cannot stand here [bundle.yaml-syntax] ({QUOTE})",
    ),
    "a condition that is no expression": (
        steps("  - decision: meta.status == 404\n    yes: [ stop ]\n"),
        (
            f"{P}:4:15: a decision is one expression, not 'meta.status == 404' [bundle.wrong-type] "
            "(write ${meta.status == 404})"
        ),
    ),
    "JSON without quotes": (
        steps('  - message: { "Message": "${document.a}" }\n'),
        f"{P}:4:14: a message is a text, and this is a table of keys [bundle.wrong-type] (put JSON in quotes: '{{…}}')",
    ),
    "a loop": (
        steps("  - message: a\n    label: again\n  - map: priced-line\n  - go to: again\n"),
        (
            f"{P}:4:5: the loop that begins at this step never ends [bundle.endless-loop] "
            "(add a decision that leaves it, or a wait)"
        ),
    ),
    "a forgotten Return Documents": (
        {**SOUND, P: LISTENER + "  - message: hello\n  - message: world\n"},
        (
            f"{P}:5:5: the process 'Greet' answers Flow, and its documents are lost after this step [bundle.no-answer] "
            "(add '- return documents' after it, or '- stop')"
        ),
    ),
    "a misspelt step": (
        steps("  - retrun documents\n"),
        f"{P}:4:5: there is no step 'retrun documents' [bundle.unknown-step] (did you mean 'return documents'?)",
    ),
    "a step as other tools call it": (
        steps("  - if: ${1 == 1}\n    yes: [ stop ]\n"),
        f"{P}:4:5: there is no step 'if' [bundle.unknown-step] (the step is called 'decision')",
    ),
    "a key that is indented like nothing above": (
        steps("  - message: a\n   label: b\n  - stop\n"),
        f"{P}:5:4: the indentation fits no line above [bundle.yaml-syntax] (indent all keys of a table alike)",
    ),
    "a step that is indented like nothing above": (
        steps("  - message: a\n - stop\n"),
        f"{P}:5:2: the indentation fits no line above [bundle.yaml-syntax] (indent every '- ' of a list alike)",
    ),
    "a step that is indented too far": (
        steps("  - wait: 1 s\n  - stop\n    - stop\n"),
        f"{P}:5:5: there is no step 'stop - stop' [bundle.unknown-step] (indent every '- ' of a list alike)",
    ),
    "keys that are not indented enough": (
        steps("  - exception:\n    title: a\n    message: b\n"),
        (
            f"{P}:4:5: one step cannot be 'exception' and 'message' [bundle.unknown-step] "
            "(indent what belongs to 'exception' deeper than 'exception' itself)"
        ),
    ),
    "steps without dashes": (
        steps("  message: a\n"),
        f"{P}:4:3: 'steps' must be a list, not a table of keys [bundle.wrong-type] (begin each item of it with '- ')",
    ),
    "a key without a colon": (
        {**SOUND, P: "name P\nstart: no data\nsteps: [ stop ]\n"},
        f"{P}:2:6: a ':' cannot stand here [bundle.yaml-syntax] (line 1 has no ':' after its key)",
    ),
    "a colon without a blank": (
        {**SOUND, P: "name:P\nstart: no data\nsteps: [ stop ]\n"},
        f"{P}:2:6: a ':' cannot stand here [bundle.yaml-syntax] (write a blank after the ':' in line 1)",
    ),
    "a colon within a text": (
        steps("  - message: Status: done\n"),
        (
            f"{P}:4:20: a ':' cannot stand here [bundle.yaml-syntax] "
            "(put the text in quotes: a ': ' within it would begin a value)"
        ),
    ),
    "a duplicate key": (
        steps("  - message: a\n    message: b\n"),
        f"{P}:5:5: the key 'message' is already used in line 4 [bundle.duplicate-key] (keep one of the two)",
    ),
    "an open quote": (
        steps('  - message: "hello\n  - stop\n'),
        f"{P}:4:14: this quote is never closed [bundle.yaml-syntax] (close it, or remove it)",
    ),
    "an open brace": (
        steps("  - message: { text: a\n  - stop\n"),
        (
            f"{P}:4:14: this '{{' is never closed [bundle.yaml-syntax] "
            "(close it with '}'; a text with one of , [ ] { } in it needs quotes)"
        ),
    ),
    "a missing connection": (
        without_connections("  - connector: crm\n    operation: get\n    path: /\n"),
        f"{P}:4:16: there is no connection 'crm' [bundle.unknown-reference] (add connections/crm.yaml)",
    ),
    "a start that is not finished": (
        {**SOUND, P: "name: P\nstart: listen\nsteps: [ stop ]\n"},
        f"{P}:2:8: there is no start 'listen' [bundle.unknown-value] (did you mean 'listen: flow'?)",
    ),
    "a field without its document": (
        steps("  - message: ${sku}\n"),
        (
            f"{P}:4:14: there is no name 'sku'; known are document, properties, meta, process, execution "
            "(at character 1) [bundle.expression] (a field is 'document.sku')"
        ),
    ),
    "a root name cut short": (
        steps("  - message: ${doc.sku}\n"),
        (
            f"{P}:4:14: there is no name 'doc.sku'; known are document, properties, meta, process, execution "
            "(at character 4) [bundle.expression] (did you mean 'document'?)"
        ),
    ),
    "one equals sign": (
        steps("  - decision: ${document.a = 1}\n    yes: [ stop ]\n"),
        f"{P}:4:15: token recognition error at: '= ' (at character 12) [bundle.expression] (compare with '==')",
    ),
    "a word for an operator": (
        steps("  - decision: ${document.a == 'this and that' and document.b == 2}\n    yes: [ stop ]\n"),
        f"{P}:4:15: mismatched input 'and' expecting <EOF> (at character 31) [bundle.expression] (write && for 'and')",
    ),
    "quotes of a word processor": (
        steps("  - decision: ${document.a == \u2018b\u2019}\n    yes: [ stop ]\n"),
        (
            f"{P}:4:15: token recognition error at: '\u2018' (at character 15) [bundle.expression] "
            "(write straight quotes: ' or \")"
        ),
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_newcomer_is_told_the_place_the_cause_and_the_cure(name: str, tmp_path: Path) -> None:
    """One mistake, one finding, in plain words, with the line below it."""
    files, told = MISTAKES[name]
    (problem,) = problems(tmp_path, files)
    first, _, excerpt = str(problem).partition("\n")
    assert first == told
    assert excerpt.strip()


def test_a_process_that_is_no_yaml_is_not_missed_where_it_is_named(tmp_path: Path) -> None:
    """The mistake is told once, where it is: the service that names the process is right."""
    service = "external name: Greeter\nactions: { Greet: Greet }\n"
    files = {**SOUND, "flow-services/s.yaml": service, P: f"{LISTENER}\t- stop\n"}
    (problem,) = problems(tmp_path, files)
    assert problem.code == "bundle.tab"
