"""The laws of importing scripts before a bundle serves."""

from __future__ import annotations

import os

import pytest
from msgspec.structs import replace

from runtime.engine.compile import compile_bundle
from runtime.engine.scripts.proving import prove_scripts
from runtime.engine.scripts.workers import ScriptLimits
from runtime.errors import BundleError
from runtime.model.bundle import Bundle, Script
from runtime.model.shapes import AnyShape, ReturnDocumentsStep, ScriptStep
from tests.engine.runs import bundle_of
from tests.engine.worlds import World

LIMITS = ScriptLimits(time=20.0, memory=300 * 1024 * 1024)


def bundle(source: str, function: str = "process", *, called: bool = True) -> Bundle:
    """Give a bundle with one script."""
    step = ScriptStep(id="s", file="scripts/s.py", function=function, to="end")
    shapes: list[AnyShape] = [step, ReturnDocumentsStep(id="end")] if called else [ReturnDocumentsStep(id="end")]
    made = bundle_of(shapes, shapes[0].id)
    return replace(made, scripts={"scripts/s.py": Script(file="scripts/s.py", source=source)})


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("\nimport nothing_of_this_name\n", 2, "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        ("def process(documents, context):\n    return 1 / 0\n\n\nprocess([], None)\n", 2, "ZeroDivisionError"),
        ("x = []\nwhile True:\n    x.append(bytes(1 << 24))\n", None, "more memory than a script may"),
        ("import os\nos._exit(0)\n", None, "ended by itself"),
        ("raise SystemExit\n", None, "ended by itself"),
        ("def process(documents):\n    return documents\n", None, "s.py:1: 'process' cannot be called"),
        ("process = 7\n", None, "defines no function 'process'"),
        ("async def process(documents, context):\n    yield 1\n", None, "s.py:1: an async function returns"),
    ],
)
def test_a_script_that_cannot_be_imported_refuses_the_bundle(source: str, line: int | None, message: str) -> None:
    """Law: whatever an import does, it is told with file and line, and this process goes on."""
    with pytest.raises(BundleError) as raised:
        prove_scripts(bundle(source), LIMITS)
    (problem,) = raised.value.problems
    assert problem.code == "bundle.script-import"
    assert (problem.place.file, problem.place.line) == ("scripts/s.py", line or 1)
    assert message in problem.message


def test_an_import_that_does_not_end_is_stopped() -> None:
    """Law: a script that hangs while it is imported is stopped, and the next one has a process of its own."""
    made = bundle("while True:\n    pass\n")
    other = Script(file="scripts/t.py", source="x = 1\n")
    hurried = ScriptLimits(time=0.5, memory=LIMITS.memory)
    with pytest.raises(BundleError, match=r"not imported within 0\.5 s") as raised:
        prove_scripts(replace(made, scripts={**made.scripts, "scripts/t.py": other}), hurried)
    assert {problem.place.file for problem in raised.value.problems} <= {"scripts/s.py", "scripts/t.py"}


def test_scripts_of_every_form_are_imported() -> None:
    """Law: plain, yielding, async and decorated functions are fine, as is a script that only others import."""
    for source in (
        "def process(documents, context):\n    yield from documents\n",
        "def process(documents, context, more=1):\n    return documents\n",
        "def process(*both):\n    return both[0]\n",
        "async def process(documents, context):\n    return documents\n",
        "import functools\nprocess = functools.partial(lambda a, b, c: b, 1)\n",
    ):
        prove_scripts(bundle(source), LIMITS)
    prove_scripts(bundle("helper = 1\n", called=False), LIMITS)


def test_compiling_a_bundle_runs_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: this process executes no line of a script to compile the bundle, whatever form its function has."""
    monkeypatch.setenv("SEEN", "no")
    for word in ("", "async "):
        source = f"import os\nos.environ['SEEN'] = 'yes'\n{word}def process(documents, context):\n    return []\n"
        compile_bundle(bundle(source), World().catalogue())
    assert os.environ["SEEN"] == "no"
