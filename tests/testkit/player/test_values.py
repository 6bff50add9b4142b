from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.flow.codec import compile_action
from runtime.flow.describe import describe
from runtime.flow.requests import parse_action
from runtime.flow.who import ANONYMOUS
from runtime.model.flow_service import FlowService, MessageAction
from runtime.model.profile import from_json_schema
from runtime.testkit.player.description import Action, Described, Description, Type
from runtime.testkit.player.failures import Misused
from runtime.testkit.player.values import engine_values, from_text, plain, read_json
from runtime.testkit.player.wire import EngineValue

SCHEMA = {
    "type": "object",
    "properties": {
        "Name": {"type": "string"},
        "Count": {"type": "number"},
        "Yes": {"type": "boolean"},
        "When": {"type": "string", "format": "date-time"},
        "Address": {
            "type": "object",
            "properties": {
                "Street": {"type": "string"},
                "Geo": {"type": "object", "properties": {"X": {"type": "number"}}},
            },
        },
        "Lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"Sku": {"type": "string"}, "Quantity": {"type": "number"}}},
        },
    },
}
PROFILE, FINDINGS = from_json_schema(SCHEMA, "everything")
ACTION = MessageAction(name="Try", path="try", process="Try", request_profile=PROFILE, response_profile=PROFILE)
SERVICE = FlowService(external_name="trial", actions=(ACTION,))
DESCRIPTION = msgspec.json.decode(describe(SERVICE), type=Description)
TRY: Action = DESCRIPTION.action("Try")

numbers = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12)
texts = st.text(max_size=20)
inputs = st.fixed_dictionaries(
    {},
    optional={
        "Name": st.none() | texts,
        "Count": st.none() | numbers | st.integers(-(10**30), 10**30),
        "Yes": st.none() | st.booleans(),
        "When": st.just("2025-09-04T10:20:30.000Z"),
        "Address": st.fixed_dictionaries(
            {}, optional={"Street": texts, "Geo": st.fixed_dictionaries({"X": numbers | st.none()})}
        ),
        "Lines": st.lists(st.fixed_dictionaries({"Sku": texts, "Quantity": numbers}), max_size=3),
    },
)


def sent(values: dict[str, Any]) -> list[EngineValue]:
    """Give what goes out for these inputs."""
    return engine_values(values, TRY.inputs, DESCRIPTION.types, "input")


def refusal(values: dict[str, Any]) -> str:
    """Give why these inputs cannot be sent."""
    with pytest.raises(Misused) as caught:
        sent(values)
    return str(caught.value)


@given(inputs)
def test_what_goes_out_is_what_the_service_reads(values: dict[str, Any]) -> None:
    """Law: the service's own reader makes of the player's inputs the document that was given, number by number."""
    body = msgspec.json.encode({"token": "t", "inputs": sent(values)})
    call = parse_action(body, compile_action(SERVICE, ACTION), ANONYMOUS)
    document = msgspec.json.Decoder(float_hook=Decimal).decode(call.document)
    for name, value in values.items():
        assert _without_nulls(document.get(name)) == _without_nulls(value)


@given(inputs)
def test_what_comes_in_is_what_went_out(values: dict[str, Any]) -> None:
    """Law: reading values gives the JSON that they were written from."""
    assert {name: _without_nulls(value) for name, value in plain(sent(values)).items()} == {
        name: _without_nulls(value) for name, value in values.items()
    }


def test_numbers_keep_their_digits() -> None:
    """Law: no digit is lost or added between a file of inputs, the wire and the output."""
    given_text = '{"Count": 1.50, "Lines": [{"Sku": "A", "Quantity": 123456789012345678.99}]}'
    values = sent(read_json(given_text, "the file"))
    assert values[0].content_value == "1.50"
    encoded = msgspec.json.Encoder(decimal_format="number").encode(plain(values))
    assert encoded == b'{"Count":1.50,"Lines":[{"Sku":"A","Quantity":123456789012345678.99}]}'


def test_a_text_of_the_command_line_is_itself_or_json() -> None:
    """Law: a scalar takes the text as it is, quotes and all; objects and lists take JSON."""
    known = {each.developer_name: each for each in TRY.inputs}
    assert from_text('"Ada"', known["Name"]) == '"Ada"'
    assert from_text("1e3", known["Count"]) == "1e3"
    assert from_text('[{"Sku": "A"}]', known["Lines"]) == [{"Sku": "A"}]
    with pytest.raises(Misused, match="the value of 'Lines' is not JSON"):
        from_text("Sku=A", known["Lines"])


def test_a_text_for_a_number_goes_out_as_it_is() -> None:
    """Law: what a page of a flow could send can be sent: the service must cope, not the player."""
    assert sent({"Count": "many"})[0].content_value == "many"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"Nam": "Ada"}, "there is no input 'Nam' [player.unknown-name] (did you mean 'Name'?)"),
        ({"Lines": [{"Skuu": 1}]}, "has no property 'Skuu' [player.unknown-name] (did you mean 'Sku'?)"),
        ({"Lines": {"Sku": "A"}}, "'Lines' takes a list"),
        ({"Lines": ["A"]}, "'Lines[0]' takes an object"),
        ({"Address": []}, "'Address' takes an object"),
        ({"Address": {"Geo": {"X": [1]}}}, "'Address[0].Geo[0].X' takes a single value"),
        ({"Name": {"first": "Ada"}}, "'Name' takes a single value"),
    ],
)
def test_what_is_not_described_is_not_sent(values: dict[str, Any], reason: str) -> None:
    """Law: a wrong name or shape is told with its place before anything is sent."""
    assert reason in refusal(values)


def test_a_type_of_the_engine_takes_texts() -> None:
    """Law: an object whose type is not installed can still be sent: its properties are texts."""
    file = Described(developer_name="File", content_type="ContentObject", type_element_developer_name="$File")
    types: dict[str, Type] = {}
    (value,) = engine_values({"File": {"Name": "a.txt"}}, [file], types, "input")
    assert plain([value]) == {"File": {"Name": "a.txt"}}


def test_a_value_that_is_not_what_its_type_says_is_shown() -> None:
    """Law: a broken output is shown as it came, not hidden."""
    values = [EngineValue(developer_name="Count", content_type="ContentNumber", content_value="many")]
    assert plain(values) == {"Count": "many"}


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON
    # Flow has no difference between an absent member and a null one; a service fills in what is absent.
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if _without_nulls(inner) is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
