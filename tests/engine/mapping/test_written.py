"""The law of maps written out: a function gives what the tree of its target gives, or fails where that fails."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.engine.mapping import compile_map
from runtime.engine.mapping.compiled import grown
from runtime.engine.mapping.functions import Around
from runtime.engine.mapping.occurrences import NOTHING, Standing
from runtime.engine.mapping.written import written
from runtime.errors import DocumentFault
from runtime.expressions import Scope
from runtime.expressions.json_values import decode, encode
from runtime.model.document import Document
from runtime.model.maps import Source
from runtime.model.profile import Entry, EntryKind, Profile
from tests.engine.mapping.support import AT, Noon, a_map, call, computed, constant, run

fields = {0: ["a", "o.a", "o.o.b"], 1: ["l[].a", "l[].o.b", "k[].a", "l[]"], 2: ["l[].m[].a", "l[].m[]"]}
targets = {0: ["x", "y.x", "y.z"], 1: ["i[].x", "i[].y.x", "j[]"], 2: ["i[].n[].x", "i[].n[].y"]}

values = st.recursive(
    st.sampled_from([None, True, False, 0, 7, 1.5, "", "7", "text", "true"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "o", "m"]), inner, max_size=3)
    ),
    max_leaves=6,
)
rows = st.lists(
    st.fixed_dictionaries({}, optional={"a": values, "o": values, "m": st.lists(values, max_size=2) | values}),
    max_size=3,
)
documents = st.fixed_dictionaries({}, optional={"a": values, "o": values, "l": rows | values, "k": rows})


def sources(depth: int) -> st.SearchStrategy[str | Source]:
    """Give sources for a target that repeats so often."""
    paths = st.sampled_from([path for level in range(depth + 1) for path in fields[level]])
    return st.one_of(
        paths,
        paths,
        st.sampled_from([constant("c"), constant(""), computed("document.a"), computed("has(document.o) ? 'o' : ''")]),
        st.builds(lambda one: call("upper", one), paths),
        st.builds(lambda one, other: call("add", one, other), paths, paths),
        st.builds(
            lambda one: call("sum", one), st.sampled_from([path for level in range(3) for path in fields[level]])
        ),
    )


rules = st.lists(
    st.integers(0, 2).flatmap(
        lambda depth: st.tuples(
            st.sampled_from(targets[depth]), sources(depth), st.sampled_from([None, None, "d", "7", "true"])
        )
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda rule: rule[0],
)


def profile(kind: EntryKind | None) -> Profile | None:
    """Give a profile with a single field of this kind at every target that is no list."""
    if kind is None:
        return None
    entry = Entry(name="x", kind=kind)
    group = Entry(name="y", kind="object", entries=(entry, Entry(name="z", kind=kind)))
    items = Entry(name="i", kind="list", entries=(entry, Entry(name="y", kind="object", entries=(entry,))))
    return Profile(name="p", entries=(entry, group, items))


def outcome(compute: Callable[[], object]) -> object:
    """Give what came out as JSON, NOTHING, or that it is a fault."""
    try:
        made = compute()
    except DocumentFault:
        return "fault"
    return made if made is NOTHING else encode(made)


@given(rules, documents, st.sampled_from([None, "character", "number", "boolean"]))
@example([("i[].x", "l[].a", None), ("i[].n[].x", "l[].m[].a", None)], {"l": [{"a": 1, "m": [{"a": 2}]}]}, None)
@example([("i[].x", "a", "d"), ("j[]", "l[].a", None)], {"l": {"a": "7"}}, "number")
@example([("x", call("add", "a", "o.a"), None)], {"a": "text"}, None)
@example([("x", call("upper", "a"), None)], {"a": ""}, None)
@example([("x", "a", None)], {"a": None}, "character")
@example([("i[].x", "l[].a", "d")], {"l": None}, None)
def test_a_function_gives_what_its_tree_gives(
    given_rules: list[tuple[str, str | Source, str | None]], document: dict[str, object], kind: EntryKind | None
) -> None:
    """Member by member, in the same order and of the same types, whatever the source holds."""
    made = a_map(
        {target: source for target, source, _ in given_rules},
        {target: default for target, _, default in given_rules if default is not None},
    )
    try:
        root = grown(made, profile(kind), Around(Noon(), {}))
    except DocumentFault:
        return  # a linted bundle has no such map
    function = written(root)
    if function is None:
        return  # lists side by side
    content = json.dumps(document).encode()
    value = decode(content)
    scope = Scope(Document(b"", content), {}, {})
    by_function = outcome(lambda: function(value, scope))
    assert by_function == outcome(lambda: root.build(Standing({(): value}, scope)))


@pytest.mark.parametrize(
    ("source", "is_written"),
    [
        ({"x": "a", "i[].x": "l[].a", "i[].n[].y": "l[].m[].a", "z": call("sum", "l[].a")}, True),
        ({"i[].x": "l[].a", "i[].y": "k[].a"}, False),
    ],
)
def test_what_is_written(source: dict[str, str | Source], is_written: bool) -> None:  # noqa: FBT001
    """Fields, functions and lists are; lists that are taken side by side stay with the tree."""
    root = grown(a_map(source), None, Around(Noon(), {}))
    assert (written(root) is not None) is is_written


def test_a_fault_names_its_field() -> None:
    """What the function cannot compute is told by the tree, with the field and its place."""
    with pytest.raises(DocumentFault, match="field 'x'") as caught:
        run(compile_map(a_map({"y": "a", "x": call("add", "a", "a")}), clock=Noon()), b'{"a":"text"}')
    assert caught.value.place == AT
