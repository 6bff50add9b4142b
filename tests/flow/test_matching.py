from __future__ import annotations

import pytest

from tests.flow.matching import MATCHERS, MISSING, Context, header_mismatches, mismatches

CASES = [  # the matcher, what fits, what does not
    ({"$any": [1, "a", None]}, [1, "a", None], [2, True, MISSING]),
    ({"$any": [{"$min": 5}, "x"]}, [5, "x"], [4, "y"]),
    ({"$all": [{"$regex": "^a"}, {"$regex": "b$"}]}, ["ab"], ["a", "b"]),
    ({"$regex": "b+"}, ["abbc"], ["ac", 7, None, MISSING]),
    ({"$nonblank": True}, ["a"], ["", "  ", None, 7, MISSING]),
    ({"$present": True}, [None, 0, "", []], [MISSING]),
    ({"$present": False}, [MISSING], [None, 0]),
    ({"$type": "integer"}, [1], [True, 1.5, "1", None, MISSING]),
    ({"$type": "number"}, [1, 1.5], [True, "1"]),
    ({"$type": "boolean"}, [True], [1, "true"]),
    ({"$type": "array"}, [[]], [{}, None]),
    ({"$type": "object"}, [{}], [[], None]),
    ({"$type": "string"}, [""], [None, 1]),
    ({"$type": "null"}, [None], [0, MISSING]),
    ({"$emptyOrNull": True}, [None, [], {}], ["", 0, [1], {"a": 1}, MISSING]),
    ({"$nonempty": True}, [[1], {"a": 1}, "x"], [[], {}, "", None, 7, MISSING]),
    ({"$length": 2}, [[1, 2], "ab", {"a": 1, "b": 2}], [[1], 2, None, MISSING]),
    ({"$length": {"$min": 1}}, [[1], [1, 2]], [[]]),
    ({"$length": {"$any": [0, 2]}}, [[], [1, 2]], [[1]]),
    ({"$contains": [1, {"a": 1}]}, [[{"a": 1, "b": 2}, 1]], [[1], [], None]),
    ({"$unordered": [{"$min": 1}, 1]}, [[1, 2], [2, 1]], [[1], [1, 2, 3], [2, 2], None]),
    ({"$each": {"$type": "string"}}, [[], ["a", "b"]], [["a", 1], None]),
    ({"$byName": {"A": {"x": 1}}}, [[{"developerName": "A", "x": 1}, {"developerName": "B"}]], [[], [7], None]),
    ({"$byName": {"A": {}}}, [[{"developerName": "A"}]], [[{"developerName": "B"}]]),
    ({"$values": {"$regex": "full"}}, [{}, {"a": "disk full"}], [{"a": "x"}, []]),
    ({"$decimal": "12.50"}, ["12.5", "12.500"], ["12.51", "x", "", 12.5, None, MISSING]),
    ({"$instant": "2025-01-01T00:00:00Z"}, ["2025-01-01T01:00:00+01:00", "2025-01-01T00:00:00.0000000Z"], ["x", None]),
    ({"$sameAsStatus": True}, [404], [500, "404", MISSING]),
    ({"$equalsOriginal": True}, ["raw"], ["Raw", None, MISSING]),
    ({"$regex": "a", "$length": 1}, ["a"], ["ab", "b"]),
    ({"a": 1}, [{"a": 1, "b": 2}], [{}, {"a": True}, {"a": "1"}, [], None]),
    ({}, [{}, {"a": 1}], [[], None]),
    ([1, {"a": 2}], [[1, {"a": 2, "b": 3}]], [[1], [1, {}], [1, {"a": 2}, 3], "x"]),
    (None, [None], [0, "", MISSING]),
    (1, [1], [True, "1"]),
]
CONTEXT = Context(status=404, original="raw")


def _lines(expected: object, actual: object) -> list[str]:
    return list(mismatches(expected, actual, CONTEXT))


@pytest.mark.parametrize(("expected", "fitting", "unfitting"), CASES, ids=range(len(CASES)))
def test_matchers(expected: object, fitting: list[object], unfitting: list[object]) -> None:
    """Each matcher takes what fits it and nothing else, and says where the difference is."""
    for actual in fitting:
        assert _lines(expected, actual) == []
    for actual in unfitting:
        assert _lines(expected, actual)


def test_every_matcher_is_tested() -> None:
    """No matcher is taken on trust."""
    assert all(any(name in str(expected) for expected, _, _ in CASES) for name in MATCHERS)


def test_a_difference_names_its_place() -> None:
    """A line begins with the path of the value that differs."""
    assert _lines({"a": [{"b": 1}]}, {"a": [{"b": 2}]}) == ["$.a[0].b is 2, not 1"]


def test_an_unknown_matcher() -> None:
    """A vector that this harness does not understand is an error, never a pass."""
    with pytest.raises(ValueError, match=r"\$nope"):
        _lines({"$nope": 1}, 1)


def test_headers() -> None:
    """Header names have no case, and may be compared with those of the triggering request."""
    expected = {"Content-Type": {"$regex": "^application/json"}, "authorization": {"$equalsOriginal": True}}
    actual = {"content-type": "application/json", "AUTHORIZATION": "x"}
    assert list(header_mismatches(expected, actual, CONTEXT, {"Authorization": "x"})) == []
    assert len(list(header_mismatches(expected, {}, CONTEXT, {"Authorization": "x"}))) == 2
