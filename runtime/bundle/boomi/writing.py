"""Values of the model become plain ones, of which YAML is made: tables, lists, texts, numbers, truth values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import NODEFAULT, Struct
from msgspec.structs import fields

from runtime.bundle.boomi.forms import (
    AROUND,
    VALUES,
    key_of,
    message_field,
    message_pattern,
    property_id,
    struct_type,
)
from runtime.errors import Place
from runtime.model.message_format import MessageText
from runtime.model.parameters import PropertyName, Static
from runtime.model.platform_shapes import FieldText
from runtime.model.values import Expression, Template

if TYPE_CHECKING:
    from collections.abc import Collection

    from runtime.model.shape import Shape

Plain = Any  # what YAML is made of


def plain(value: object) -> Plain:
    """Give a value of the model as a plain one."""
    match value:
        case Static(text=text):
            return text
        case FieldText(value=held):
            return plain(held)
        case PropertyName():
            return property_id(value)
        case Template():
            return template(value)
        case MessageText():
            return {"text": message_pattern(value), VALUES: plain(value.values)}
        case Struct():
            return {**_tag(value), **table(value)}
        case tuple():
            return [plain(one) for one in value]
        case dict():
            return {key: plain(one) for key, one in value.items()}
        case _:
            return value


def table(value: Struct, without: Collection[str] = ()) -> dict[str, Plain]:
    """Give the fields of a struct that are not as they are anyway, under their keys."""
    made: dict[str, Plain] = {}
    for field in fields(value):
        held = getattr(value, field.name)
        default = field.default if field.default_factory is NODEFAULT else field.default_factory()
        if field.name in without or isinstance(held, Place) or (held == default and type(held) is type(default)):
            continue
        made[key_of(field.name)] = plain(held)
    return made


def form(shape: Shape, without: Collection[str] = ()) -> dict[str, Plain]:
    """Give what a step says itself, without what stands around it."""
    field = message_field(type(shape))
    made = table(shape, {*AROUND, *without})
    if field is not None:
        text = getattr(shape, field)
        made[key_of(field)] = message_pattern(text)
        if text.values:
            made[VALUES] = plain(text.values)
    return made


def template(value: Template) -> str:
    """Give the text of a template, as a bundle writes it."""
    return "".join(
        f"${{{part.source}}}" if isinstance(part, Expression) else part.replace("${", "$${") for part in value.parts
    )


def _tag(value: Struct) -> dict[str, Plain]:
    kind = struct_type(type(value))
    return {kind.tag_field: kind.tag} if kind.tag_field is not None else {}
