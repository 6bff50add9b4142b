from __future__ import annotations

import os
from pathlib import Path

import pytest

from runtime.plugins import installed_connectors
from tests.bundle.components.exports import CACHE, OPERATION, PROFILE, STOP, process, shape
from tests.oracle.causes import COMPONENT, CONNECTOR, OTHER, TEMPLATE, cause_of
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


def test_an_id_that_another_kind_of_component_has_is_a_component_that_is_not_there() -> None:
    """Collections use the same placeholders for ids; what is in the folder under one is not what was meant."""
    call = '<connectoraction actionType="GET" connectorType="officialboomi-X3979C-rest-prod" connectionId="profile"'
    one = process(shape("shape2", "connectoraction", f'{call} operationId="operation"/>', "shape9"), STOP)
    verdicts = judge({"p.xml": one, "o.xml": OPERATION, "profile.xml": PROFILE}, installed_connectors())
    assert [code for code, _ in verdicts[0].reasons] == ["bundle.component-missing"]
    assert "incomplete" in report(verdicts)


def test_what_can_be_read_and_not_be_compiled_does_not_run() -> None:
    """The verdict is that of a deployment: a shape that the engine refuses is a reason."""
    looking = "<documentcacheparameter docCache='cache' docCacheIndex='1' elementId='3'><cacheKeyValues/>"
    value = f"<parametervalue key='0' valueType='documentcache'>{looking}</documentcacheparameter></parametervalue>"
    message = f"<message><msgTxt>{{1}}</msgTxt><msgParameters>{value}</msgParameters></message>"
    one = process(shape("shape2", "message", message, "shape9"), STOP)
    verdicts = judge({"cache.xml": CACHE, "p.xml": one, "profile.xml": PROFILE}, installed_connectors())
    assert [one.outcome for one in verdicts] == ["runs", "refused", "runs"]
    assert "without all of its keys" in verdicts[1].reasons[0][1]


REFUSALS = {
    COMPONENT: ((("bundle.component-missing", "process 'P', shape2: the map 'm' is not in the bundle"),), b"<a/>"),
    CONNECTOR: ((("bundle.component-refused", "process 'P': the connector 'ftp' is not available here"),), b"<a/>"),
    TEMPLATE: ((("bundle.component-wrong", "'x' is no whole number: '[int]'"),), b'<a x="[int]"/>'),
    OTHER: ((("bundle.component-wrong", "'x' is no whole number: 'k'"),), b'<a x="k"/>'),
}


@pytest.mark.parametrize("cause", REFUSALS)
def test_a_refusal_has_one_cause(cause: str) -> None:
    """What is not there is told from what nobody could run."""
    reasons, content = REFUSALS[cause]
    assert cause_of(reasons, content) == cause


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no exported components in {FOLDER}: set NUCLIDE_CONFORMANCE")
def test_what_the_platform_writes_is_refused_for_what_is_not_there_alone() -> None:
    """Beside missing components and connectors, only templates of manuals and files made by hand are refused."""
    files = corpus(FOLDER)
    refused = [one for one in judge(files, installed_connectors()) if one.outcome == "refused"]
    others = [one.file for one in refused if cause_of(one.reasons, files[one.file]) == OTHER]
    assert [file for file in others if file.partition("/")[2].startswith(("live-", "evidence-"))] == []
