"""Every mistake is told at its place, with a stable code and its cure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bundle.house import SOUND, Files, problems, process_of

Edit = Callable[[], Files]


def changed(file: str, before: str, after: str) -> Files:
    """Give the sound bundle with one change."""
    text = SOUND[file]
    assert isinstance(text, str)
    assert before in text
    return {**SOUND, file: text.replace(before, after, 1)}


def added(file: str, text: str | bytes) -> Files:
    """Give the sound bundle with one file more."""
    return {**SOUND, file: text}


def scheduled(text: str) -> Files:
    """Give the sound bundle with a process that a schedule may run, and one schedule."""
    process = process_of("  - stop\n").replace("start: passthrough", "start: no data")
    return {**SOUND, "processes/p.yaml": process, "schedules.yaml": f"s: {{ {text} }}\n"}


def steps(text: str) -> Files:
    """Give the sound bundle with a process of those steps."""
    return added("processes/p.yaml", process_of(text))


PROCESS = "processes/price-order.yaml"
P = "processes/p.yaml"

MISTAKES: dict[str, tuple[Files, str, str, str | None]] = {
    # what is wrong: the bundle, where, the code, a part of the hint
    "no manifest": ({k: v for k, v in SOUND.items() if k != "bundle.yaml"}, "bundle.yaml", "missing-file", "name"),
    "other ending of the manifest": (added("bundle.yml", "name: x"), "bundle.yml", "unknown-file", "bundle.yaml"),
    "misspelt folder": (added("proceses/a.yaml", "x"), "proceses", "unknown-folder", "did you mean 'processes'?"),
    "folder within processes": (added("processes/a/b.yaml", "x"), "processes/a", "unknown-folder", "move"),
    "yml ending": (added("maps/a.yml", "x"), "maps/a.yml", "unknown-file", "a.yaml"),
    "too large": (added("maps/a.yaml", "#" * 300_000), "maps/a.yaml", "too-large", "split"),
    "not UTF-8": (added("maps/a.yaml", b"fields:\n  a: \xff"), "maps/a.yaml:2:6", "not-text", "UTF-8"),
    "empty file": (added("maps/a.yaml", "# soon\n"), "maps/a.yaml:1:1", "missing-value", "delete"),
    "tab": (added("maps/a.yaml", "fields:\n\ta: b\n"), "maps/a.yaml:2:1", "tab", "spaces"),
    "unclosed list": (added("maps/a.yaml", "fields: [a\n"), "maps/a.yaml:1:9", "yaml-syntax", "close it"),
    "expression unquoted in braces": (
        steps("  - message: {text: No ${document.sku}}\n"),
        f"{P}:4:25",
        "yaml-syntax",
        "quotes",
    ),
    "anchor": (added("maps/a.yaml", "fields: &f {a: b}\n"), "maps/a.yaml:1:9", "yaml-feature", "write"),
    "tag": (added("maps/a.yaml", "fields: {a: !!int b}\n"), "maps/a.yaml:1:13", "yaml-feature", "remove"),
    "second document": (added("maps/a.yaml", "fields: {a: b}\n---\na: 1\n"), "maps/a.yaml:2:1", "yaml-feature", "---"),
    "duplicate key": (changed("bundle.yaml", "needs:", "name: x\nneeds:"), "bundle.yaml:3:1", "duplicate-key", "one"),
    "unknown key": (changed(PROCESS, "options:", "option:"), f"{PROCESS}:8:1", "unknown-key", "'options'"),
    "missing key": (changed("bundle.yaml", "version: 1.10\n", ""), "bundle.yaml:1:1", "missing-key", "version"),
    "schedule of nothing": (
        scheduled("process: Q, cron: '* * * * *'"),
        "schedules.yaml:1:15",
        "unknown-reference",
        "P",
    ),
    "schedule of a listener": (
        scheduled("process: Price order, cron: '* * * * *'"),
        "schedules.yaml:1:15",
        "schedule-listener",
        "no data",
    ),
    "no cron": (scheduled("process: P, cron: often"), "schedules.yaml:1:24", "schedule-cron", "30 2"),
    "no zone": (
        scheduled("process: P, cron: '* * * * *', zone: Oslo"),
        "schedules.yaml:1:43",
        "schedule-zone",
        "Europe/Oslo",
    ),
    "missing value": (changed("bundle.yaml", "1.10", ""), "bundle.yaml:2:1", "missing-value", "value"),
    "wrong type": (changed("bundle.yaml", "1.10", "[1]"), "bundle.yaml:2:10", "wrong-type", None),
    "Norway": (steps("  - message: {text: a, combine: yes}\n"), f"{P}:4:33", "wrong-type", "write true"),
    "needs an unknown connector": (
        changed("bundle.yaml", "http:", "htp:"),
        "bundle.yaml:3:10",
        "unknown-connector",
        "did you mean 'http'?",
    ),
    "unknown mode": (changed(PROCESS, "mode: general", "mode: genral"), f"{PROCESS}:8:18", "unknown-value", "general"),
    "unknown start": (
        added(P, "name: P\nstart: nodata\nsteps: [stop]\n"),
        f"{P}:2:8",
        "unknown-value",
        "did you mean 'no data'?",
    ),
    "sync timeout": (changed(PROCESS, "20 s", "56 s"), f"{PROCESS}:7:17", "sync-timeout", "60 s"),
    "no unit": (changed(PROCESS, "20 s", "20"), f"{PROCESS}:7:17", "wrong-type", None),
    "unknown profile": (
        changed(PROCESS, "request profile: order", "request profile: Order"),
        f"{PROCESS}:5:20",
        "unknown-reference",
        "did you mean 'order'?",
    ),
    "no steps": (added(P, "name: P\nstart: no data\nsteps: []\n"), f"{P}:3:8", "missing-value", "return documents"),
    "unknown step": (steps("  - mesage: hello\n"), f"{P}:4:5", "unknown-step", "did you mean 'message'?"),
    "two steps in one": (steps("  - message: a\n    map: priced-line\n"), f"{P}:4:5", "unknown-step", "'- '"),
    "step without value": (steps("  - message\n"), f"{P}:4:5", "missing-value", "message: …"),
    "unknown key of a step": (steps("  - message: a\n    lable: x\n"), f"{P}:5:5", "unknown-key", None),
    "duplicate label": (
        steps("  - message: a\n    label: Say it\n  - message: b\n    label: say it\n"),
        f"{P}:7:12",
        "duplicate-label",
        None,
    ),
    "unknown label": (
        steps("  - message: a\n    label: again\n  - decision: ${1 == 1}\n    yes: [ go to: agian ]\n"),
        f"{P}:7:19",
        "unknown-reference",
        "did you mean 'again'?",
    ),
    "unknown map": (
        changed(PROCESS, "map: priced-line", "map: priced"),
        f"{PROCESS}:18:10",
        "unknown-reference",
        "line",
    ),
    "unknown connection": (
        changed(PROCESS, "connector: catalogue", "connector: catalog"),
        f"{PROCESS}:11:16",
        "unknown-reference",
        "did you mean 'catalogue'?",
    ),
    "unknown connector": (
        changed("connections/catalogue.yaml", "http\n", "https\n"),
        "connections/catalogue.yaml:1:12",
        "unknown-connector",
        "did you mean 'http'?",
    ),
    "unknown setting": (
        changed("connections/catalogue.yaml", "url:", "uri: a\nurl:"),
        "connections/catalogue.yaml:2:1",
        "unknown-field",
        "did you mean 'url'?",
    ),
    "missing setting": (
        changed("connections/catalogue.yaml", "url: http://127.0.0.1:9191\n", ""),
        "connections/catalogue.yaml:1:1",
        "missing-key",
        "url",
    ),
    "unknown operation": (
        changed(PROCESS, "operation: get", "operation: gett"),
        f"{PROCESS}:13:16",
        "unknown-operation",
        "did you mean 'get'?",
    ),
    "unknown field of an operation": (
        changed(PROCESS, "    path:", "    pth: a\n    path:"),
        f"{PROCESS}:14:5",
        "unknown-field",
        "'path'",
    ),
    "field of the wrong type": (
        changed(PROCESS, "    path:", "    most redirects: many\n    path:"),
        f"{PROCESS}:14:21",
        "wrong-type",
        "a count from 0",
    ),
    "concurrency": (
        changed(PROCESS, "    path:", "    concurrency: 0\n    path:"),
        f"{PROCESS}:14:18",
        "wrong-type",
        None,
    ),
    "unclosed expression": (
        changed(PROCESS, "${document.sku}\n", "${document.sku\n"),
        f"{PROCESS}:14:18",
        "template",
        "'}'",
    ),
    "unclosed expression in a block": (
        steps("  - message: |\n      ${1 + 1}\n      and ${oops\n"),
        f"{P}:6:11",
        "template",
        "$${",
    ),
    "empty expression": (changed(PROCESS, "document.sku}\n", "}\n"), f"{PROCESS}:14:18", "template", None),
    "broken expression": (changed(PROCESS, "== 404", "== "), f"{PROCESS}:16:15", "expression", None),
    "decision on a text": (steps("  - decision: maybe\n    yes: [ stop ]\n"), f"{P}:4:15", "wrong-type", "${…}"),
    "decision without arms": (steps("  - decision: ${1 == 1}\n"), f"{P}:4:5", "missing-key", "yes"),
    "unknown comparison": (
        steps('  - decision: { left: a, is: "==", right: b }\n    yes: [ stop ]\n'),
        f"{P}:4:30",
        "unknown-value",
        "=",
    ),
    "branch of one path": (steps("  - branch: [ [ stop ] ]\n"), f"{P}:4:13", "wrong-type", "branch: ["),
    "six retries": (steps("  - try: [stop]\n    catch: [stop]\n    retries: 6\n"), f"{P}:6:14", "wrong-type", None),
    "try without catch": (steps("  - try: [ stop ]\n"), f"{P}:4:5", "missing-key", "catch"),
    "element that the profile lacks": (
        changed(PROCESS, "element: lines", "element: line"),
        f"{PROCESS}:10:39",
        "unknown-element",
        "'lines'",
    ),
    "wait without unit": (steps("  - wait: 5\n"), f"{P}:4:11", "wrong-type", None),
    "unknown script": (steps("  - script: tidi.py\n"), f"{P}:4:13", "unknown-reference", "did you mean 'tidy.py'?"),
    "unknown function of a script": (
        steps("  - script: { file: tidy.py, function: proces }\n"),
        f"{P}:4:40",
        "script-function",
        "'process'",
    ),
    "script whose function takes too few": (
        {**steps("  - script: tidy.py\n"), "scripts/tidy.py": "def process(documents):\n    return documents\n"},
        "scripts/tidy.py:1:1",
        "script-signature",
        "write 'def process(documents, context)'",
    ),
    "script whose async function yields": (
        {
            **steps("  - script: tidy.py\n"),
            "scripts/tidy.py": "\nasync def process(documents, context):\n    yield documents[0]\n",
        },
        "scripts/tidy.py:2:1",
        "script-signature",
        None,
    ),
    "script that does not compile": (
        added("scripts/bad.py", "def process(documents, context)\n    pass\n"),
        "scripts/bad.py:1:32",
        "script-syntax",
        None,
    ),
    "step after the end": (steps("  - stop\n  - message: a\n"), f"{P}:5:5", "unreachable", "remove"),
    "step that no arm reaches": (
        steps("  - decision: ${1 == 1}\n    yes: [ stop ]\n    no: [ stop ]\n  - message: a\n"),
        f"{P}:7:5",
        "unreachable",
        None,
    ),
    "endless loop": (
        steps("  - message: a\n    label: again\n  - go to: again\n"),
        f"{P}:4:5",
        "endless-loop",
        "decision",
    ),
    "listener without an answer": (
        added(P, "name: P\nstart: { listen: flow }\nsteps:\n  - message: a\n"),
        f"{P}:4:5",
        "no-answer",
        "return",
    ),
    "JSON syntax": (added("profiles/a.json", '{\n  "type" "object"\n}'), "profiles/a.json:2:10", "json-syntax", None),
    "JSON duplicate": (
        added("profiles/a.json", '{"type": "object",\n "type": "object"}'),
        "profiles/a.json:2:2",
        "duplicate-key",
        None,
    ),
    "profile that Flow cannot express": (
        changed("profiles/order.json", '{"sku": {"type": "string"}}', '{"sku": {"type": "null"}}'),
        "profiles/order.json:4:83",
        "profile",
        None,
    ),
    "computed path": (
        added("maps/m.yaml", "fields: { '${a}': b }\n"),
        "maps/m.yaml:1:12",
        "wrong-type",
        "the keys themselves",
    ),
    "unknown source field": (
        added("maps/m.yaml", 'from: order\nfields: { a: "lines[].skuu" }\n'),
        "maps/m.yaml:2:14",
        "unknown-element",
        "did you mean 'lines[].sku'?",
    ),
    "list without its brackets": (
        added("maps/m.yaml", "to: order\nfields:\n  lines.sku: a\n"),
        "maps/m.yaml:3:3",
        "unknown-element",
        "lines[].sku",
    ),
    "source that repeats more than its target": (
        added("maps/m.yaml", "fields:\n  sku: 'lines[].sku'\n"),
        "maps/m.yaml:2:8",
        "map-source",
        None,
    ),
    "unknown map function": (
        added("maps/m.yaml", "fields:\n  a: { function: multipy, of: [b, c] }\n"),
        "maps/m.yaml:2:18",
        "unknown-function",
        "did you mean 'multiply'?",
    ),
    "missing option of a function": (
        added("maps/m.yaml", "fields:\n  a: { function: split, of: [b], part: 1 }\n"),
        "maps/m.yaml:2:6",
        "function",
        None,
    ),
    "rule without a source": (added("maps/m.yaml", "fields: { a: {} }\n"), "maps/m.yaml:1:14", "missing-key", "from"),
    "unknown process": (
        changed("flow-services/pricing.yaml", "Price order", "Price Order"),
        "flow-services/pricing.yaml:3:10",
        "unknown-reference",
        "did you mean 'Price order'?",
    ),
    "paths that collide": (
        changed("flow-services/pricing.yaml", "order\n", "order\n  Other: { process: Price order, path: /price }\n"),
        "flow-services/pricing.yaml:4:3",
        "path-taken",
        "another path",
    ),
    "action without listener": (
        {**steps("  - stop\n"), "flow-services/b.yaml": "external name: b\nactions: { A: P }\n"},
        "flow-services/b.yaml:2:15",
        "not-a-listener",
        "listen: flow",
    ),
    "external name twice": (
        added("flow-services/z.yaml", "external name: Pricing\n"),
        "flow-services/z.yaml:1:16",
        "name-taken",
        "own",
    ),
    "external name with a slash": (
        added("flow-services/z.yaml", "external name: a/b\n"),
        "flow-services/z.yaml:1:16",
        "wrong-type",
        "/fs/",
    ),
    "password with a default": (
        added("flow-services/z.yaml", "external name: z\nconfiguration: { k: { type: password, default: x } }\n"),
        "flow-services/z.yaml:2:48",
        "secret",
        "fills",
    ),
    "process twice": (
        added("processes/z.yaml", "name: Price order\nstart: no data\nsteps: [stop]\n"),
        "processes/z.yaml:1:7",
        "name-taken",
        "own",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_once_at_its_place_with_its_cure(tmp_path: Path, mistake: str) -> None:
    """One mistake gives one problem: its file, line and column, a stable code, and what to do about it."""
    files, where, code, hint = MISTAKES[mistake]
    found = problems(tmp_path, files)
    assert [(str(problem.place), problem.code) for problem in found] == [(where, f"bundle.{code}")]
    assert hint is None or hint in (found[0].hint or "")


def test_the_offending_line_is_shown(tmp_path: Path) -> None:
    """A problem with a line carries that line as it stands in the file."""
    (problem,) = problems(tmp_path, changed(PROCESS, "20 s", "56 s"))
    assert problem.excerpt == "  sync timeout: 56 s"


def test_all_mistakes_are_told_at_once_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    """A builder mends a bundle in one round: nothing waits behind the first mistake, and nothing follows from it."""
    files = {
        **changed(PROCESS, "20 s", "56 s"),
        "maps/m.yaml": "fields: [\n",
        "scripts/tidy.py": "def process(:\n",
        "processes/q.yaml": process_of("  - mesage: a\n  - map: m\n  - script: tidy.py\n  - map: n\n"),
    }
    assert [str(problem.place) for problem in problems(tmp_path, files)] == [
        "maps/m.yaml:2:1",
        f"{PROCESS}:7:17",
        "processes/q.yaml:4:5",
        "processes/q.yaml:7:10",
        "scripts/tidy.py:1:13",
    ]
