from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import ProcessFault
from runtime.flow.answers import forward, wait
from runtime.flow.codec import compile_action
from runtime.flow.outputs import write_outputs
from runtime.flow.requests import ActionCall, parse_action
from runtime.flow.wire import ServiceResponse
from runtime.model.flow_service import FlowService, MessageAction
from runtime.model.profile import Entry
from tests.flow.fixture import EVERYTHING, codec, profile

CALL = ActionCall(service="S", action="A", token="T", tenant_id="N")


def _answer(action: str, *documents: bytes) -> dict[str, Any]:
    return msgspec.json.decode(forward(CALL, codec(action).outputs, documents).body, type=dict[str, Any])


def _outputs(action: str, *documents: bytes) -> dict[str, dict[str, Any]]:
    return {output["developerName"]: output for output in _answer(action, *documents)["outputs"]}


class TestForward:
    """Finishing answers."""

    @given(st.text(), st.none() | st.text(), st.text())
    def test_written_as_its_form(self, token: str, tenant: str | None, text: str) -> None:
        """However odd its texts are, an answer is the JSON of its form."""
        greeting = codec("Greet").outputs
        assert greeting is not None
        call, document = ActionCall(service="S", action="A", token=token, tenant_id=tenant), {"Message": text}
        outputs = write_outputs(msgspec.json.encode(document), greeting)
        form = ServiceResponse(token=token, tenant_id=tenant, invoke_type="FORWARD", outputs=outputs)
        assert forward(call, greeting, [msgspec.json.encode(document)]).body == msgspec.json.encode(form)
        assert forward(call, None, []).body == msgspec.json.encode(msgspec.structs.replace(form, outputs=[]))

    def test_envelope(self) -> None:
        """An answer is complete: token and tenant come back, every member of the form is there."""
        told = _answer("Greet", b"{}")
        told.pop("outputs")
        assert told == {
            "token": "T",
            "tenantId": "N",
            "culture": None,
            "annotations": {},
            "invokeType": "FORWARD",
            "waitMessage": None,
            "selectedOutcomeId": None,
            "rootFaults": {},
            "valueFaults": [],
            "mode": None,
        }

    def test_values_are_text(self) -> None:
        """Numbers and truth values go out as text, digits unchanged."""
        told = _outputs("EchoAll", b'{"Amount": 123456789012345678.990, "Flag": false, "Text": 7, "Extra": [1]}')
        assert told["Amount"]["contentValue"] == "123456789012345678.990"
        assert told["Flag"]["contentValue"] == "false"
        assert told["Text"]["contentValue"] == "7"

    def test_objects_and_lists(self) -> None:
        """An object is a list of one with the name of its generated type; rows keep their order."""
        told = _outputs("EchoAll", b'{"Person": {"Name": "Bo"}, "Lines": [{"Qty": 1}, {"Qty": 2}]}')
        person, lines = told["Person"], told["Lines"]
        assert person["typeElementDeveloperName"] == "EchoAll RESPONSE - Person"
        assert [row["developerName"] for row in person["objectData"]] == ["EchoAll RESPONSE - Person"]
        assert [row["order"] for row in lines["objectData"]] == [0, 1]
        assert [row["properties"][1]["contentValue"] for row in lines["objectData"]] == ["1", "2"]

    @pytest.mark.parametrize("documents", [(), (b"",), (b"  \n",), (b"null",), (b"{}",)])
    def test_an_empty_document(self, documents: tuple[bytes, ...]) -> None:
        """No document, or an empty one, gives every output with a null value."""
        told = _outputs("EchoAll", *documents)
        assert list(told) == [entry.name for entry in EVERYTHING.entries]
        assert all(output["contentValue"] is None and output["objectData"] is None for output in told.values())

    def test_an_empty_list_is_not_null(self) -> None:
        """An empty list stays an empty list."""
        assert _outputs("EchoAll", b'{"Lines": []}')["Lines"]["objectData"] == []

    def test_several_documents(self) -> None:
        """The first document answers; that there were more is told to whoever built the process."""
        told = forward(CALL, codec("Many").outputs, [b'{"Message": "first"}', b'{"Message": "second"}'])
        assert b"first" in told.body
        assert b"second" not in told.body
        assert "2 documents" in told.warnings[0]
        assert forward(CALL, codec("Many").outputs, [b"{}"]).warnings == ()

    def test_without_a_profile(self) -> None:
        """An action without a response profile has no outputs, whatever was returned."""
        compiled = compile_action(FlowService(external_name="S"), MessageAction(name="A", path="A", process="A"))
        assert msgspec.json.decode(forward(CALL, compiled.outputs, [b"not json"]).body)["outputs"] == []

    def test_the_identifier(self) -> None:
        """The entry called externalId, else the one called id, identifies an object to Flow."""
        inner = (Entry(name="ID", kind="number"), Entry(name="externalid", kind="character"))
        for entries, wanted in ((inner, "e"), (inner[:1], "7")):
            rows = profile("p", Entry(name="Rows", kind="list", entries=entries))
            action = MessageAction(name="A", path="A", process="A", response_profile=rows)
            compiled = compile_action(FlowService(external_name="S"), action)
            told = msgspec.json.decode(
                forward(CALL, compiled.outputs, [b'{"Rows": [{"ID": 7, "externalid": "e"}]}']).body
            )
            assert told["outputs"][0]["objectData"][0]["externalId"] == wanted

    @pytest.mark.parametrize(
        ("document", "words"),
        [
            (b'{"Amount": "many"}', '"Amount" is not a number'),
            (b'{"Amount": true}', '"Amount" is not a number'),
            (b'{"Amount": 1e999999}', '"Amount" is a number of more than'),
            (b'{"Flag": 1}', '"Flag" is neither'),
            (b'{"When": "soon"}', '"When" is not a datetime'),
            (b'{"Text": {}}', '"Text" is not a single value'),
            (b'{"Person": {"Age": []}}', '"Person / Age" is not a number'),
            (b'{"Person": 7}', "$.Person"),
            (b'{"Lines": {"Sku": "A"}}', "$.Lines"),
            (b'{"Lines": [null]}', "$.Lines"),
            (b"[]", "array"),
            (b"<html>", "malformed"),
            (b'{"Amount": 1e99999999999999999999}', "exponent"),
            (b'{"x": ' + b"[" * 100_000, "response profile"),
            (b'{"Text": "\xff"}', "response profile"),
        ],
    )
    def test_broken_documents(self, document: bytes, words: str) -> None:
        """A document that does not follow its profile fails the process, with the name of the output."""
        with pytest.raises(ProcessFault) as caught:
            forward(CALL, codec("EchoAll").outputs, [document])
        assert words in caught.value.message

    @given(
        st.fixed_dictionaries(
            {},
            optional={
                "Text": st.none() | st.text(),
                "Amount": st.none() | st.integers(-(2**70), 2**70),
                "Flag": st.none() | st.booleans(),
                "Person": st.none() | st.fixed_dictionaries({}, optional={"Name": st.text(), "Age": st.integers()}),
                "Lines": st.none()
                | st.lists(st.fixed_dictionaries({}, optional={"Sku": st.text(), "Qty": st.integers()}), max_size=3),
            },
        )
    )
    def test_round_trip(self, document: dict[str, Any]) -> None:
        """What was sent as outputs reads as inputs of the same profile into the same document, absent becoming null."""
        told = _answer("EchoAll", msgspec.json.encode(document))
        request = {"token": "T", "inputs": told["outputs"], "configurationValues": [{"developerName": "region"}]}
        back = msgspec.json.decode(parse_action(msgspec.json.encode(request), codec("EchoAll")).document)
        assert _without_nulls(back) == _without_nulls(document)


class TestWait:
    """Answers that promise one."""

    def test_wait(self) -> None:
        """WAIT echoes the token, shows a message and promises outputs for later."""
        told = msgspec.json.decode(wait(CALL, "Still working"))
        assert (told["invokeType"], told["token"], told["waitMessage"]) == ("WAIT", "T", "Still working")
        assert told["outputs"] == []
        assert told["rootFaults"] == {}


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value
