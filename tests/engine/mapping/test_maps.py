from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.mapping import compile_map
from runtime.errors import DocumentFault
from runtime.model.maps import Source
from runtime.model.profile import Entry, Profile
from tests.engine.mapping.support import AT, a_map, call, computed, constant, mapped, run

TOTAL = call("multiply", "items[].price", "items[].n")
SUM = call("sum", "orders[].lines[].price")


@pytest.mark.parametrize(
    ("rules", "content", "result"),
    [
        ({"sku": "code"}, {"code": "A", "x": 1}, {"sku": "A"}),
        ({"a.b.c": "x", "a.d": "y"}, {"x": 1, "y": {"z": [1]}}, {"a": {"b": {"c": 1}, "d": {"z": [1]}}}),
        ({"a": "x", "b": "gone", "c.d": "gone"}, {"x": 1}, {"a": 1}),
        ({"a": "x"}, {"x": None}, {"a": None}),
        ({"a": "x"}, {"x": ""}, {"a": ""}),
        (
            {"lines[].sku": "items[].code"},
            {"items": [{"code": "A"}, {"code": "B"}]},
            {"lines": [{"sku": "A"}, {"sku": "B"}]},
        ),
        ({"codes[]": "items[].code"}, {"items": [{"code": 1}, {}, {"code": 2}]}, {"codes": [1, 2]}),
        ({"lines[].sku": "codes[]"}, {"codes": ["A", "B"]}, {"lines": [{"sku": "A"}, {"sku": "B"}]}),
        (
            {"lines[].sku": "items[].code", "lines[].currency": "currency", "n": call("count", "items[].code")},
            {"currency": "EUR", "items": [{"code": "A"}, {"code": "B"}]},
            {"lines": [{"sku": "A", "currency": "EUR"}, {"sku": "B", "currency": "EUR"}], "n": 2},
        ),
        ({"lines[].a": "x", "lines[].b": "y"}, {"x": 1, "y": 2}, {"lines": [{"a": 1, "b": 2}]}),
        (
            {"as[].bs[].c": "xs[].ys[].z", "as[].name": "xs[].n", "as[].bs[].of": "xs[].n"},
            {"xs": [{"n": 1, "ys": [{"z": 1}, {"z": 2}]}, {"n": 2, "ys": []}, {"n": 3, "ys": [{"z": 3}]}]},
            {
                "as": [
                    {"bs": [{"c": 1, "of": 1}, {"c": 2, "of": 1}], "name": 1},
                    {"name": 2},
                    {"bs": [{"c": 3, "of": 3}], "name": 3},
                ]
            },
        ),
        (
            {"as[].x": "xs[].v", "as[].y": "ys[].v"},
            {"xs": [{"v": 1}, {"v": 2}], "ys": [{"v": 3}]},
            {"as": [{"x": 1, "y": 3}, {"x": 2}]},
        ),
        ({"a": "x", "lines[].b": "items[].b"}, {"x": 1, "items": []}, {"a": 1}),
        ({"lines[].b": "items[].b"}, {"items": {"b": 1}}, {"lines": [{"b": 1}]}),
        (
            {
                "lines[].total": call("multiply", "items[].price", "items[].n"),
                "all": call("sum", call("multiply", "items[].price", "items[].n")),
            },
            {"items": [{"price": "1.5", "n": 2}, {"price": 2, "n": 3}]},
            {"lines": [{"total": 3}, {"total": 6}], "all": 9},
        ),
        (
            {
                "orders[].total": call("sum", "orders[].lines[].price"),
                "orders[].id": "orders[].id",
                "grand": call("sum", "orders[].lines[].price"),
            },
            {"orders": [{"id": 1, "lines": [{"price": 1}, {"price": 2}]}, {"id": 2, "lines": []}]},
            {"orders": [{"total": 3, "id": 1}, {"total": 0, "id": 2}], "grand": 3},
        ),
        ({"a": computed("document.x"), "b": constant("k")}, {"x": [1]}, {"a": [1], "b": "k"}),
    ],
)
def test_a_map_fills_its_target(rules: dict[str, str | Source], content: object, result: object) -> None:
    """Missing sources leave their target out; lists repeat with their source; the rest stands in each item."""
    assert mapped(rules, content) == result


def test_a_default_stands_in_for_nothing_null_and_empty_text() -> None:
    """It also stands alone; a value that is there wins, false and zero too."""
    rules: dict[str, str | Source] = {name: name for name in "abcdef"}
    defaults = dict.fromkeys([*"abcdef", "g"], "?")
    content = {"b": None, "c": "", "d": 0, "e": False, "f": "x"}
    assert mapped(rules, content, defaults) == {"a": "?", "b": "?", "c": "?", "d": 0, "e": False, "f": "x", "g": "?"}


@pytest.mark.parametrize("content", [b'{"y":1}', b"", b"[]", b'{"items":[]}', b"null"])
def test_a_map_that_produces_nothing_is_a_fault_in_the_platforms_words(content: bytes) -> None:
    """The document fails; an empty object never goes on."""
    with pytest.raises(DocumentFault) as caught:
        run(compile_map(a_map({"a": "x", "l[].a": "items[].a"})), content)
    assert caught.value.code == "map.no-data"
    assert caught.value.message == (
        "No data produced from map 'm', please check source profile and make sure it matches source data."
    )


def test_content_that_is_not_json_fails_only_a_map_that_reads_it() -> None:
    """Constants and properties need no content."""
    assert run(compile_map(a_map({"a": computed("properties.p")})), b"<xml/>", {"p": "1"}) == '{"a":"1"}'
    with pytest.raises(DocumentFault) as caught:
        run(compile_map(a_map({"a": "x"})), b"<xml/>")
    assert caught.value.code == "json.malformed"


def test_numbers_go_through_digit_by_digit() -> None:
    """Neither long integers nor long decimals are rounded, and zeros at the end stay."""
    content = b'{"a":1180591620717411303424,"b":0.1000000000000000000001,"c":1.50,"d":1e3}'
    assert run(compile_map(a_map({name: name for name in "abcd"})), content) == (
        '{"a":1180591620717411303424,"b":0.1000000000000000000001,"c":1.50,"d":1E+3}'
    )


def test_a_fault_names_the_field_and_its_place() -> None:
    """Without the value, which may be secret."""
    with pytest.raises(DocumentFault) as caught:
        mapped({"lines[].total": call("abs", "items[].price")}, {"items": [{"price": "secret"}]})
    assert caught.value.code == "map.not-a-number"
    assert caught.value.message == "field 'lines[].total': a text is not a number"
    assert caught.value.place == AT


@pytest.mark.parametrize(
    ("rules", "part"),
    [
        ({"a": "items[].code"}, "repeats more often than its target"),
        ({"l[].a": "items[].parts[].code"}, "repeats more often"),
        ({"a": call("upper", "items[].code")}, "repeats more often"),
        ({"a": call("uper", "x")}, "did you mean 'upper'?"),
        ({"a": call("divide", "x")}, "takes 2 inputs, not 1"),
        ({"a": call("concat")}, "takes at least 1 input, not 0"),
        ({"a": call("left trim", "x")}, "needs 'length'"),
        ({"a": call("left trim", "x", lenght="2")}, "no option 'lenght'; did you mean 'length'?"),
        ({"a": call("left trim", "x", length="two")}, "whole number"),
        ({"a": call("upper", call("lower"))}, "takes 1 input"),
        ({"a": "x", "a.b": "y"}, "another rule fills the same field"),
        ({"a.b": "x", "a": "y"}, "another rule fills the same field"),
        ({"a[]": "x", "a[].b": "y"}, "another rule fills the same field"),
        ({"a[].b": "x", "a": "y"}, "another rule fills the same field"),
    ],
)
def test_a_map_that_cannot_run_is_refused_when_compiled(rules: dict[str, str | Source], part: str) -> None:
    """The message says what to change."""
    with pytest.raises(DocumentFault) as caught:
        compile_map(a_map(rules))
    assert part in caught.value.message


def test_the_targets_profile_gives_values_their_types() -> None:
    """Texts become numbers and truth values where the profile says so, and the other way round."""
    profile = Profile(
        name="p",
        entries=(
            Entry(name="n", kind="number"),
            Entry(name="t", kind="character"),
            Entry(name="b", kind="boolean"),
            Entry(name="l", kind="list", entries=(Entry(name="n", kind="number"),)),
        ),
    )
    compiled = compile_map(a_map({"n": "n", "t": "t", "b": "b", "l[].n": "l[]"}, {"n": "0.50"}), profile)
    assert (
        run(compiled, b'{"n":"","t":1.50,"b":"TRUE","l":["1",2]}')
        == '{"n":0.50,"t":"1.50","b":true,"l":[{"n":1},{"n":2}]}'
    )
    with pytest.raises(DocumentFault) as caught:
        run(compiled, b'{"b":"maybe"}')
    assert caught.value.code == "map.not-a-boolean"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=10,
)


@given(json_values)
def test_a_field_is_copied_as_it_is(value: object) -> None:
    """Whatever a field holds, structure included, arrives unchanged."""
    assert mapped({"to": "from"}, {"from": value}) == {"to": value}


@given(st.lists(st.lists(st.integers(), min_size=1, max_size=3), min_size=1, max_size=4))
def test_nested_lists_keep_their_shape(rows: list[list[int]]) -> None:
    """Each occurrence lands in the item that its parent became."""
    content = {"rows": [{"cells": [{"v": value} for value in row]} for row in rows]}
    result = mapped({"lines[].parts[].w": "rows[].cells[].v"}, content)
    assert result == {"lines": [{"parts": [{"w": value} for value in row]} for row in rows]}
