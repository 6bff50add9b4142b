"""`nuclide graph`: a process as people see it, and as it runs."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from runtime.cli.main import main

GREETING = str(Path(__file__).parents[2] / "processes" / "greeting")


def test_a_picture_has_every_step_and_path() -> None:
    """Steps are named by their label, or by what they are, and every path is an arrow."""
    printed = CliRunner().invoke(main, ["graph", GREETING, "Price order"])
    assert printed.exit_code == 0, printed.output
    assert printed.stdout.startswith('flowchart TD\n    start(["Price order"])\n    start --> s1\n')
    assert 's4["look up price"]' in printed.stdout
    assert 's5{"decision 5"}\n    s5 -->|1| s6\n    s5 -->|2| s7\n' in printed.stdout


def test_the_function_of_a_process_can_be_read() -> None:
    """`--source` prints Python that compiles, and names each step."""
    printed = CliRunner().invoke(main, ["graph", GREETING, "Greet", "--source"])
    assert printed.exit_code == 0, printed.output
    compile(printed.stdout, "printed", "exec")
    assert "MapDocuments" in printed.stdout


def test_the_functions_between_waits_can_be_read(tmp_path: Path) -> None:
    """`--source` of a process that waits prints the functions of the runs between, and says what is the driver's."""
    (tmp_path / "bundle.yaml").write_text("name: b\nversion: 1.0\n")
    (tmp_path / "processes").mkdir()
    (tmp_path / "processes" / "p.yaml").write_text(
        "name: P\noptions: { mode: low latency }\nstart: no data\nsteps:\n"
        "  - set properties: { a: '1' }\n  - wait: 1 s\n  - set properties: { b: '2' }\n  - return documents\n"
    )
    printed = CliRunner().invoke(main, ["graph", str(tmp_path), "P", "--source"])
    assert printed.exit_code == 0, printed.output
    compile(printed.stdout, "printed", "exec")
    assert printed.stdout.count("def run(") == 2
    assert "may wait" in printed.stderr


def test_why_there_is_no_function_is_told() -> None:
    """A process that the driver runs has no source: the reason, and status 1."""
    printed = CliRunner().invoke(main, ["graph", GREETING, "Price order", "--source"])
    assert printed.exit_code == 1
    assert "low latency" in printed.stderr


def test_a_misspelt_process_is_answered_with_those_there_are() -> None:
    """Who misspells a process is told the names."""
    printed = CliRunner().invoke(main, ["graph", GREETING, "Gret"])
    assert printed.exit_code == 2
    assert "Greet, Price order" in printed.stderr
