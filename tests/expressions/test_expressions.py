from __future__ import annotations

from decimal import Decimal

import pytest

from runtime.errors import DocumentFault
from runtime.expressions import Scope, check, compile_condition, compile_expression
from runtime.expressions.cel import parse
from runtime.expressions.reads import reads, values
from runtime.model.document import Document, Stored
from tests.expressions.support import HERE, evaluate, expression, scope


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("document.order.total", Decimal("12.50")),
        ("document.order.count", 9007199254740993),
        ("document['order']['lines'][1].sku", "B"),
        ("properties.region + '-' + process.run", "north-7"),
        ("meta.status == 404", True),
        ("meta.status >= 400 && meta.status < 500", True),
        ("document.order.lines.map(line, line.sku)", ["A", "B"]),
        ("document.order.lines.exists(line, line.quantity > 2)", True),
        ("document.order.lines.size() * 2", 4),
        ("execution.id", "e-1"),
        ("has(document.order.note)", False),
        ("1.5 * 2.0", 3),
        ("{'a': document.order.total}", {"a": Decimal("12.5")}),
    ],
)
def test_an_expression_gives_its_value(source: str, value: object) -> None:
    """Roots, members, indexes, operators and macros of CEL work; numbers come out exact."""
    where = scope(
        b'{"order":{"total":12.50,"count":9007199254740993,"huge":1180591620717411303424,'
        b'"lines":[{"sku":"A","quantity":1},{"sku":"B","quantity":3}]}}',
        properties={"region": "north"},
        meta={"status": "404"},
        process={"run": "7"},
    )
    assert evaluate(source, where) == value


@pytest.mark.parametrize(
    "source", ["document.order.nam", "document.order.nam + 'x'", "properties.zone", "process['zone']", "document.a.b.c"]
)
def test_a_missing_name_is_a_fault_that_names_it_and_its_place(source: str) -> None:
    """A name that is not there is never silently empty."""
    with pytest.raises(DocumentFault) as caught:
        evaluate(source, scope(b'{"order":{"name":"x"}}'))
    assert caught.value.code == "expression.missing-name"
    assert caught.value.place == HERE
    assert any(name in caught.value.message for name in ("'nam'", "'zone'", "'a'"))


def test_a_misspelt_name_is_answered_with_the_right_one() -> None:
    """The hint names the closest member."""
    with pytest.raises(DocumentFault) as caught:
        evaluate("document.order.nam", scope(b'{"order":{"name":"x"}}'))
    assert caught.value.hint == "did you mean 'name'?"


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("document.", "character"),
        ("docment.a", "known are document, properties, meta, process, execution"),
        ("1 + 'a'", "overload"),
        ("(" * 40 + "1" + ")" * 40, "recursion"),
        ("1 + " * 800 + "1", "at most 2000 characters"),
        ("[1].map(a, a).map(b, b).map(c, c).map(d, d)", "at most 3 macros"),
        ("", "input"),
    ],
)
def test_a_mistake_is_told_in_words(source: str, part: str) -> None:
    """`check` says what is wrong; compilation refuses it with the same words."""
    said = check(source)
    assert said is not None
    assert part in said
    with pytest.raises(DocumentFault) as caught:
        compile_expression(expression(source))
    assert caught.value.code == "expression.invalid"


def test_a_right_expression_passes_the_check() -> None:
    """`check` has nothing to say about what can run."""
    assert check("document.a == 1 ? 'x' : properties.y") is None


def test_numbers_are_compared_exactly() -> None:
    """Digits that a double cannot hold decide a comparison, for integers and for decimals."""
    where = scope(b'{"a":0.1000000000000000000001,"b":0.1,"c":1180591620717411303425,"d":1180591620717411303424}')
    assert evaluate("document.a > document.b", where) is True
    assert evaluate("document.a == document.b", where) is False
    assert evaluate("document.c > document.d", where) is True


def test_a_number_is_never_rounded_silently() -> None:
    """An expression that computes refuses a number that CEL cannot hold."""
    where = scope(b'{"a":0.1000000000000000000001,"b":1180591620717411303424}')
    for source in ("document.a + 1.0", "document.b + 1"):
        with pytest.raises(DocumentFault) as caught:
            evaluate(source, where)
        assert caught.value.code == "expression.inexact-number"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "json.empty"),
        (b"hello", "json.malformed"),
        (b'"\xff"', "json.malformed"),
        (b"[" * 100_000, "json.too-deep"),
        (b"[1e99999999]", "json.number-too-large"),
        (b"1" * 5000, "json.number-too-large"),
    ],
)
def test_content_that_is_not_json_is_told_so(content: bytes, code: str) -> None:
    """Only an expression that reads `document` needs JSON."""
    with pytest.raises(DocumentFault) as caught:
        evaluate("document.a", scope(content))
    assert caught.value.code == code
    assert evaluate("properties.a", scope(content, properties={"a": "1"})) == "1"


def test_content_outside_memory_is_given_by_the_caller() -> None:
    """A stored content is read from what the engine loaded, or refused."""
    stored = Document(b"", Stored("s", 9))
    assert evaluate("document.a", Scope(stored, {}, {}, b'{"a":1}')) == 1
    with pytest.raises(DocumentFault):
        evaluate("document.a", Scope(stored, {}, {}))


def test_a_document_is_decoded_once_for_all_its_properties() -> None:
    """A scope for other properties of the same content keeps the decoded value."""
    first = scope(b'{"a":[1]}')
    value = evaluate("document.a", first)
    second = first.with_document(Document(b"", b'{"a":[1]}', {"p": "2"}))
    assert evaluate("document.a", second) is value
    assert evaluate("properties.p", second) == "2"


def test_process_properties_are_read_when_evaluated() -> None:
    """A process property set after the scope was made is seen."""
    process: dict[str, str] = {}
    where = scope(process=process)
    process["x"] = "late"
    assert evaluate("process.x", where) == "late"


def test_only_what_is_read_is_handed_over() -> None:
    """A large document costs an expression only the part that it names."""
    where = scope(b'{"big":[1,2,3],"small":{"a":1,"b":2},"other":3}')
    paths = reads(parse("document.small.a + 1 > document.small.a && has(document.nothing.x)").tree)
    assert paths == (("document", "nothing", "x"), ("document", "small", "a"))
    assert values(paths, where) == {"document": {"small": {"a": 1}}}


def test_endless_loops_end() -> None:
    """The budget of iterations stops nested loops."""
    content = b"[" + b",".join([b"1"] * 2000) + b"]"
    with pytest.raises(DocumentFault) as caught:
        evaluate("document.all(a, document.all(b, document.all(c, true)))", scope(content))
    assert caught.value.code == "expression.too-long"


def test_too_much_of_a_document_is_refused_before_it_is_converted() -> None:
    """CEL converts before it evaluates: what would stall the event loop is refused."""
    content = b"[" + b",".join([b"1"] * 60_000) + b"]"
    with pytest.raises(DocumentFault) as caught:
        evaluate("document.map(a, a)", scope(content))
    assert caught.value.code == "expression.too-large"


def test_a_condition_is_true_or_false() -> None:
    """Any other value is a fault, not a guess."""
    where = scope(b'{"a":1,"b":true}')
    assert compile_condition(expression("document.b")).test(where) is True
    with pytest.raises(DocumentFault) as caught:
        compile_condition(expression("document.a")).test(where)
    assert caught.value.code == "expression.not-a-condition"
