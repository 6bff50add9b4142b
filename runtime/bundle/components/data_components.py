"""Components that only hold data: document caches, cross reference tables, process properties, scripts (section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from runtime.bundle.components.fields import Fields, content_of, contents_of, fields_in
from runtime.bundle.components.library import ScriptComponent
from runtime.model.components import CrossReferenceTable, DefinedValue, PropertyComponent
from runtime.model.document_cache import CacheIndex, CacheKey, DocumentCache, ElementKey, PropertyKey
from runtime.model.parameters import property_name

if TYPE_CHECKING:
    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.library import Library
    from runtime.bundle.findings import Findings

Match = Literal["exact", "wildcard", "regex"]

_MATCHES: Mapping[str, Match] = MappingProxyType({"exact": "exact", "wildcard": "wildcard", "regex": "regex"})
_KINDS: Mapping[str, Literal["string", "number", "boolean", "date", "password"]] = MappingProxyType(
    {"string": "string", "number": "number", "boolean": "boolean", "date": "date", "password": "password"}
)


def body_of(component: Component, tag: str, findings: Findings) -> Fields | None:
    """Give the body of a component; that it is another element than its type says is told."""
    notes = component.notes(findings)
    if component.body.tag != tag:
        notes.wrong(component.body, f"a {component.type} component holds '{tag}', not '{component.body.tag}'")
        return None
    return Fields(component.body, notes)


def read_cache(component: Component, library: Library, findings: Findings) -> DocumentCache | None:
    """Read a document cache."""
    fields = body_of(component, "DocumentCache", findings)
    if fields is None:
        return None
    before = len(fields.notes)
    profile = fields.maybe("profile")
    if fields.text("profileType") == "profile.none":
        profile = None
    if profile is not None:
        library.profile(profile, fields)
    single = fields.flag("enforceSingleLucene")
    indexes = tuple(
        _index(Fields(element, fields.notes), profile, library) for element in fields.children("CacheIndex")
    )
    fields.done()
    if len(fields.notes) > before:
        return None
    return DocumentCache(
        id=component.id, name=component.name, profile=profile, single=single, indexes=indexes, place=component.place
    )


def _index(fields: Fields, profile: str | None, library: Library) -> CacheIndex:
    keys = (_cache_key(Fields(element, fields.notes), profile, library) for element in fields.children("cacheKey"))
    index = CacheIndex(
        id=fields.key("indexId"), name=fields.text("indexName"), keys=tuple(key for key in keys if key is not None)
    )
    fields.done()
    return index


def _cache_key(fields: Fields, profile: str | None, library: Library) -> CacheKey | None:
    kind, identity, alias = fields.text("xsi:type"), fields.key("id"), fields.text("alias")
    key: CacheKey | None = None
    if kind == "ProfileElementKeyConfig":
        element, instance = fields.key("elementKey"), fields.whole("taglistKey")
        if profile is not None:
            library.check_element(profile, element, fields)
        if instance > 0:
            fields.notes.refused(fields.element, "a key of one instance of a repeating element is not found here")
        key = ElementKey(id=identity, element=element, alias=alias, instance=instance)
    elif kind == "DocumentPropertyKeyConfig":
        written, default = fields.required("propertyId"), fields.text("defaultValue")
        name = property_name(written)
        if name is None:
            fields.notes.unknown(fields.element, f"there is no property '{written}'")
        else:
            key = PropertyKey(id=identity, property=name, alias=alias, default=default)
    else:
        fields.notes.unknown(fields.element, f"there is no kind of key '{kind}'")
    fields.done()
    return key


def read_table(component: Component, findings: Findings) -> CrossReferenceTable | None:
    """Read a cross reference table."""
    fields = body_of(component, "CrossRefTable", findings)
    if fields is None:
        return None
    table = read_rows(fields)
    return replace(table, id=component.id, name=component.name, place=component.place)


def read_rows(fields: Fields) -> CrossReferenceTable:
    """Read a table without its name: a component's, or one that stands inside a map function."""
    match: Match = fields.word("matchType", _MATCHES, "exact")
    headers, rows = fields_in(fields, "ColumnHeaders"), fields_in(fields, "Rows")
    columns: tuple[str, ...] = ()
    if headers is not None:
        columns = contents_of(headers, "columnHeader")
        headers.done()
    cells: tuple[tuple[str, ...], ...] = ()
    if rows is not None:
        cells = tuple(_row(Fields(element, fields.notes), len(columns)) for element in rows.children("row"))
        rows.done()
    fields.done()
    return CrossReferenceTable(id="", name="", columns=columns, rows=cells, match=match)


def _row(fields: Fields, width: int) -> tuple[str, ...]:
    cells = [""] * width
    values = fields_in(fields, "Values")
    fields.done()
    if values is None:
        return tuple(cells)
    for element in values.children("ref"):
        ref = Fields(element, fields.notes)
        column, value = ref.whole("colIdx"), ref.text("value")
        ref.done()
        if 0 <= column < width:
            cells[column] = value
        else:
            fields.notes.wrong(element, f"the table has columns 0 to {width - 1}, not {column}")
    values.done()
    return tuple(cells)


def read_properties(component: Component, findings: Findings) -> PropertyComponent | None:
    """Read a process property component."""
    fields = body_of(component, "DefinedProcessProperties", findings)
    if fields is None:
        return None
    values = tuple(_defined(Fields(element, fields.notes)) for element in fields.children("definedProcessProperty"))
    fields.done()
    return PropertyComponent(id=component.id, name=component.name, values=values, place=component.place)


def _defined(fields: Fields) -> DefinedValue:
    kind = content_of(fields, "type").strip()
    if kind not in _KINDS:
        fields.notes.unknown(fields.element, f"there is no type of property '{kind}'")
    allowed = fields_in(fields, "allowedValues")
    choices: list[str] = []
    if allowed is not None:
        for element in allowed.children("allowedValueSet"):
            choice = Fields(element, fields.notes)
            choices.append(choice.text("value"))
            choice.done()
        allowed.done()
    value = DefinedValue(
        key=fields.required("key"),
        label=content_of(fields, "label"),
        kind=_KINDS.get(kind, "string"),
        default=content_of(fields, "defaultValue"),
        persisted=content_of(fields, "persisted").strip() == "true",
        allowed=tuple(choices),
    )
    fields.done()
    return value


def read_script(component: Component, findings: Findings) -> ScriptComponent | None:
    """Read a script component, of a Data Process step or a map."""
    tag = "ProcessingScript" if component.type == "script.processing" else "MappingScript"
    fields = body_of(component, tag, findings)
    if fields is None:
        return None
    source = content_of(fields, "script")
    for port in fields.children("Input", "Output"):
        inner = Fields(port, fields.notes)
        inner.shown("dataType", "index", "name")
        inner.done()
    language = fields.required("language")
    fields.done()
    return ScriptComponent(language, source)
