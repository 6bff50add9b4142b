"""The forms of `format: boomi`: which struct of the model each kind of step is, and how its parts are written.

- a literal value is a text, and so is a field of a call that is one; every other parameter value is a table with
  ``value:``, the platform's value type;
- a property is written as the platform does: ``dynamicdocument.NAME``, ``process.NAME``, ``mime.Header`` …;
- a text in the message format is a text, and its values stand beside it under ``values:``;
- other structs are tables; one of several says by its tag which it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from msgspec import inspect

from runtime.model import platform_shapes as shapes
from runtime.model.cleanse import CleanseStep
from runtime.model.data_process import CombineDocuments, SplitDocuments
from runtime.model.message_format import MessageText
from runtime.model.parameters import (
    CachedElement,
    ConnectorLookup,
    CrossReference,
    DefinedProperty,
    ProfileElement,
    PropertyName,
    SqlLookup,
)
from runtime.model.platform_calls import RequestOf, RowsOf
from runtime.model.shape import Shape

BOOMI = "boomi"
VALUES = "values"  # of a text in the message format

FORMS: Mapping[str, type[Shape]] = MappingProxyType(
    {
        "add to cache": shapes.AddToCacheStep,
        "business rules": shapes.BusinessRulesStep,
        "cleanse": CleanseStep,
        "connector": shapes.PlatformConnectorStep,
        "data process": shapes.DataProcessStep,
        "decision": shapes.PlatformDecisionStep,
        "exception": shapes.PlatformExceptionStep,
        "flow control": shapes.FlowControlStep,
        "map": shapes.PlatformMapStep,
        "message": shapes.PlatformMessageStep,
        "notify": shapes.NotifyStep,
        "process call": shapes.ProcessCallStep,
        "process route": shapes.ProcessRouteStep,
        "remove from cache": shapes.RemoveFromCacheStep,
        "retrieve from cache": shapes.RetrieveFromCacheStep,
        "route": shapes.RouteStep,
        "set properties": shapes.PlatformSetPropertiesStep,
    }
)

# Kinds with paths of fixed names: the fields, in the order in which they are written.
ARMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "business rules": ("accepted", "rejected"),
        "cleanse": ("rejected", "clean"),
        "decision": ("yes", "no"),
        "process route": ("default",),
        "route": ("default",),
    }
)
# What every step has, and where its paths lead to: written beside the form, not in it.
AROUND = frozenset({"id", "label", "place", "canvas", "notes", "to", *(arm for arms in ARMS.values() for arm in arms)})

# Fields that name something of the bundle, with what it is.
REFERENCES: Mapping[tuple[type, str], str] = MappingProxyType(
    {
        (shapes.AddToCacheStep, "cache"): "document cache",
        (shapes.PlatformConnectorStep, "connection"): "connection",
        (shapes.PlatformMapStep, "map"): "map",
        (shapes.ProcessCallStep, "process"): "process",
        (shapes.RemoveFromCacheStep, "cache"): "document cache",
        (shapes.RetrieveFromCacheStep, "cache"): "document cache",
        (CachedElement, "cache"): "document cache",
        (CombineDocuments, "profile"): "profile",
        (CrossReference, "table"): "cross reference table",
        (DefinedProperty, "component"): "process property",
        (ProfileElement, "profile"): "profile",
        (ConnectorLookup, "connection"): "connection",
        (ConnectorLookup, "response"): "profile",
        (RequestOf, "profile"): "profile",
        (RowsOf, "profile"): "profile",
        (SqlLookup, "connection"): "connection",
        (SplitDocuments, "profile"): "profile",
        (shapes.BusinessRulesStep, "profile"): "profile",
        (CleanseStep, "profile"): "profile",
    }
)


@cache
def struct_type(cls: type) -> inspect.StructType:
    """Give the fields of a struct with their types."""
    found = inspect.type_info(cls)
    if not isinstance(found, inspect.StructType):
        raise TypeError(f"{cls.__name__} is no struct")
    return found


def key_of(field: str) -> str:
    """Give the key of a field: its name in words."""
    return field.rstrip("_").replace("_", " ")


def message_field(cls: type) -> str | None:
    """Give the field of a step that is a text in the message format, or None."""
    fields = struct_type(cls).fields
    return next((one.name for one in fields if _is(one.type, MessageText)), None)


def _is(kind: inspect.Type, cls: type) -> bool:
    return isinstance(kind, inspect.StructType) and kind.cls is cls


def property_id(name: PropertyName) -> str:
    """Give a property as the platform writes it; the inverse of `property_name`."""
    match name.scope:
        case "definedprocess":
            return f"definedprocess.{name.component}@{name.name}"
        case ("connector" | "outbound") as scope if name.component is not None:
            return f"{scope}.{name.component}.{name.name}"
        case scope:
            return f"{scope}.{name.name}"


def message_pattern(text: MessageText) -> str:
    """Give a text in the message format; the inverse of `parse_message_format`."""
    return "".join(f"{{{part + 1}}}" if isinstance(part, int) else _quoted(part) for part in text.parts)


def _quoted(text: str) -> str:
    return text.replace("'", "''").replace("{", "'{'")
