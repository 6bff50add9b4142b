"""`nuclide schema`: every kind of file has its schema, for an editor to take."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
from click.testing import CliRunner

from runtime.cli.main import main
from runtime.cli.schema import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_a_schema(kind: str) -> None:
    """What is printed is a JSON Schema by its own rules."""
    printed = CliRunner().invoke(main, ["schema", kind])
    assert printed.exit_code == 0, printed.output
    jsonschema_rs.meta.validate(json.loads(printed.stdout))


def test_all_kinds_are_written_into_a_folder(tmp_path: Path) -> None:
    """`--into` writes a file for each kind, and says which."""
    folder = tmp_path / "schemas"
    printed = CliRunner().invoke(main, ["schema", "--into", str(folder)])
    assert printed.exit_code == 0, printed.output
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{kind.replace(' ', '-')}.json" for kind in KINDS)
    assert len(printed.stdout.splitlines()) == len(KINDS)


def test_one_or_all_but_not_neither() -> None:
    """Without a kind and a folder the command says what to name."""
    assert CliRunner().invoke(main, ["schema"]).exit_code == 2
