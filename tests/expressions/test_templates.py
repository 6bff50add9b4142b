from __future__ import annotations

import pytest

from runtime.expressions import compile_template, text_of
from runtime.model.values import Template
from tests.expressions.support import evaluate, expression, scope


@pytest.mark.parametrize(
    ("json", "text"),
    [
        (b"1", "1"),
        (b"-12345678901234567890123", "-12345678901234567890123"),
        (b"1.50", "1.50"),
        (b"1e3", "1000"),
        (b"1E-7", "0.0000001"),
        (b"true", "true"),
        (b"false", "false"),
        (b'"a \\u00e9"', "a é"),
        (b'{"a":[1.10,null]}', '{"a":[1.10,null]}'),
    ],
)
def test_values_print_plain(json: bytes, text: str) -> None:
    """Numbers print in full and as written, booleans in lower case, structures as JSON."""
    template = compile_template(Template((expression("document.v"),)))
    assert template.text(scope(b'{"v":' + json + b"}")) == text


def test_null_prints_as_the_caller_wants() -> None:
    """Set Properties leaves nothing, a Message prints the word."""
    template = compile_template(Template(("a", expression("document.v"), "b")))
    where = scope(b'{"v":null}')
    assert template.text(where) == "ab"
    assert template.text(where, missing="null") == "anullb"


def test_one_expression_alone_keeps_its_type() -> None:
    """Text around it makes it a text."""
    where = scope(b'{"v":[1]}')
    assert compile_template(Template((expression("document.v"),))).value(where) == [1]
    assert compile_template(Template((expression("document.v"), "."))).value(where) == "[1]."


def test_a_literal_reads_nothing() -> None:
    """A template without expressions is its text, whatever the document is."""
    template = compile_template(Template(("a", "b")))
    assert template.literal == "ab"
    assert not template.reads_document
    assert template.text(scope(b"not json")) == "ab"
    assert compile_template(Template(())).text(scope()) == ""


def test_a_template_tells_whether_it_needs_the_content() -> None:
    """The engine loads a spilled document only for these."""
    assert compile_template(Template((expression("document.v"),))).reads_document
    assert not compile_template(Template((expression("properties.v"),))).reads_document


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("timestamp('2024-01-02T03:04:05Z')", "2024-01-02T03:04:05Z"),
        ("duration('90s')", "90s"),
        ("duration('1500ms')", "1.5s"),
        ("b'abc'", "abc"),
        ("1.0 / 4.0", "0.25"),
    ],
)
def test_computed_values_print_plain(source: str, text: str) -> None:
    """What only CEL can make prints in the same manner."""
    assert text_of(evaluate(source, scope())) == text
