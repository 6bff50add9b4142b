from __future__ import annotations

import pytest

from runtime.errors import BundleError
from runtime.groovy import compile_groovy, to_python
from runtime.groovy.errors import REPLACE
from tests.groovy.support import value, value_of


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ("def a = 1\nresult = Foo.bar(a)", 10),
        ("def a = 1\nresult = Foo.BAR", 10),
        ("def a = 1\nresult = Foo?.bar", 10),
        ("def a = 1\nFoo.bar = 2", 1),
        ("def f() {\n Foo.bar() }", 2),
        ("[1].each {\n Foo.bar(it) }", 2),
        ("import a.b.Foo as Bar\nBar.baz()", 1),
    ],
)
def test_a_class_that_nothing_defines_is_found_before_the_script_runs(source: str, column: int) -> None:
    """A capitalised name with a member, neither declared nor given nor covered, is a finding at its place."""
    (finding,) = to_python(source, "s.groovy").findings
    assert (finding.line, finding.column, finding.construct, finding.hint) == (2, column, "class Foo", REPLACE)
    with pytest.raises(BundleError, match="Foo is no variable of the script and no class that is covered"):
        compile_groovy(source, "s.groovy")


@pytest.mark.parametrize(
    "source",
    [
        "def Foo = 'ab'\nresult = Foo.size()",
        "Foo = 'ab'\nresult = Foo.size()",
        "(Foo, Bar) = ['ab', 1]\nresult = Foo.size()",
        "def (Foo, Bar) = ['ab', 1]\nresult = Foo.size()",
        "for (Foo in ['ab']) { result = Foo.size() }",
        "for (String Foo : ['ab']) result = Foo.size()",
        "['ab'].each { Foo -> result = Foo.size() }",
        "def f(Foo) { Foo.size() }\nresult = f('ab')",
        "try { throw new Exception('ab') } catch (Exception Foo) { result = Foo.message.size() }",
        "def f() { Foo.size() }\nFoo = 'ab'\nresult = f()",
        "result = Given.size()",
        "result = java.lang.Math.max(1, 2)",
        "def f = null\nresult = f instanceof Foo ? 1 : 2",
    ],
)
def test_a_capitalised_variable_is_a_variable(source: str) -> None:
    """A name that is declared, assigned or given anywhere is never taken for a class."""
    assert value_of(source, Given="ab") == 2


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(1..5).step(2)", [1, 3, 5]),
        ("(1..6).step(2)", [1, 3, 5]),
        ("(5..1).step(2)", [5, 3, 1]),
        ("(1..5).step(-2)", [5, 3, 1]),
        ("(0..<4).step(3)", [0, 3]),
        ("('a'..'e').step(2).join()", "ace"),
    ],
)
def test_a_range_is_gone_through_in_steps(expression: str, expected: object) -> None:
    """``step`` gives every so manyth element, from the other end where it is negative."""
    assert value(expression) == expected


def test_a_range_calls_a_closure_for_each_step() -> None:
    """With a closure ``step`` calls it for what it meets."""
    assert value_of("result = []\n(1..5).step(2) { result << it }") == [1, 3, 5]
