"""`${…}` in texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.bundle.findings import Findings
from runtime.bundle.nodes import Scalar, Table
from runtime.bundle.templates import read_template
from runtime.bundle.yaml_nodes import read_yaml
from runtime.errors import Place
from runtime.model.values import Expression, Template


def parsed(yaml: str) -> Template:
    """Give the template that the key `a` of a YAML text holds."""
    findings = Findings("b", {})
    table = read_yaml(yaml, "f", findings)
    assert isinstance(table, Table)
    value = table.entries[0][1]
    assert isinstance(value, Scalar)
    template = read_template(value, findings)
    findings.raise_any()
    return template


def at(line: int, column: int) -> Place:
    """Give a place in the file of these tests."""
    return Place(file="f", line=line, column=column)


@pytest.mark.parametrize(
    ("yaml", "parts"),
    [
        ("a: plain", ("plain",)),
        ("a: ${1 + 1}", (Expression("1 + 1", at(1, 4)),)),
        ("a: x ${1} y ${2}", ("x ", Expression("1", at(1, 6)), " y ", Expression("2", at(1, 13)))),
        ("a: $${b} $5", ("${b} $5",)),
        ("a: $${b} ${1}", ("${b} ", Expression("1", at(1, 10)))),
        ("""a: '${"}"}'""", (Expression('"}"', at(1, 5)),)),
        ("""a: '${{"b": {"c": 1}}}'""", (Expression('{"b": {"c": 1}}', at(1, 5)),)),
        (r"""a: '${"\"}"}'""", (Expression(r'"\"}"', at(1, 5)),)),
        (r"""a: "x\n${1}" """, ("x\n", Expression("1", at(1, 8)))),
        ("a: >-\n  x\n  ${1}\n", ("x ", Expression("1", at(3, 3)))),
        ("a: |\n  é ${1}\n   ${2}\n", ("é ", Expression("1", at(2, 5)), "\n ", Expression("2", at(3, 4)), "\n")),
    ],
)
def test_a_text_is_cut_into_literals_and_expressions_at_their_places(
    yaml: str, parts: tuple[str | Expression, ...]
) -> None:
    """Braces and quotes of an expression are its own; places are exact in every style of YAML text."""
    assert parsed(yaml) == Template(parts)


@given(text=st.text(alphabet="ab $ {}\"'\\", max_size=20))
def test_an_escaped_text_is_itself(text: str) -> None:
    """Whatever a text holds, writing `$${` for each `${` gives it back as a literal."""
    findings = Findings("b", {})
    written = text.replace("${", "$${")
    marks = (Place(),) * written.count("${")
    template = read_template(Scalar(text=written, place=Place(), marks=marks), findings)
    assert template.literal == text
