"""Data of Flow as Hypothesis makes it: records of one type, and filters that ask for some of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from runtime.model.profile import Entry

ENTRIES = (
    Entry(name="Id", kind="character"),
    Entry(name="Name", kind="character"),
    Entry(name="City `x` [y]", kind="character"),
    Entry(name="Age", kind="number"),
    Entry(name="Active", kind="boolean"),
    Entry(name="Born", kind="datetime"),
)

# Letters in both cases, some that only Unicode folds, what LIKE and quotes care for, and nothing that no XML can hold.
texts = st.text(st.sampled_from("aAbBzZäÄßİ%_'\"\\`;: -1"), max_size=4) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=3
)
decimals = st.decimals(min_value=-(10**9), max_value=10**9, places=3).map(lambda number: f"{number:f}")
numbers = decimals | st.integers(-(2**53), 2**53).map(str) | st.sampled_from(["0", "-0", "0.1", "1e3", "007"])
datetimes = st.datetimes().map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z")

_TEXTS: dict[str, st.SearchStrategy[str]] = {
    "character": texts,
    "number": numbers,
    "boolean": st.sampled_from(["true", "false", "True"]),
    "datetime": datetimes,
}
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "character": st.none() | texts,
    "number": st.none() | st.integers(-(2**53), 2**53) | decimals.map(Decimal),
    "boolean": st.none() | st.booleans(),
    "datetime": st.none() | datetimes,
}
_COMPARISONS = ["EQUAL", "NOT_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL"]
_OF_TEXTS = ["CONTAINS", "STARTS_WITH", "ENDS_WITH"]


@st.composite
def records(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Give records with ids of their own; few values, so that filters find something."""
    pool = {entry.name: draw(st.lists(_VALUES[entry.kind], min_size=1, max_size=3)) for entry in ENTRIES}
    rows = draw(st.integers(0, 6))
    return [
        {"Id": f"id-{number}", **{entry.name: draw(st.sampled_from(pool[entry.name])) for entry in ENTRIES[1:]}}
        for number in range(rows)
    ]


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    """Give a condition as Flow sends it, also with values that are none of the kind."""
    entry = draw(st.sampled_from(ENTRIES))
    criteria = [*_COMPARISONS, "IS_EMPTY", *(_OF_TEXTS if entry.kind == "character" else ())]
    criterion = draw(st.sampled_from(criteria))
    value: st.SearchStrategy[str | None] = st.none() | st.just("") | _TEXTS[entry.kind]
    if criterion == "IS_EMPTY":
        value = st.sampled_from(["true", "false"])
    elif entry.kind != "character":
        value |= texts
    return {"columnName": entry.name, "criteriaType": criterion, "contentValue": draw(value)}


def _groups(inner: st.SearchStrategy[dict[str, Any]] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "comparisonType": st.sampled_from(["AND", "OR", "", None]),
            "where": st.none() | st.lists(conditions(), max_size=3),
            "listFilters": st.none() if inner is None else st.lists(inner, max_size=2),
        }
    )


groups = st.recursive(_groups(), _groups, max_leaves=6)

list_filters = st.builds(
    lambda group, more: {**group, **more},
    groups,
    st.fixed_dictionaries(
        {
            "orderBy": st.none()
            | st.lists(
                st.fixed_dictionaries(
                    {
                        "columnName": st.sampled_from([entry.name for entry in ENTRIES]),
                        "direction": st.sampled_from(["ASC", "DESC", "", None]),
                    }
                ),
                max_size=3,
            ),
            "limit": st.sampled_from([None, 0, 1, 2, 4]),
            "offset": st.sampled_from([None, 0, 1, 3, 50]),
            "search": st.none() | st.just("") | texts,
        }
    ),
)
"""A listFilter of a request."""
