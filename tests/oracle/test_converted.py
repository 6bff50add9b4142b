from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from runtime.bundle.read import read_bundle
from runtime.importing.native import convert, write
from runtime.model.bundle import Bundle
from runtime.plugins import installed_connectors
from runtime.sdk.connector import Catalogue
from tests.oracle import harness
from tests.oracle.__main__ import RATE, folder_of
from tests.oracle.cases import Case, read_cases

CASES = folder_of(None)
EVERY = 8  # that each is the same model is told when it is converted: running a few of them is enough


@pytest.mark.skipif(not CASES.is_dir(), reason=f"no recorded cases in {CASES}: set CASES or NUCLIDE_CONFORMANCE")
def test_recorded_processes_run_the_same_as_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recorded process, printed as YAML and read again, does what was recorded of the export."""
    exported = harness._bundle
    stayed: list[str] = []

    def native(files: dict[str, bytes], catalogue: Catalogue) -> Bundle:
        exported(files, catalogue)
        with tempfile.TemporaryDirectory() as name:
            source = Path(name) / "exported"
            (source / "components").mkdir(parents=True)
            (source / "bundle.yaml").write_text(harness.MANIFEST, encoding="utf-8")
            for file, content in files.items():
                (source / "components" / file).write_bytes(content)
            made = convert(source, catalogue)
            stayed.extend(one.name for one in made.processes if one.yaml is None)
            write(made, Path(name) / "native")
            return read_bundle(Path(name) / "native", catalogue)

    async def run() -> list[str]:
        catalogue = installed_connectors()
        cases = [(name, case) for name, case in read_cases(CASES) if isinstance(case, Case)][::EVERY]
        return [
            f"{name}: {found}"
            for name, case in cases
            for found in await harness.judge(harness.untimed(case), catalogue, math.inf)
        ]

    monkeypatch.setattr(harness, "_bundle", native)
    assert trio.run(run, clock=MockClock(rate=RATE)) == []
    assert stayed == []
