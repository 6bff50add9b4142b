from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.errors import DocumentFault, Place
from runtime.expressions.cel import parse
from runtime.expressions.closures import NotPlainError, equal, plain_closure
from runtime.expressions.reads import reads, values
from runtime.expressions.scope import Scope
from runtime.expressions.tree import Apply, Literal, Node
from runtime.expressions.written import written
from runtime.model.document import Document

names = st.sampled_from(["a", "b", "c"])
alike = st.sampled_from([True, False, 0, 1, 1.0, 0.5, "1", "", None])  # what a careless comparison confuses
scalars = alike | st.integers(-(2**63), 2**63 - 1) | st.text(alphabet="abé ", max_size=3)
structures = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)
documents = st.fixed_dictionaries({"a": alike, "b": alike | scalars, "c": structures})

literals = st.sampled_from(["1", "-2", "0.5", "1.5", "'a'", "''", "true", "false", "null", "[1, 'a']"])
paths = st.builds(
    lambda root, rest: root + "".join(rest),
    st.sampled_from(["document", "properties", "meta"]),
    st.lists(st.sampled_from([".a", ".b", ".c", "['a']", "[0]", "[1]", ".status"]), min_size=1, max_size=3),
)
fields = st.sampled_from(["document.a", "document.b", "document.c"])
compared = st.builds("({} {} {})".format, fields, st.sampled_from(["==", "!=", "<", ">=", "in"]), fields | literals)
operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "&&", "||", "+"])
sources = st.recursive(
    compared | compared | paths | literals,
    lambda inner: st.one_of(
        st.builds(
            "({} {} {})".format, inner, st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "&&", "||", "+"]), inner
        ),
        st.builds("({} in {})".format, inner, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("(!{})".format, inner),
        st.builds("has({})".format, paths.filter(lambda path: not path.endswith("]"))),
    ),
    max_leaves=5,
)


def outcome(compute: Callable[[], object]) -> tuple[str, object]:
    """Give what came out: a value, or a fault with its code."""
    try:
        return "value", compute()
    except DocumentFault as fault:
        return "fault", fault.code


def scope_of(document: dict[str, object]) -> Scope:
    """Give a scope around a document."""
    content = json.dumps(document).encode()
    return Scope(Document(b"", content, {"a": "1", "b": "x"}, {"status": "404", "a": ""}), {}, {})


def told(compute: Callable[[], object]) -> tuple[str, object]:
    """Give what came out, with all that a person reads of a fault."""
    try:
        return "value", compute()
    except DocumentFault as fault:
        return "fault", (fault.code, fault.message, fault.hint)


@given(sources, documents)
@example("(document.a ? document.b : null.a)", {"a": True, "b": 1, "c": None})
@example("(document.a in ['a', ''])", {"a": "", "b": 1, "c": None})
@example("((document.a == 'x') && has(document.c.a))", {"a": "x", "b": 1, "c": {}})
@example("((document.no == 1) || (document.b == 1))", {"a": "x", "b": 1, "c": {}})
@example("(document.a + document.b)", {"a": 0.5, "b": 1, "c": {}})
def test_a_written_expression_means_what_closures_mean(source: str, document: dict[str, object]) -> None:
    """The function gives the very value of the closures, or their fault word by word, or is CEL's where they are."""
    try:
        program = parse(source)
    except ValueError:
        return  # the checker refuses it: it cannot be deployed
    plain = plain_closure(program.tree, source, Place())
    assert plain is not None, "every expression of this test is plain"
    function = written(program.tree, plain, lambda _: "CEL")
    assert function is not None, "every expression of this test is short"
    try:
        expected = told(lambda: plain(scope_of(document)))
    except NotPlainError:
        expected = ("value", "CEL")
    found = told(lambda: function(scope_of(document)))
    assert found == expected
    assert type(found[1]) is type(expected[1])


def test_what_goes_well_is_the_functions() -> None:
    """A function needs its closures for nothing that it foresees."""
    source = "has(document.a) && document.a != null ? 'Hello ' + document.a : 'Hello'"

    def never(_: Scope) -> object:
        raise AssertionError

    function = written(parse(source).tree, never, never)
    assert function is not None
    greeted: list[dict[str, object]] = [{"a": "Ada"}, {"a": None}, {}]
    assert [function(scope_of(document)) for document in greeted] == ["Hello Ada", "Hello", "Hello"]


@pytest.mark.parametrize("deep", [True, False])
def test_an_expression_without_measure_stays_closures(deep: bool) -> None:  # noqa: FBT001
    """What Python's compiler would refuse, or what would take a page, is not written out."""
    parts = 80 if deep else 200
    tree: Node = Literal("int", 1)
    for _ in range(parts):
        yes = (Literal("bool", value=True), tree, Literal("int", 0))
        tree = Apply("_?_:_", yes) if deep else Apply("_+_", (tree, Literal("int", 1)))
    assert written(tree, lambda _: 1, lambda _: 1) is None


@given(sources, documents)
@example("document.a == document.b", {"a": True, "b": 1, "c": None})
@example("document.a in document.c", {"a": True, "b": 1, "c": {}})
@example("document.a + document.b", {"a": 1, "b": 2**63 - 1, "c": None})
@example("('a' + document.b)", {"a": 1, "b": "é", "c": None})
@example("(1 + document.a)", {"a": True, "b": "é", "c": None})
def test_a_plain_expression_means_what_cel_means(source: str, document: dict[str, object]) -> None:
    """The fast path and CEL give equal values, or both a fault."""
    try:
        program = parse(source)
    except ValueError:
        return  # the checker refuses it: it cannot be deployed
    plain = plain_closure(program.tree, source, Place())
    assert plain is not None, "every expression of this test is plain"
    scope = scope_of(document)
    try:
        fast = outcome(lambda: plain(scope))
    except NotPlainError:
        return  # it is CEL that computes it
    slow = outcome(lambda: program.evaluate(values(reads(program.tree), scope), Place()))
    assert fast[0] == slow[0], (fast, slow)
    if fast[0] == "value":
        assert equal(fast[1], slow[1]), (fast, slow)
