from __future__ import annotations

import os
from pathlib import Path

import pytest

from runtime.plugins import installed_connectors
from tests.oracle.corpus import corpus, judge, report

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("NUCLIDE_CONFORMANCE", ROOT / "../shared/conformance")) / "components"

BROKEN = b"<a>"
LONELY = (
    b'<bns:Component xmlns:bns="http://api.platform.boomi.com/" name="x" type="crossref"><bns:object>'
    b'<CrossRefTable xmlns=""/></bns:object></bns:Component>'
)


def test_each_file_gets_a_verdict_and_the_report_counts_them() -> None:
    """A file runs, or is refused with its reasons."""
    verdicts = judge({"a.xml": BROKEN, "b.xml": LONELY}, installed_connectors())
    assert [(one.file, one.type, one.outcome) for one in verdicts] == [
        ("a.xml", "not XML", "refused"),
        ("b.xml", "crossref", "runs"),
    ]
    assert "component-xml" in verdicts[0].reasons[0][0]
    assert "crossref                          1          1          0" in report(verdicts)


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no exported components in {FOLDER}: set NUCLIDE_CONFORMANCE")
def test_no_exported_component_crashes_the_reader() -> None:
    """What the platform exports is read, or refused with its reasons."""
    verdicts = judge(corpus(FOLDER), installed_connectors())
    assert [verdict for verdict in verdicts if verdict.outcome == "crashed"] == []
    assert all(verdict.reasons for verdict in verdicts if verdict.outcome == "refused")
