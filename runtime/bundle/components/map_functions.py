"""Functions of maps (component XML, section 5.1): ports, and what each type of function does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from runtime.bundle.components.fields import Fields, content_of, fields_in
from runtime.bundle.components.library import find
from runtime.bundle.components.map_calls import connector_call, sql_lookup
from runtime.bundle.components.map_lookups import cache_lookup, cross_reference, simple_lookup
from runtime.bundle.components.scripts import LANGUAGES, ports, source_of
from runtime.model.data_process import ScriptLanguage
from runtime.model.parameters import property_name
from runtime.model.platform_maps import (
    BuiltIn,
    DefinedPropertyWork,
    DocumentPropertyWork,
    FunctionCache,
    FunctionInput,
    FunctionOutput,
    MapFunction,
    MapScript,
    TradingPartnerWork,
    UserFunctionWork,
    Work,
)

if TYPE_CHECKING:
    from runtime.bundle.components.library import Library

_CACHES: Mapping[str, FunctionCache] = MappingProxyType({"none": "none", "document": "document", "map": "map"})
_NOTHING = BuiltIn(function="")

# Functions without a configuration, or with nothing but attributes in it.
_PLAIN = frozenset(
    {
        "CurrentDate",
        "DateFormat",
        "LeftTrim",
        "RightTrim",
        "StringAppend",
        "StringPrepend",
        "WhitespaceTrim",
        "String2Lower",
        "String2Upper",
        "StringReplace",
        "StringRemove",
        "MathAbs",
        "MathCeil",
        "MathFloor",
        "MathAdd",
        "MathSubtract",
        "MathMultiply",
        "MathDivide",
        "MathPrecision",
        "NumberFormat",
        "Sum",
        "Sum2",
        "Count",
        "LineItemIncrement",
        "PropertyGet",
        "PropertySet",
    }
)
_OPTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "StringConcat": ("delimiter", "fixedLength"),
        "StringSplit": ("delimiter", "splitLength"),
        "SequentialValue": ("batchSize", "keyfixtolength", "keyname"),
    }
)


def read_function(fields: Fields, library: Library) -> MapFunction:
    """Read one function of a map; what it cannot do here is told."""
    kind, name = fields.required("type"), fields.text("name")
    notes = fields.notes = fields.notes.within(f"function '{name or kind}'")
    inputs, outputs = fields_in(fields, "Inputs"), fields_in(fields, "Outputs")
    function = MapFunction(
        key=fields.whole("key"),
        work=_work(kind, fields, library),
        name=name,
        position=fields.whole("position"),
        inputs=_inputs(inputs),
        outputs=_outputs(outputs),
        cache=fields.word("cacheOption", _CACHES, "none"),
        sums=fields.flag("sumEnabled"),
        place=notes.place(fields.element),
    )
    fields.text("id")
    fields.done()
    return function


def _inputs(holder: Fields | None) -> tuple[FunctionInput, ...]:
    if holder is None:
        return ()
    found = []
    for element in holder.children("Input"):
        fields = Fields(element, holder.notes)
        key, name, default = fields.key("key"), fields.text("name"), fields.text("default")
        found.append(FunctionInput(key=key, name=name, default=default, resets=fields.flag("isReset")))
        fields.done()
    holder.done()
    return tuple(found)


def _outputs(holder: Fields | None) -> tuple[FunctionOutput, ...]:
    if holder is None:
        return ()
    found = []
    for element in holder.children("Output"):
        fields = Fields(element, holder.notes)
        fields.flag("isReset")
        found.append(FunctionOutput(key=fields.key("key"), name=fields.text("name")))
        fields.done()
    holder.done()
    return tuple(found)


def _work(kind: str, fields: Fields, library: Library) -> Work:
    configuration = fields_in(fields, "Configuration")
    work: Work = _NOTHING
    if kind in _PLAIN:
        work = BuiltIn(function=kind)
    elif kind in _OPTIONS:
        work = BuiltIn(function=kind, options=_options(kind, configuration))
    elif kind == "userdefined":
        work = _user_function(fields, library)
    elif kind in _CONFIGURED:
        inner = fields_in(configuration, _CONFIGURED[kind][0]) if configuration is not None else None
        if inner is None:
            fields.notes.wrong(fields.element, f"the function has no '{_CONFIGURED[kind][0]}'")
        else:
            work = _CONFIGURED[kind][1](inner, library)
            inner.done()
    elif kind:
        fields.notes.refused(fields.element, f"there is no map function '{kind}' here")
        if configuration is not None:
            configuration.children(*(child.tag for child in configuration.element.children))
    if configuration is not None:
        configuration.done()
    return work


def _options(kind: str, configuration: Fields | None) -> dict[str, str]:
    fields = fields_in(configuration, kind) if configuration is not None else None
    if fields is None:
        return {}
    options = {name: fields.text(name) for name in _OPTIONS[kind] if name in fields}
    fields.done()
    return options


def _user_function(fields: Fields, library: Library) -> Work:
    component = fields.required("id")
    if component:
        find(component, "map function", library.functions, library.components, fields)
    return UserFunctionWork(component=component)


def _script(fields: Fields, library: Library) -> Work:
    language: ScriptLanguage = fields.word("language", LANGUAGES, "groovy2")
    inputs, outputs = ports(fields, "Input"), ports(fields, "Output")
    written = content_of(fields, "ScriptToExecute")
    source, component = source_of(fields, written, library)
    return MapScript(language=language, source=source, inputs=inputs, outputs=outputs, component=component)


def _property_get(fields: Fields, _: Library) -> Work:
    return _document_property(fields, sets=False)


def _property_set(fields: Fields, _: Library) -> Work:
    return _document_property(fields, sets=True)


def _document_property(fields: Fields, *, sets: bool) -> Work:
    written = fields.required("propertyId")
    name = property_name(written)
    if name is None:
        fields.notes.unknown(fields.element, f"there is no property '{written}'")
        return _NOTHING
    default, persist = fields.text("defaultValue"), fields.flag("persist")
    return DocumentPropertyWork(property=name, sets=sets, default=default, persist=persist)


def _defined_get(fields: Fields, library: Library) -> Work:
    return _defined(fields, library, sets=False)


def _defined_set(fields: Fields, library: Library) -> Work:
    return _defined(fields, library, sets=True)


def _defined(fields: Fields, library: Library, *, sets: bool) -> Work:
    component, key = fields.required("componentId"), fields.required("propertyKey")
    find(component, "process property", library.properties, library.components, fields)
    return DefinedPropertyWork(component=component, key=key, sets=sets)


def _trading_partner(fields: Fields, _: Library) -> Work:
    fields.text("inputType")
    return TradingPartnerWork(standard=fields.text("standard", "x12"))


_CONFIGURED: Mapping[str, tuple[str, Callable[[Fields, Library], Work]]] = MappingProxyType(
    {
        "Scripting": ("Scripting", _script),
        "CrossRefLookup": ("CrossRefLookup", cross_reference),
        "SimpleLookup": ("SimpleLookup", simple_lookup),
        "DocumentCacheLookup": ("DocumentCacheLookup", cache_lookup),
        "DocumentPropertyGet": ("DocumentProperty", _property_get),
        "DocumentPropertySet": ("DocumentProperty", _property_set),
        "DefinedProcessPropertyGet": ("DefinedProcessProperty", _defined_get),
        "DefinedProcessPropertySet": ("DefinedProcessProperty", _defined_set),
        "TradingPartnerSet": ("TradingPartnerSet", _trading_partner),
        "SqlLookup": ("SqlLookup", sql_lookup),
        "ConnectorCall": ("ConnectorCall", connector_call),
    }
)
