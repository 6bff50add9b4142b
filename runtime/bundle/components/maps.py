"""Map and map function components (component XML, section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.components.data_components import body_of
from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.map_functions import read_function
from runtime.model.platform_maps import (
    OWN_PORTS,
    ElementDefault,
    FromElement,
    FromFunction,
    FunctionInput,
    FunctionOutput,
    Link,
    MapFunction,
    PlatformMap,
    ToElement,
    ToFunction,
    UserFunction,
)
from runtime.model.platform_profiles import JsonProfile, PlatformProfile, XmlProfile

if TYPE_CHECKING:
    from collections.abc import Collection

    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.library import Library
    from runtime.bundle.components.xml import Element
    from runtime.bundle.findings import Findings


def read_map(component: Component, library: Library, findings: Findings) -> PlatformMap | None:
    """Read a map; None when it has a mistake."""
    fields = body_of(component, "Map", findings)
    if fields is None:
        return None
    before = len(findings)
    source, target = fields.maybe("fromProfile"), fields.maybe("toProfile")
    source_profile = library.profile(source, fields) if source is not None else None
    target_profile = library.profile(target, fields) if target is not None else None
    functions, ordered = _functions(fields, library)
    keys = {function.key for function in functions}
    links = tuple(
        _link(Fields(element, fields.notes), keys, source_profile, target_profile)
        for element in _children(fields, "Mappings", "Mapping")
    )
    defaults = tuple(
        _default(Fields(element, fields.notes), target_profile) for element in _children(fields, "Defaults", "Default")
    )
    for element in _children(fields, "DocumentCacheJoins", "DocumentCacheJoin"):
        fields.notes.refused(element, "a map cannot join documents of a cache", "look the elements up by a function")
    fields.done()
    if len(findings) > before:
        return None
    return PlatformMap(
        id=component.id,
        name=component.name,
        source_profile=source,
        target_profile=target,
        links=links,
        functions=functions,
        defaults=defaults,
        ordered=ordered,
        place=component.place,
    )


def _children(fields: Fields, holder_tag: str, tag: str) -> tuple[Element, ...]:
    holder = fields_in(fields, holder_tag)
    if holder is None:
        return ()
    children = holder.children(tag)
    holder.done()
    return children


def _functions(fields: Fields, library: Library) -> tuple[tuple[MapFunction, ...], bool]:
    holder = fields_in(fields, "Functions")
    if holder is None:
        return (), False
    ordered = not holder.flag("optimizeExecutionOrder", default=True)
    functions = tuple(
        read_function(Fields(element, fields.notes), library) for element in holder.children("FunctionStep")
    )
    holder.done()
    return functions, ordered


def _link(
    fields: Fields, functions: Collection[int], source: PlatformProfile | None, target: PlatformProfile | None
) -> Link:
    link = Link(_source(fields, functions, source), _target(fields, functions, target))
    fields.done()
    return link


def _source(fields: Fields, functions: Collection[int], profile: PlatformProfile | None) -> FromElement | FromFunction:
    key = fields.key("fromKey")
    if fields.word("fromType", {"profile": False, "function": True}, default=False):
        function = fields.whole("fromFunction")
        _check_function(function, functions, fields)
        return FromFunction(function, key)
    instance, join = fields.whole("fromTagListKey"), fields.whole("fromCacheJoinKey")
    _check_instance(instance, fields)
    if join:
        fields.notes.refused(fields.element, "a map cannot join documents of a cache")
    else:
        _check_element(key, profile, fields)
    return FromElement(key, instance, join)


def _target(fields: Fields, functions: Collection[int], profile: PlatformProfile | None) -> ToElement | ToFunction:
    key = fields.key("toKey")
    if fields.word("toType", {"profile": False, "function": True}, default=False):
        function = fields.whole("toFunction")
        _check_function(function, functions, fields)
        return ToFunction(function, key)
    instance = fields.whole("toTagListKey")
    _check_instance(instance, fields)
    _check_element(key, profile, fields)
    return ToElement(key, instance)


def _check_function(function: int, functions: Collection[int], fields: Fields) -> None:
    if function not in functions:
        fields.notes.wrong(fields.element, f"the map has no function with the key {function}")


def _check_instance(instance: int, fields: Fields) -> None:
    if instance > 0:
        fields.notes.refused(fields.element, "one instance of a repeating element cannot be mapped by itself here")


def _check_element(key: int, profile: PlatformProfile | None, fields: Fields) -> None:
    if isinstance(profile, JsonProfile | XmlProfile) and profile.path(key) is None:
        fields.notes.wrong(fields.element, f"the profile '{profile.name}' has no element with the key {key}")


def _default(fields: Fields, profile: PlatformProfile | None) -> ElementDefault:
    key, instance = fields.key("toKey"), fields.whole("toTagListKey")
    _check_instance(instance, fields)
    _check_element(key, profile, fields)
    default = ElementDefault(key, fields.text("value"), instance)
    fields.done()
    return default


def read_user_function(component: Component, library: Library, findings: Findings) -> UserFunction | None:
    """Read a function that is made of functions."""
    fields = body_of(component, "Function", findings)
    if fields is None:
        return None
    before = len(findings)
    inputs = tuple(_input(Fields(element, fields.notes)) for element in _children(fields, "Inputs", "Input"))
    outputs = tuple(_output(Fields(element, fields.notes)) for element in _children(fields, "Outputs", "Output"))
    steps = tuple(
        read_function(Fields(element, fields.notes), library) for element in _children(fields, "Steps", "FunctionStep")
    )
    keys = {OWN_PORTS, *(step.key for step in steps)}
    links = tuple(
        _link(Fields(element, fields.notes), keys, None, None) for element in _children(fields, "Mappings", "Mapping")
    )
    fields.done()
    if len(findings) > before:
        return None
    return UserFunction(
        id=component.id,
        name=component.name,
        inputs=inputs,
        outputs=outputs,
        steps=steps,
        links=links,
        place=component.place,
    )


def _input(fields: Fields) -> FunctionInput:
    read = FunctionInput(key=fields.key("key"), name=fields.text("name"), default=fields.text("default"))
    fields.shown("dataType", "isReset")
    fields.done()
    return read


def _output(fields: Fields) -> FunctionOutput:
    read = FunctionOutput(key=fields.key("key"), name=fields.text("name"))
    fields.shown("dataType", "isReset")
    fields.done()
    return read
