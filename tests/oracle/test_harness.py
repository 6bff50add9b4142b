from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from runtime.plugins import installed_connectors
from tests.oracle.cases import Case, Rule, UnreadableCase, read_case, read_cases
from tests.oracle.facts import CHECKS, Fact, difference, read_facts
from tests.oracle.harness import judge

PROCESS = """<bns:Component xmlns:bns="http://api.platform.boomi.com/" componentId="main-id" name="Main" type="process">
<bns:object><process xmlns=""><shapes>
<shape name="shape1" shapetype="start"><configuration><noaction/></configuration>
 <dragpoints><dragpoint toShape="shape2"/></dragpoints></shape>
<shape name="shape2" shapetype="connectoraction" userlabel="send"><configuration>
 <connectoraction actionType="POST" connectionId="there" connectorType="{connector}" operationId="put"/>
 </configuration><dragpoints><dragpoint toShape="shape3"/></dragpoints></shape>
<shape name="shape3" shapetype="stop"><configuration><stop continue="true"/></configuration></shape>
</shapes></process></bns:object></bns:Component>"""
CONNECTION = """<bns:Component xmlns:bns="http://api.platform.boomi.com/" componentId="there" name="There"
 type="connector-settings" subType="officialboomi-X3979C-rest-prod"><bns:object><GenericConnectionConfig xmlns="">
<field id="url" type="string" value="http://mock.invalid:8081"/><field id="auth" type="string" value="NONE"/>
</GenericConnectionConfig></bns:object></bns:Component>"""
OPERATION = """<bns:Component xmlns:bns="http://api.platform.boomi.com/" componentId="put" name="Put"
 type="connector-action" subType="officialboomi-X3979C-rest-prod"><bns:object>
<Operation xmlns="" returnApplicationErrors="{lenient}"><Configuration>
<GenericOperationConfig customOperationType="POST" operationType="EXECUTE">
<field id="path" type="string" value="/things"/></GenericOperationConfig></Configuration></Operation>
</bns:object></bns:Component>"""
REST = "officialboomi-X3979C-rest-prod"


def case(folder: Path, *, expect: object, stimulus: object | None = None, lenient: str = "true", **words: str) -> Case:
    """Write a case with one call into a folder and read it."""
    (folder / "process.xml").write_text(PROCESS.format(connector=words.get("connector", REST)))
    (folder / "connection.xml").write_text(CONNECTION)
    (folder / "operation.xml").write_text(OPERATION.format(lenient=lenient))
    files = [{"file": name} for name in ("process.xml", "connection.xml", "operation.xml")]
    stated = {"root_process": "main-id", "components": files, "expect": expect, "stimulus": stimulus or {}}
    (folder / "expected.json").write_bytes(msgspec.json.encode(stated))
    return read_case(folder)


async def test_a_case_runs_against_its_counterparty(tmp_path: Path) -> None:
    """A process runs on a real socket, and everything that was seen of it is compared."""
    expect = {
        "status": "COMPLETE",
        "error_message": None,
        "inbound_document_count": 1,
        "outbound_document_count": 1,
        "inbound_error_document_count": 0,
        "child_execution_records": [],
        "http_requests": [{"method": "POST", "path": "/things", "body": ""}],
        "documents_into_shape": {"root/shape2": 1, "root/shape3": 1},
    }
    assert await judge(case(tmp_path, expect=expect), installed_connectors()) == []


async def test_a_wrong_statement_is_told(tmp_path: Path) -> None:
    """A case that states what does not happen fails with a line for each difference."""
    expect = {"status": "ERROR", "http_requests": [{"method": "GET", "path": "/things"}]}
    found = await judge(case(tmp_path, expect=expect), installed_connectors())
    assert [difference.partition(":")[0] for difference in found] == ["status", "request 1"]


async def test_the_counterparty_answers_as_the_case_says(tmp_path: Path) -> None:
    """The first rule that matches a request gives its answer; a refused document is counted."""
    refused = {"status": 503, "reason": "Service Unavailable", "body": "", "content_type": "text/plain"}
    stimulus = {"http_mock": [{"match": {"path": "/other"}, "response": {}},
                              {"match": {"any": True}, "response": refused}]}  # fmt: skip
    expect = {"status": "ERROR", "inbound_error_document_count": 1, "outbound_document_count": 0}
    made = case(tmp_path, expect=expect, stimulus=stimulus, lenient="false")
    assert await judge(made, installed_connectors()) == []


@pytest.mark.parametrize(("behaviour", "status"), [("fails to connect", "ERROR"), ("returns one document", "COMPLETE")])
async def test_a_stub_stands_for_a_connector(tmp_path: Path, behaviour: str, status: str) -> None:
    """A stubbed operation does what its words say, and the counterparty hears nothing of it."""
    stub = {"connectorType": "database", "operationId": "put", "behaviour": behaviour}
    stimulus = {"connector_stubs": [stub]}
    made = case(tmp_path, expect={"status": status, "http_requests": []}, stimulus=stimulus, connector="database")
    assert await judge(made, installed_connectors()) == []


async def test_what_cannot_be_loaded_fails_its_case_and_no_other(tmp_path: Path) -> None:
    """A case whose components cannot be read is told with each problem."""
    made = case(tmp_path, expect={})
    broken = Case("broken", {"process.xml": b"<bns:Component"}, "main-id", {}, made.stimulus, made.expect)
    found = await judge(broken, installed_connectors())
    assert found
    assert all(difference.startswith("not loaded: ") for difference in found)


def test_a_case_that_states_something_unknown_is_told(tmp_path: Path) -> None:
    """A statement that the harness does not compare is never passed over in silence."""
    with pytest.raises(msgspec.ValidationError, match="colour"):
        case(tmp_path, expect={"colour": "green"})
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableCase):
        read_case(tmp_path / "empty")
    ((name, told),) = [each for each in read_cases(tmp_path) if each[0] == "empty"]
    assert (name, isinstance(told, str)) == ("empty", True)


def test_a_rule_reads_as_it_is_written() -> None:
    """A rule's unknown words are errors."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"match": {"host": "x"}, "response": {}}', type=Rule)


def test_facts_are_read_and_checked(tmp_path: Path) -> None:
    """A line of the table is a fact; a value, an error and a pattern are each told from another outcome."""
    path = tmp_path / "facts.tsv"
    path.write_text('n\tarea\tc\ti\te\tsure\tev\n1\tmessage\t"a {1}"\t["x"]\t"a x"\tB\tsomewhere\n')
    (fact,) = read_facts(path)
    assert fact == Fact("1", "message", "a {1}", ["x"], "a x", "B")
    check = CHECKS["message"]
    assert difference(fact, check) is None
    assert difference(Fact("2", "message", "a {1}", ["x"], "a y", "B"), check) == "expected 'a y', made 'a x'"
    assert difference(Fact("3", "message", "{}", [], {"error": True}, "B"), check) is None
    assert difference(Fact("4", "message", "a", [], {"error": True}, "B"), check) is not None
    assert difference(Fact("5", "message", "a1", [], {"pattern": r"^a\d$"}, "B"), check) is None
