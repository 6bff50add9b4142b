from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.model.profile import MAX_DEPTH, Entry, Profile, SchemaFinding, from_json_schema

ORDER = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "An order",
    "description": "What a customer wants",
    "type": "object",
    "required": ["number"],
    "properties": {
        "number": {"type": "string", "description": "as printed"},
        "total": {"type": "number"},
        "count": {"type": "integer"},
        "paid": {"type": "boolean"},
        "placed": {"type": "string", "format": "date-time"},
        "customer": {"type": "object", "properties": {"name": {"type": "string"}}},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
    },
}


def _findings(schema: object) -> dict[str, SchemaFinding]:
    return {finding.pointer: finding for finding in from_json_schema(schema, "p")[1]}


def _member(schema: object) -> dict[str, SchemaFinding]:
    return _findings({"type": "object", "properties": {"x": schema}})


class TestReading:
    """Schemas that Flow can express."""

    def test_kinds(self) -> None:
        """Each type of the subset becomes the entry kind that Flow knows, in the order in which it was written."""
        profile, found = from_json_schema(ORDER, "order")

        assert found == ()
        assert [(entry.name, entry.kind) for entry in profile.entries] == [
            ("number", "character"),
            ("total", "number"),
            ("count", "number"),
            ("paid", "boolean"),
            ("placed", "datetime"),
            ("customer", "object"),
            ("lines", "list"),
        ]

    def test_notes_are_kept(self) -> None:
        """Descriptions and the required flag reach the entries."""
        profile, _ = from_json_schema(ORDER, "order")

        assert profile.description == "What a customer wants"
        assert profile.entries[0] == Entry(name="number", kind="character", required=True, description="as printed")
        assert not profile.entries[1].required

    def test_an_empty_root_is_a_profile(self) -> None:
        """An action may take nothing: the root alone needs no properties."""
        assert from_json_schema({"type": "object"}, "p") == (Profile(name="p"), ())


class TestFinding:
    """Schemas that it cannot."""

    @pytest.mark.parametrize(
        ("schema", "pointer"),
        [
            ({"type": "string", "format": "email"}, "/properties/x/format"),
            ({"type": "string", "pattern": "a+"}, "/properties/x/pattern"),
            ({"type": "number", "format": "date-time"}, "/properties/x/format"),
            ({"type": ["string", "null"]}, "/properties/x/type"),
            ({"type": "null"}, "/properties/x/type"),
            ({}, "/properties/x/type"),
            ({"anyOf": []}, "/properties/x/type"),
            (True, "/properties/x"),
            ({"type": "object"}, "/properties/x/properties"),
            ({"type": "object", "properties": {}}, "/properties/x/properties"),
            ({"type": "array", "items": {"type": "string"}}, "/properties/x/items"),
            ({"type": "array"}, "/properties/x/items"),
            ({"type": "array", "items": {"type": "array"}}, "/properties/x/items/type"),
            ({"type": "array", "prefixItems": []}, "/properties/x/prefixItems"),
        ],
    )
    def test_what_flow_cannot_express(self, schema: object, pointer: str) -> None:
        """Anything outside the subset is a finding at its own place, never an exception."""
        assert pointer in _member(schema)

    def test_the_mistake_is_recognised(self) -> None:
        """A misspelt keyword or name brings the word that was meant."""
        assert _findings({"type": "object", "propertys": {}})["/propertys"].hint == "did you mean 'properties'?"
        wrong = {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["totl"]}
        assert _findings(wrong)["/required/0"].hint == "did you mean 'total'?"

    def test_null_is_explained(self) -> None:
        """Whoever writes a nullable type learns that every value in Flow may be null."""
        hint = _member({"type": ["string", "null"]})["/properties/x/type"].hint
        assert hint is not None
        assert "null" in hint

    def test_every_mistake_is_told(self) -> None:
        """One reading tells all mistakes, and the profile holds what was understood."""
        schema = {"type": "object", "properties": {"a": {"type": "text"}, "b": {"type": "string"}, "c": 1}}
        profile, found = from_json_schema(schema, "p")

        assert [finding.pointer for finding in found] == ["/properties/a/type", "/properties/c"]
        assert [entry.name for entry in profile.entries] == ["b"]

    def test_pointers_are_escaped(self) -> None:
        """A pointer leads to its value whatever the property is called (RFC 6901)."""
        assert "/properties/a~1b~0c/type" in _findings({"type": "object", "properties": {"a/b~c": {}}})

    def test_names_that_no_reader_takes(self) -> None:
        """A name that is blank or holds quotes or control characters is refused before anything is compiled from it."""
        for name in ("", " ", 'a"b', "a\\b", "a\nb"):
            assert _findings({"type": "object", "properties": {name: {"type": "string"}}})

    def test_depth_is_bounded(self) -> None:
        """A schema that nests without end is a finding, not a crash."""
        schema: dict[str, object] = {"type": "string"}
        for _ in range(MAX_DEPTH * 5):
            schema = {"type": "object", "properties": {"x": schema}}
        assert any("deeper" in finding.message for finding in _findings(schema).values())

    @given(
        st.recursive(
            st.none() | st.booleans() | st.sampled_from(["object", "array", "string", "date-time", "x"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["type", "properties", "items", "required", "format", "x"]), inner)
            ),
        )
    )
    def test_nothing_raises(self, schema: object) -> None:
        """Whatever is written, reading it ends in a profile and findings."""
        profile, _ = from_json_schema(schema, "p")
        assert profile.name == "p"


class TestFind:
    """Looking entries up."""

    def test_paths(self) -> None:
        """A path leads through objects and lists, with or without the brackets of a list."""
        profile, _ = from_json_schema(ORDER, "order")

        for path in (("customer", "name"), ("lines", "sku"), ("lines[]", "sku")):
            entry = profile.find(path)
            assert entry is not None
            assert entry.name == path[-1]

    def test_nothing_there(self) -> None:
        """A path that leads nowhere, or names a list where there is none, finds nothing."""
        profile, _ = from_json_schema(ORDER, "order")

        for path in ((), ("nope",), ("customer[]", "name"), ("number", "x")):
            assert profile.find(path) is None

    def test_walk_and_find_agree(self) -> None:
        """Every entry that walking meets is found by its path."""
        profile, _ = from_json_schema(ORDER, "order")

        walked = list(profile.walk())
        assert len(walked) == 9
        assert all(profile.find(path) == entry for path, entry in walked)
