"""The laws of redaction."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.observe.redaction import MASK, Secret, is_secret_name, masked, redact

CLEAR = "hunter2-in-clear"


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "Authorization",
        "X-Api-Key",
        "api_key",
        "apiKey",
        "client_secret",
        "set-cookie",
        "accessToken",
        "PRIVATE KEY",
    ],
)
def test_a_name_that_tells_of_a_secret_is_secret(name: str) -> None:
    """The usual names of secrets are known in any case and with any separator."""
    assert is_secret_name(name)
    assert is_secret_name("x" * 1_000 + name), "however long the name is"


@pytest.mark.parametrize("name", ["execution", "process", "step", "path", "key", "author", "event"])
def test_an_ordinary_name_is_not_secret(name: str) -> None:
    """The names that logs live by stay readable."""
    assert not is_secret_name(name)


def test_a_secret_shows_itself_only_when_asked() -> None:
    """A `Secret` is masked in repr, str and format, and its text comes out by name alone."""
    secret = Secret(CLEAR)
    assert CLEAR not in f"{secret!r} {secret} {secret:>20} {[secret]}"
    assert secret.reveal() == CLEAR


def test_secrets_compare_by_their_text() -> None:
    """Two secrets are equal when their texts are; a secret never equals a bare text."""
    assert Secret("ä") == Secret("ä")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


class Call(msgspec.Struct):
    """A Struct as a caller might log it."""

    path: str
    password: str


@pytest.mark.parametrize(
    "value",
    [
        {"password": CLEAR},
        {"request": {"headers": {"authorization": CLEAR}}},
        {"headers": [("Authorization", CLEAR)]},
        {"headers": [(b"authorization", CLEAR.encode())]},
        {"cookie": {"session": CLEAR}},
        {"call": Call(path="/", password=CLEAR)},
        {"calls": [{"call": Call(path="/", password=CLEAR)}]},
        {"value": Secret(CLEAR)},
        {"values": (Secret(CLEAR), Secret(CLEAR), 1)},
    ],
)
def test_a_secret_is_masked_wherever_it_stands(value: dict[str, Any]) -> None:
    """In mappings, pairs, Structs and sequences a secret is masked, and the mask says that something was there."""
    event = redact(None, "info", value)
    text = repr(event)
    assert CLEAR not in text
    assert MASK in text


def test_what_is_not_secret_stays_as_it_is() -> None:
    """Redaction changes nothing but secrets; an absent secret stays visibly absent."""
    event = {"event": "sent", "status": 200, "path": "/fs/x", "ratio": 0.5, "error": None, "token": None}
    assert redact(None, "info", dict(event)) == event


def test_a_value_that_contains_itself_is_masked_at_some_depth() -> None:
    """A cyclic value ends in a mask, not in an endless walk."""
    cyclic: dict[str, Any] = {}
    cyclic["inner"] = cyclic
    assert MASK in repr(masked(cyclic))


values = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(before=values, after=values, wrap=st.lists(st.sampled_from(["list", "mapping", "pair"]), max_size=12))
def test_no_wrapping_lets_a_secret_through(before: object, after: object, wrap: list[str]) -> None:
    """However a secret is wrapped, and whatever stands beside it, it does not come out."""
    value: object = Secret(CLEAR)
    for kind in wrap:
        if kind == "list":
            value = [before, value, after]
        elif kind == "mapping":
            value = {"before": before, "inner": value}
        else:
            value = ("inner", value)
    assert CLEAR not in repr(redact(None, "info", {"value": value}))
