from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.flow.check import check, verdict
from runtime.flow.describe import describe
from tests.flow.fixture import SERVICE

Json = dict[str, Any]


def _broken(change: Callable[[Json], object]) -> bytes:
    answer: Json = msgspec.json.decode(describe(SERVICE))
    change(answer)
    return msgspec.json.encode(answer)


def _type(answer: Json) -> Json:
    found: Json = answer["install"]["typeElements"][0]
    return found


_MEMBERS = {
    "actions",
    "bindings",
    "configurationValues",
    "contentType",
    "developerName",
    "install",
    "order",
    "properties",
    "propertyBindings",
    "required",
    "serviceInputs",
    "typeElementDeveloperName",
    "typeElementPropertyDeveloperName",
    "typeElements",
    "uriPart",
}

REFUSED: dict[str, Callable[[Json], object]] = {
    "a content type that does not exist": lambda a: a["configurationValues"][0].update(contentType="ContentText"),
    "an object without the name of its type": lambda a: a["actions"][1]["serviceInputs"][4].update(
        typeElementDeveloperName=None
    ),
    "a type that is not installed": lambda a: a["actions"][1]["serviceInputs"][4].update(
        typeElementDeveloperName="Ghost"
    ),
    "a binding to a property that is not there": lambda a: _type(a)["bindings"][0]["propertyBindings"][0].update(
        typeElementPropertyDeveloperName="Nope"
    ),
    "a type without properties": lambda a: _type(a).update(properties=[]),
    "a type of the engine": lambda a: _type(a).update(developerName="$User"),
    "a type without a name": lambda a: _type(a).update(developerName=""),
    "two types of one name": lambda a: a["install"]["typeElements"].append(_type(a)),
    "two actions of one name": lambda a: a["actions"][0].update(developerName="Greet"),
    "two actions of one address": lambda a: a["actions"][0].update(uriPart="actions/Greet"),
    "two inputs of one name": lambda a: a["actions"][1]["serviceInputs"][0].update(developerName="Amount"),
    "two properties of one name": lambda a: _type(a)["properties"][0].update(developerName="Age"),
    "an action without an address": lambda a: a["actions"][0].pop("uriPart"),
    "an action without a name": lambda a: a["actions"][0].update(developerName=""),
    "no install": lambda a: a.pop("install"),
}

DOUBTFUL: dict[str, Callable[[Json], object]] = {
    "a flag as text": lambda a: a["configurationValues"][0].update(required="true"),
    "a position as text": lambda a: a["configurationValues"][0].update(ordinal="1"),
    "a position as truth value": lambda a: a["configurationValues"][0].update(order=True),
    "one spelling only": lambda a: a["configurationValues"][0].pop("isRequired"),
    "a database without a binding": lambda a: _type(a).update(bindings=[]),
    "names that differ in case only": lambda a: a["actions"][0].update(developerName="gREET"),
    "no flag": lambda a: a.pop("providesLogic"),
}


@pytest.mark.parametrize("defect", REFUSED)
def test_refused(defect: str) -> None:
    """Each of the defects that engines are known or believed to refuse is found."""
    assert verdict(check(200, "application/json", _broken(REFUSED[defect]))) == "refuses"


@pytest.mark.parametrize("defect", DOUBTFUL)
def test_doubtful(defect: str) -> None:
    """What an engine takes but a reader may stumble over is told, and refuses nothing."""
    findings = check(200, "application/json", _broken(DOUBTFUL[defect]))
    assert findings
    assert verdict(findings) == "accepts"


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"{}"), (302, b"{}"), (200, b"<html>"), (200, b"[]"), (200, b"\xff"), (200, b"[" * 100_000)],
)
def test_no_description_at_all(status: int, body: bytes) -> None:
    """An answer that is an error, or no JSON object, is refused."""
    assert verdict(check(status, "application/json", body)) == "refuses"


_HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(_MEMBERS)), inner, max_size=6),
)


@given(_HOSTILE)
def test_hostile_answers_do_not_raise(answer: object) -> None:
    """Members of the wrong type are defects or nothing, never a crash."""
    check(200, "application/json", msgspec.json.encode(answer))


def test_content_type() -> None:
    """The content type may carry a charset; another type is doubtful."""
    assert check(200, "application/json; charset=utf-8", describe(SERVICE)) == ()
    assert check(200, "text/html", describe(SERVICE))
