from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runtime.flow.check import check
from runtime.flow.describe import describe, describe_install, uri_part
from runtime.model.flow_service import ConfigurationValue, FlowService, MessageAction
from runtime.model.profile import Entry, Profile
from tests.flow.fixture import SERVICE, action, profile, text


def _described(service: FlowService) -> dict[str, Any]:
    return msgspec.json.decode(describe(service), type=dict[str, Any])


def _type_names(request: Profile) -> set[str]:
    service = FlowService(external_name="S", actions=(action("A", request),))
    return {each["developerName"] for each in _described(service)["install"]["typeElements"]}


def test_our_description_has_no_defect() -> None:
    """What we describe passes our own validator without a finding, even a doubtful one."""
    for service in (SERVICE, FlowService(external_name="Empty")):
        assert check(200, "application/json", describe(service)) == ()


def test_it_is_the_same_every_time() -> None:
    """The description depends on the service alone, to the byte, and not on the order in which actions were written."""
    shuffled = msgspec.structs.replace(SERVICE, actions=SERVICE.actions[::-1], data_types=SERVICE.data_types[::-1])
    assert describe(SERVICE) == describe(SERVICE) == describe(shuffled)


def test_inputs_keep_the_order_of_the_profile() -> None:
    """A form shows inputs in the order of their profile."""
    service = FlowService(external_name="S", actions=(action("A", profile("p", *text("b", "a", "c"))),))
    inputs = _described(service)["actions"][0]["serviceInputs"]
    assert [(each["developerName"], each["ordinal"], each["order"]) for each in inputs] == [
        ("b", 0, 0),
        ("a", 1, 1),
        ("c", 2, 2),
    ]


def test_both_spellings() -> None:
    """Members that readers name differently are written twice, with one value."""
    told = _described(SERVICE)["configurationValues"][0]
    assert told["required"] is told["isRequired"] is True
    assert told["ordinal"] == told["order"] == 0


def test_a_password_has_no_default() -> None:
    """The description never gives a password away, even when a default was written for it."""
    service = FlowService(
        external_name="S", configuration=(ConfigurationValue(name="k", kind="password", default="hunter2"),)
    )
    assert b"hunter2" not in describe(service)


def test_provides_what_there_is() -> None:
    """The flags follow what the service has."""
    told, empty = _described(SERVICE), _described(FlowService(external_name="S"))
    for flag in ("providesLogic", "providesDatabase", "providesFiles"):
        assert told[flag] is True
        assert empty[flag] is False


class TestTypes:
    """The types to install."""

    def test_generated_names(self) -> None:
        """Objects and lists get types named after action, direction and entry, at every depth."""
        inner = Entry(name="Inner", kind="list", entries=text("x"))
        assert _type_names(profile("p", Entry(name="Outer", kind="object", entries=(inner,)))) == {
            "A REQUEST - Outer",
            "A REQUEST - Inner",
        }

    def test_a_name_used_twice(self) -> None:
        """The outermost of two entries with one name keeps the plain type name; the other is named by its path."""
        deep = Entry(name="First", kind="object", entries=(Entry(name="Same", kind="object", entries=text("x")),))
        flat = Entry(name="Same", kind="object", entries=text("y"))
        expected = {"A REQUEST - First", "A REQUEST - Same", "A REQUEST - First/Same"}
        assert _type_names(profile("p", deep, flat)) == _type_names(profile("p", flat, deep)) == expected

    def test_install_is_always_there(self) -> None:
        """The list of types is there even when it is empty: a reader looks into it unasked."""
        assert _described(FlowService(external_name="S"))["install"] == {"typeElements": []}

    def test_second_form(self) -> None:
        """The split form gives the same actions and types."""
        told, install = _described(SERVICE), msgspec.json.decode(describe_install(SERVICE))
        assert install["actions"] == told["actions"]
        assert install["install"] == told["install"]
        assert install["types"] == told["install"]["typeElements"]


@pytest.mark.parametrize(
    ("path", "part"),
    [("Greet", "actions/Greet"), ("/wait/absolute", "actions/wait/absolute"), ("a b?ü", "actions/a%20b%3F%C3%BC")],
)
def test_uri_part(path: str, part: str) -> None:
    """The address of an action is safe in a URL as it stands."""
    assert uri_part(MessageAction(name="A", path=path, process="A")) == part
