"""Map and map function components (component XML, section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.components.data_components import body_of
from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.map_functions import read_function
from runtime.model.platform_maps import (
    OWN_PORTS,
    CacheJoin,
    ElementDefault,
    FromElement,
    FromFunction,
    FunctionInput,
    FunctionOutput,
    JoinKey,
    Link,
    MapFunction,
    PlatformMap,
    ToElement,
    ToFunction,
    UserFunction,
)
from runtime.model.platform_profiles import PlatformProfile, keys_of

if TYPE_CHECKING:
    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.library import Library
    from runtime.bundle.components.xml import Element
    from runtime.bundle.findings import Findings


_ENDS = {"profile": False, "function": True}


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
    keys = frozenset(function.key for function in functions)
    joins = tuple(
        _join(Fields(element, fields.notes), source_profile, library)
        for element in _children(fields, "DocumentCacheJoins", "DocumentCacheJoin")
    )
    sides = _Sides(keys, source_profile, target_profile, frozenset(join.id for join in joins))
    links = tuple(_link(Fields(element, fields.notes), sides) for element in _children(fields, "Mappings", "Mapping"))
    defaults = tuple(
        _default(Fields(element, fields.notes), target_profile) for element in _children(fields, "Defaults", "Default")
    )
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
        joins=joins,
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


class _Sides(Struct, frozen=True):
    """What links may name: functions by key, elements of both profiles, joins by id."""

    functions: frozenset[int]
    source: PlatformProfile | None = None
    target: PlatformProfile | None = None
    joins: frozenset[int] = frozenset()


def _link(fields: Fields, sides: _Sides) -> Link:
    link = Link(_source(fields, sides), _target(fields, sides))
    fields.done()
    return link


def _source(fields: Fields, sides: _Sides) -> FromElement | FromFunction:
    key = fields.key("fromKey")
    if fields.word("fromType", _ENDS, default=False):
        function = fields.whole("fromFunction")
        _check_function(function, sides, fields)
        return FromFunction(function, key)
    instance, join = fields.whole("fromTagListKey"), fields.whole("fromCacheJoinKey")
    if join and join not in sides.joins:
        fields.notes.wrong(fields.element, f"the map has no cache join {join}")
    if not join:
        _check_element(key, sides.source, fields)
        _check_instance(instance, sides.source, fields)
    return FromElement(key, instance, join)


def _target(fields: Fields, sides: _Sides) -> ToElement | ToFunction:
    key = fields.key("toKey")
    if fields.word("toType", _ENDS, default=False):
        function = fields.whole("toFunction")
        _check_function(function, sides, fields)
        return ToFunction(function, key)
    instance = fields.whole("toTagListKey")
    _check_element(key, sides.target, fields)
    _check_instance(instance, sides.target, fields)
    return ToElement(key, instance)


def _check_function(function: int, sides: _Sides, fields: Fields) -> None:
    if function not in sides.functions:
        fields.notes.wrong(fields.element, f"the map has no function with the key {function}")


def _check_instance(instance: int, profile: PlatformProfile | None, fields: Fields) -> None:
    if instance > 0 and profile is not None and all(tag.key != instance for tag in profile.tags):
        fields.notes.wrong(fields.element, f"the profile '{profile.name}' has no instance {instance}")


def _check_element(key: int, profile: PlatformProfile | None, fields: Fields) -> None:
    if profile is not None and key not in keys_of(profile):
        fields.notes.wrong(fields.element, f"the profile '{profile.name}' has no element with the key {key}")


def _default(fields: Fields, profile: PlatformProfile | None) -> ElementDefault:
    key, instance = fields.key("toKey"), fields.whole("toTagListKey")
    _check_element(key, profile, fields)
    _check_instance(instance, profile, fields)
    default = ElementDefault(key, fields.text("value"), instance)
    fields.done()
    return default


def _join(fields: Fields, source: PlatformProfile | None, library: Library) -> CacheJoin:
    cache, index = fields.required("docCache"), fields.key("cacheIndex")
    found = library.cache(cache, fields)
    if found is not None and all(one.id != index for one in found.indexes):
        fields.notes.wrong(fields.element, f"the document cache '{found.name}' has no index {index}")
    parent, instance = _element(fields_in(fields, "srcParentKey"), source)
    values = fields_in(fields, "CacheKeyJoinValues")
    join = CacheJoin(
        id=fields.key("docCacheJoinId"),
        cache=cache,
        index=index,
        parent=parent,
        parent_instance=instance,
        keys=_join_keys(values, source) if values is not None else (),
    )
    fields.done()
    return join


def _join_keys(fields: Fields, source: PlatformProfile | None) -> tuple[JoinKey, ...]:
    keys = []
    for element in fields.children("CacheKeyJoinValue"):
        inner = Fields(element, fields.notes)
        inner.shown("cacheKeyName")
        key, (linked, instance) = inner.key("cacheKeyId"), _element(fields_in(inner, "srcLinkKey"), source)
        keys.append(JoinKey(key, linked, instance))
        inner.done()
    fields.done()
    return tuple(keys)


def _element(fields: Fields | None, source: PlatformProfile | None) -> tuple[int, int]:
    """Read an element of the source and its instance."""
    if fields is None:
        return 0, 0
    key, instance = fields.key("key"), fields.whole("tagListKey")
    _check_element(key, source, fields)
    _check_instance(instance, source, fields)
    fields.done()
    return key, instance


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
    sides = _Sides(frozenset({OWN_PORTS, *(step.key for step in steps)}))
    links = tuple(_link(Fields(element, fields.notes), sides) for element in _children(fields, "Mappings", "Mapping"))
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
