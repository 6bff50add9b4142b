"""What profiles of every kind have: formats of values, and instances of repeating elements."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from runtime.bundle.components.fields import Fields, contents_of, number_of
from runtime.model.platform_profiles import DataKind, Format, TagGroup, TagList, TagMatch

if TYPE_CHECKING:
    from typing import Literal

    from runtime.bundle.components.xml import Element

_KINDS: Mapping[str, DataKind] = MappingProxyType(
    {
        "character": "character",
        "number": "number",
        "datetime": "datetime",
        "boolean": "boolean",
        "bit": "boolean",
        "clob": "clob",
        "blob": "blob",
    }
)
_JOINS: Mapping[str, Literal["and", "or"]] = MappingProxyType({"and": "and", "or": "or"})
_FORMATS = ("ProfileCharacterFormat", "ProfileNumberFormat", "ProfileDateFormat", "ProfileBooleanFormat")
_BIT = "ProfileBitFormat"  # of XML: true and false are written 1 and 0


def read_format(fields: Fields) -> Format:
    """Read how the value of a node is written."""
    kind: DataKind = fields.word("dataType", _KINDS, "character")
    holder = fields.child("DataFormat")
    if holder is None:
        return Format(kind=kind)
    inner = Fields(holder, fields.notes)
    found = inner.children(*_FORMATS, _BIT)
    inner.done()
    if not found:
        return Format(kind=kind)
    format_ = Fields(found[0], fields.notes)
    bits = found[0].tag == _BIT
    mask = format_.text("numberFormat") or format_.text("dateFormat")
    decimals, signed = format_.whole("impliedDecimal"), format_.flag("signedField")
    made = Format(kind="boolean" if bits else kind, mask=mask, decimals=decimals, signed=signed, bits=bits)
    format_.done()
    return made


def read_tags(fields: Fields) -> tuple[TagList, ...]:
    """Read the instances of a profile's repeating elements."""
    holder = fields.child("tagLists")
    if holder is None:
        return ()
    inner = Fields(holder, fields.notes)
    tags = tuple(_tag(Fields(element, fields.notes)) for element in inner.children("TagList"))
    inner.done()
    return tags


def _tag(fields: Fields) -> TagList:
    group = fields.child("GroupingExpression")
    match = _group(Fields(group, fields.notes)) if group is not None else TagGroup(join="and", matches=())
    tag = TagList(
        key=fields.key("listKey"), element=fields.key("elementKey"), match=match, parent=fields.whole("parentListKey")
    )
    fields.done()
    return tag


def _group(fields: Fields) -> TagGroup:
    matches: list[TagMatch | TagGroup] = []
    for element in fields.children("GroupingExpression", "TagExpression"):
        inner = Fields(element, fields.notes)
        matches.append(_group(inner) if element.tag == "GroupingExpression" else _match(inner))
    group = TagGroup(join=fields.word("operator", _JOINS, "and"), matches=tuple(matches))
    fields.done()
    return group


def _match(fields: Fields) -> TagMatch:
    by_place = fields.word("identifierType", {"value": False, "occurrence": True}, default=False)
    key = fields.whole("identifierKey")
    values = contents_of(fields, "identifierValue")
    if by_place and any(number_of(value) is None for value in values):
        fields.notes.wrong(fields.element, "an occurrence is a whole number")
    fields.done()
    return TagMatch(element=None if by_place else key, values=values)


def occurs(fields: Fields, default: int | None) -> int | None:
    """Read how often a node may stand at most; None for any number of times."""
    most = fields.whole("maxOccurs", -1 if default is None else default)
    return None if most < 0 else most


def only_child(fields: Fields, tag: str) -> Element | None:
    """Give the one child of that name; that it is missing, or not alone, is told."""
    found = fields.child(tag)
    if found is None:
        fields.notes.wrong(fields.element, f"'{fields.element.tag}' has no '{tag}'")
    return found
