from __future__ import annotations

import json
from collections.abc import Callable

from hypothesis import example, given
from hypothesis import strategies as st

from runtime.errors import DocumentFault, Place
from runtime.expressions.cel import parse
from runtime.expressions.closures import NotPlainError, equal, plain_closure
from runtime.expressions.reads import reads, values
from runtime.expressions.scope import Scope
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
    scope = Scope(
        Document(b"", json.dumps(document).encode(), {"a": "1", "b": "x"}, {"status": "404", "a": ""}), {}, {}
    )
    try:
        fast = outcome(lambda: plain(scope))
    except NotPlainError:
        return  # it is CEL that computes it
    slow = outcome(lambda: program.evaluate(values(reads(program.tree), scope), Place()))
    assert fast[0] == slow[0], (fast, slow)
    if fast[0] == "value":
        assert equal(fast[1], slow[1]), (fast, slow)
