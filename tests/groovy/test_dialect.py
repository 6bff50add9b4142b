from __future__ import annotations

import pytest

from runtime.groovy import to_python
from tests.groovy.support import value_of


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("def f = [1].collect(x -> x + 1)", (1, 23)),
        ("def f = x -> x + 1", (1, 11)),
        ("def f =\n (a, b) -> a + b", (2, 2)),
        ("[1].each((String s) -> println(s))", (1, 10)),
        ("def f = () -> 1", (1, 9)),
        ("def f = (List<String> l, int n) -> l[n]", (1, 9)),
    ],
)
def test_a_lambda_is_told_apart_from_a_mistake(source: str, place: tuple[int, int]) -> None:
    """Groovy 2.4 has closures and no lambdas; the finding says so, at the lambda."""
    (finding,) = to_python(source, "s.groovy").findings
    assert (finding.construct, finding.line, finding.column) == ("lambda", *place)
    assert "no lambdas" in finding.message


@pytest.mark.parametrize("word", ["break", "continue"])
def test_a_label_that_no_loop_has_is_named(word: str) -> None:
    """A jump to a label that no loop around it has is a finding at its place that says which."""
    source = f"def n = 0\nouter: for (i in 0..3) {{ for (j in 0..3) {{ {word} other }} }}"
    (finding,) = to_python(source, "s.groovy").findings
    assert (finding.construct, finding.line, finding.column) == ("label", 2, 44)
    assert "no loop other" in finding.message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def m = [:].withDefault { 0 }\n'aab'.each { m[it] += 1 }\nresult = m", {"a": 2, "b": 1}),
        ("def m = [:].withDefault { [] }\nm.a << 1\nm['a'] << 2\nm.get('b')\nresult = m", {"a": [1, 2], "b": []}),
        ("def m = [a: 1].withDefault { k -> k * 2 }\nresult = [m.a, m.x, m.containsKey('y')]", [1, "xx", False]),
        ("def m = new HashMap().withDefault { 7 }\nresult = [m.put('a', 1), m.a, m.size()]", [None, 1, 1]),
        ("def m = [:].withDefault { [:].withDefault { 0 } }\nm.a.b += 3\nresult = m.toString()", "{a={b=3}}"),
    ],
)
def test_a_map_makes_what_it_does_not_have(source: str, expected: object) -> None:
    """A map with a default keeps what its closure gives for a key that is asked for and that it does not have."""
    assert value_of(source) == expected


def test_a_default_for_a_map_that_is_known_by_another_name_is_not_covered() -> None:
    """Two names for one map would be two maps."""
    (finding,) = to_python("def a = [:]\ndef m = a.withDefault { 0 }", "s.groovy").findings
    assert (finding.construct, finding.line) == ("withDefault", 2)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("result = new StringBuilder().with { append('x'); append('y'); it }.toString()", "xy"),
        ("def m = [a: 1]\nm.with { b = a + 1\n a += 5 }\nresult = m", {"a": 6, "b": 2}),
        ("def m = [a: 1]\nm.with { put('b', size())\n remove('a') }\nresult = m", {"b": 1}),
        ("def n = 2\nresult = [a: 1].with { n + a }", 3),
        ("other = 2\nresult = 'ab'.with { length() + other + it.size() }", 6),
        ("result = 'ab'.with { s -> s + toUpperCase() }", "abAB"),
        ("def f(x) { x * 2 }\nresult = 'ab'.with { f(size()) }", 4),
        ("'ab'.with { result = size() }", 2),
    ],
)
def test_within_with_the_members_of_the_value_need_no_target(source: str, expected: object) -> None:
    """Names that no local variable has are those of the value first, and of the script where it has none."""
    assert value_of(source) == expected
