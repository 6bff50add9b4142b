from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import RequestError
from runtime.flow.codec import compile_action
from runtime.flow.properties import CALL_PROPERTIES, USER_PROPERTIES
from runtime.flow.requests import ActionCall, parse_action
from runtime.flow.who import AuthenticatedWho, Authorization
from runtime.model.flow_service import ConfigurationValue, FlowService, MessageAction
from runtime.model.profile import Entry
from tests.flow.fixture import codec, profile

TOKEN = "00000000-0000-4000-8000-000000000001"
REGION = {"developerName": "region", "contentValue": "EU"}


def _value(name: str, text: str | None = None, objects: object = None) -> dict[str, Any]:
    return {"developerName": name, "contentValue": text, "objectData": objects}


def _row(**properties: str | None) -> dict[str, Any]:
    return {"properties": [_value(name, text) for name, text in properties.items()]}


def _body(*inputs: object, **members: object) -> bytes:
    return msgspec.json.encode({"token": TOKEN, "inputs": inputs, "configurationValues": [REGION], **members})


def _document(action: str, *inputs: object) -> object:
    return msgspec.json.decode(parse_action(_body(*inputs), codec(action)).document)


def _refused(raw: bytes, action: str = "EchoAll") -> str:
    with pytest.raises(RequestError) as caught:
        parse_action(raw, codec(action))
    assert caught.value.status == 400
    return caught.value.message


class TestDocument:
    """From inputs to the document."""

    def test_exact_numbers(self) -> None:
        """A number reaches the document with the digits that were sent."""
        call = parse_action(_body(_value("Amount", "123456789012345678.990")), codec("EchoAll"))
        assert call.document == b'{"Amount":123456789012345678.990}'

    def test_absent_null_and_empty(self) -> None:
        """An input that is absent is absent from the document, null is null, and the empty text is empty."""
        assert _document("EchoAll") == {}
        assert _document("EchoAll", _value("Text"), _value("Person"), _value("Lines")) == {
            "Text": None,
            "Person": None,
            "Lines": None,
        }
        assert _document("EchoAll", _value("Text", ""), _value("Amount", ""), _value("Lines", objects=[])) == {
            "Text": "",
            "Amount": None,
            "Lines": [],
        }

    def test_order_of_the_profile(self) -> None:
        """The document has one order, whatever the order of the inputs."""
        first = parse_action(_body(_value("Flag", "true"), _value("Text", "a")), codec("EchoAll")).document
        second = parse_action(_body(_value("Text", "a"), _value("Flag", "true")), codec("EchoAll")).document
        assert first == second == b'{"Text":"a","Flag":true}'

    def test_objects_and_lists(self) -> None:
        """Objects and lists follow the profile; members that it does not know are left out."""
        sent = [
            _value("Person", objects=[_row(Name="Zoë", Age="36", Shoe="9")]),
            _value("Lines", objects=[_row(Qty="2")]),
        ]
        assert _document("EchoAll", *sent) == {"Person": {"Name": "Zoë", "Age": 36}, "Lines": [{"Qty": 2}]}

    def test_a_bare_object(self) -> None:
        """An object that is not wrapped in a list of one is taken as one."""
        assert _document("EchoAll", _value("Person", objects=_row(Name="Bo"))) == {"Person": {"Name": "Bo"}}

    def test_names_in_another_case(self) -> None:
        """An exact name wins; another case serves where there is none, at every depth."""
        assert _document("EchoAll", _value("text", "a")) == {"Text": "a"}
        assert _document("EchoAll", _value("text", "a"), _value("Text", "b"), _value("TEXT", "c")) == {"Text": "b"}
        assert _document("EchoAll", _value("PERSON", objects=[_row(NAME="Bo")])) == {"Person": {"Name": "Bo"}}

    def test_names_that_differ_in_case_only(self) -> None:
        """A value with the exact name of one entry never fills another."""
        both = profile("p", Entry(name="name", kind="character"), Entry(name="Name", kind="character"))
        action = MessageAction(name="A", path="A", process="A", request_profile=both)
        call = parse_action(_body(_value("Name", "x")), compile_action(FlowService(external_name="S"), action))
        assert call.document == b'{"Name":"x"}'

    def test_without_a_profile(self) -> None:
        """An action without a request profile hands over an empty document, whatever is sent."""
        assert parse_action(_body(_value("Text", "a")), codec("Props")).document == b""

    def test_null_collections(self) -> None:
        """Any list may be null or missing."""
        raw = msgspec.json.encode({"token": TOKEN, "inputs": None, "configurationValues": [REGION]})
        assert parse_action(raw, codec("EchoAll")).document == b"{}"
        assert _document("EchoAll", _value("Person", objects=[{"properties": None}])) == {"Person": {}}


class TestRefusals:
    """What is the caller's mistake."""

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            (_value("Amount", "many"), '"Amount" is not a number'),
            (_value("Flag", "perhaps"), '"Flag" is neither'),
            (_value("When", "soon"), '"When" is not a datetime'),
            (_value("Person", objects=[_row(Age="old")]), '"Person / Age" is not a number'),
            (_value("Lines", objects=[_row(Qty="1"), _row(Qty="x")]), '"Lines / Qty" is not a number'),
            (_value("Person", objects=[_row(), _row()]), '"Person" holds 2 objects'),
        ],
    )
    def test_values(self, sent: object, words: str) -> None:
        """A value that is not of its type is refused by the name of its input."""
        assert words in _refused(_body(sent))

    def test_values_are_not_repeated(self) -> None:
        """What was sent may be secret and is not told back."""
        assert "hunter2" not in _refused(_body(_value("Amount", "hunter2")))

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"nonsense",
            b"[]",
            b'"text"',
            b'{"token": 7}',
            b'{"token": "t", "inputs": {}}',
            b'{"token": "t", "inputs": [{"contentValue": 7}]}',
            b'{"token": "t", "inputs": [null]}',
            b'{"token": "\xff\xfe"}',
            b'{"token": "t", "x": ' + b"[" * 100_000,
            b'{"token": "t", "inputs": [' + b'{"objectData": [{"properties": [' * 5_000,
        ],
    )
    def test_bodies(self, raw: bytes) -> None:
        """A body that is no JSON, no UTF-8, too deep or of another form is the caller's mistake, told as one."""
        assert _refused(raw)

    @given(st.binary(max_size=200))
    def test_any_bytes(self, raw: bytes) -> None:
        """No bytes do anything but make a call or a refusal."""
        with suppress(RequestError):
            parse_action(raw, codec("Greet"))

    def test_token(self) -> None:
        """Without a token nobody could be answered later."""
        assert "token" in _refused(b"{}")
        assert "token" in _refused(b'{"token": ""}')


class TestConfiguration:
    """The settings of the connector."""

    def test_required(self) -> None:
        """A required value must be there; an empty one is there."""
        assert '"region" is required' in _refused(_body(configurationValues=[]), "Props")
        call = parse_action(_body(configurationValues=[_value("region", "")]), codec("Props"))
        assert call.properties["inflowconfigurationvalues_region"] == ""

    def test_described_kind(self) -> None:
        """The described kind counts, because older engines send none; blank values are empty properties."""
        sent = [
            REGION,
            _value("pageCap", "+500"),
            _value("dryRun", "True"),
            _value("since", "2025-09-04"),
            _value("APIKEY", "k"),
        ]
        properties = parse_action(_body(configurationValues=sent), codec("Props")).properties
        assert properties["inflowconfigurationvalues_pageCap"] == "500"
        assert properties["inflowconfigurationvalues_dryRun"] == "true"
        assert properties["inflowconfigurationvalues_since"] == "2025-09-04T00:00:00.000Z"
        assert properties["inflowconfigurationvalues_apiKey"] == "k"

    def test_wrong_kind(self) -> None:
        """A value that is not of its kind is refused by name."""
        assert '"pageCap" is not a number' in _refused(
            _body(configurationValues=[REGION, _value("pageCap", "x")]), "Props"
        )

    def test_default(self) -> None:
        """A value that is absent or null has its default, even when it is required."""
        service = FlowService(
            external_name="S", configuration=(ConfigurationValue(name="n", kind="number", required=True, default="5"),)
        )
        compiled = compile_action(service, MessageAction(name="A", path="A", process="A"))
        for sent in ([], [_value("n")]):
            call = parse_action(_body(configurationValues=sent), compiled)
            assert call.properties["inflowconfigurationvalues_n"] == "5"


class TestCall:
    """Everything else that a call holds."""

    def test_properties(self) -> None:
        """Token, tenant, state, callback address, culture and user become properties of the process."""
        raw = _body(tenantId="T", stateId="S", callbackUri="https://e/x", culture={"language": "EN", "country": "USA"})
        who = AuthenticatedWho(user_id="U", email="e@x", token="t0k")
        call = parse_action(raw, codec("Greet"), Authorization(who=who, replay="raw"))
        assert (call.token, call.tenant_id, call.state_id, call.callback_uri) == (TOKEN, "T", "S", "https://e/x")
        expected = {"inflowtoken": TOKEN, "inflowtenantid": "T", "inflowstateid": "S", "inflowculture": "EN-USA"}
        expected |= {"inflowuser_userid": "U", "inflowuser_email": "e@x", "inflowuser_token": "t0k"}
        assert call.properties.items() >= expected.items()
        assert call.authorization == "raw"

    def test_every_property_is_set(self) -> None:
        """A process may read any property of the tables without asking whether it is there."""
        call = parse_action(_body(), codec("Greet"))
        assert call.properties.keys() >= CALL_PROPERTIES.keys() | USER_PROPERTIES.keys()
        assert call.properties["inflowconfigurationvalues_apiKey"] == ""

    def test_the_tenant_of_the_user(self) -> None:
        """Without a tenant in the body, that of the user's header serves."""
        call = parse_action(_body(), codec("Greet"), Authorization(who=AuthenticatedWho(tenant_id="T")))
        assert call.tenant_id == "T"

    def test_waiting_needs_an_address(self) -> None:
        """A call without a callback address cannot be answered later."""
        assert not parse_action(_body(), codec("Greet")).may_wait
        assert parse_action(_body(callbackUri="https://e/x"), codec("Greet")).may_wait

    def test_secrets_do_not_show(self) -> None:
        """A printed call shows neither token, nor document, nor property, nor header."""
        raw = _body(_value("Name", "private"), configurationValues=[REGION, _value("apiKey", "s3cret")])
        call = parse_action(raw, codec("Greet"), Authorization(replay="Header"))
        shown = f"{call!r} {call}"
        assert not any(secret in shown for secret in (TOKEN, "private", "s3cret", "Header", "EU"))

    def test_secret_properties_are_named(self) -> None:
        """Whoever shows properties knows which ones never to show."""
        assert codec("Greet").secrets >= {"inflowtoken", "inflowuser_token", "inflowconfigurationvalues_apiKey"}

    def test_it_can_be_journalled(self) -> None:
        """A call survives being written down."""
        call = parse_action(_body(_value("Name", "Ada"), callbackUri="https://e/x"), codec("Greet"))
        assert msgspec.json.decode(msgspec.json.encode(call), type=ActionCall) == call
