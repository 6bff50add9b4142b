"""The laws of the verbs that tell what an execution did, and of the one that stops it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from runtime.model.record import SeenDocument
from runtime.web import record_answers as answers
from tests.cli.daemon import nuclide, saying

NOW = datetime.now(UTC)
LINES = (
    answers.LogLine(
        at=NOW, level="info", process="Price order", step="look up", text="Executing Shape with 3 document(s)."
    ),
    answers.LogLine(at=NOW, level="severe", process="Price order", step="", text="It \x1b[2J failed"),
)
LOG = answers.ProcessLog(
    execution="ex-1",
    process="Price order",
    bundle="orders",
    version="1.0",
    mode="general",
    status="error",
    message="It failed",
    lines=LINES,
    left_out=7,
    steps=(
        answers.StepTiming(
            process="Price order",
            step="s1",
            name="look up",
            runs=2,
            documents_in=6,
            documents_out=5,
            failed=1,
            seconds=0.25,
        ),
    ),
)
DOCUMENT = SeenDocument(id="ab12", size=7, content='{"a":1}', properties={"sku": "A-1"}, meta={"status": "200"})
HIDDEN = SeenDocument(id="cd34", size=9, content=None, properties={}, meta={})
TRACE = answers.ExecutionTrace(
    execution="ex-1",
    status="error",
    seen=(
        answers.SeenAtStep(
            at=NOW, process="Price order", step="s1", name="look up", count=3, documents=(DOCUMENT, HIDDEN)
        ),
    ),
    left_out=0,
)


def test_logs_prints_lines_and_how_it_ended(tmp_path: Path) -> None:
    """A line a line, without control characters; what is beside them goes to stderr."""
    with saying(tmp_path, {"/api/executions/ex-1/log": LOG}) as path:
        result = nuclide("logs", "ex-1", "--socket", path)
    first, second = result.stdout.splitlines()
    assert first.endswith("INFO     Price order / look up  Executing Shape with 3 document(s).")
    assert second.endswith("SEVERE   Price order  It  [2J failed")
    assert "7 lines of its middle" in result.stderr
    assert "error: It failed" in result.stderr


def test_logs_of_steps(tmp_path: Path) -> None:
    """`--steps` gives counts and times of each step."""
    with saying(tmp_path, {"/api/executions/ex-1/log": LOG}) as path:
        result = nuclide("logs", "ex-1", "--steps", "--socket", path)
    assert result.stdout.splitlines()[1].split() == ["look", "up", "Price", "order", "2", "6", "5", "1", "250.0", "ms"]


def test_trace_shows_documents_and_says_what_it_hides(tmp_path: Path) -> None:
    """Each step with its documents; one that may not be shown says so; one document can be followed alone."""
    with saying(tmp_path, {"/api/executions/ex-1/trace": TRACE}) as path:
        result = nuclide("trace", "ex-1", "--socket", path)
        alone = nuclide("trace", "ex-1", "--document", "ab", "--socket", path)
        as_json = nuclide("trace", "ex-1", "--json", "--socket", path)
    assert "Price order / look up: 3 document(s), the first 2" in result.stdout
    assert '{"a":1}' in result.stdout
    assert "sku = A-1" in result.stdout
    assert "not shown" in result.stdout
    assert "cd34" not in alone.stdout
    assert msgspec.json.decode(as_json.stdout, type=answers.ExecutionTrace) == TRACE


def test_an_execution_that_nobody_knows(tmp_path: Path) -> None:
    """What is not there ends with status 1 and the daemon's reason."""
    with saying(tmp_path, {}) as path:
        result = nuclide("logs", "ex-9", "--socket", path)
    assert result.exit_code != 0
