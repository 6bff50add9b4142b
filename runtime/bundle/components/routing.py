"""Shapes that decide where documents go: Branch, Decision, Route, Try/Catch, Flow Control, Process Call."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from runtime.bundle.components.fields import Fields, number_of
from runtime.bundle.components.library import find
from runtime.bundle.components.paths import check_ways, way_to
from runtime.model.parameters import Static
from runtime.model.platform_shapes import (
    FlowControlStep,
    PlatformDecisionStep,
    ProcessCallStep,
    ReturnPath,
    RouteCase,
    RouteStep,
)
from runtime.model.shapes import BranchStep, TryCatchStep

if TYPE_CHECKING:
    from runtime.bundle.components.shape import ShapeSource
    from runtime.model.shapes import AnyShape
    from runtime.model.values import Operator

MOST_RETRIES = 5

_OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "equals": "=",
        "notequals": "!=",
        "greaterthan": ">",
        "greaterthaneq": ">=",
        "lessthan": "<",
        "lessthaneq": "<=",
        "regex": "matches",
        "wildcard": "wildcard",
    }
)


def branch(source: ShapeSource) -> AnyShape:
    """Read a Branch: its paths are the numbers from 1."""
    count = source.fields.key("numBranches")
    if count != len(source.ways):
        message = f"the branch has {len(source.ways)} ways out and says that it has {count}"
        source.notes.wrong(source.element, message)
    ordered = sorted(source.ways, key=lambda way: number_of(way.identifier) or 0)
    return BranchStep(**source.common, paths=tuple(way.to for way in ordered))


def decision(source: ShapeSource) -> AnyShape:
    """Read a Decision."""
    check_ways(source.ways, ("true", "false"), source.fields)
    values = [source.parameters.read(element, source.fields) for element in source.fields.children("decisionvalue")]
    if len(values) != 2:  # noqa: PLR2004 - left and right
        source.notes.wrong(source.element, "a decision compares two values")
        values = [Static(""), Static("")]
    operator: Operator = source.fields.word("comparison", _OPERATORS, "=")
    return PlatformDecisionStep(
        **source.common,
        left=values[0],
        operator=operator,
        right=values[1],
        yes=way_to(source.ways, "true"),
        no=way_to(source.ways, "false"),
    )


def route(source: ShapeSource) -> AnyShape:
    """Read a Route; its cases are tried, and run, in the order of their elements."""
    property_, holder = source.inner("routeproperty"), source.inner("routevalues")
    value = Static("") if property_ is None else source.parameters.value(property_)
    if property_ is None:
        source.notes.wrong(source.element, "a route compares a value")
    else:
        property_.done()
    elements = holder.children("routevalue") if holder is not None else ()
    cases = tuple(_case(Fields(element, source.notes), source) for element in elements)
    if holder is not None:
        holder.done()
    check_ways(source.ways, {"default", *(case.key for case in cases)}, source.fields)
    return RouteStep(**source.common, value=value, cases=cases, default=way_to(source.ways, "default"))


def _case(fields: Fields, source: ShapeSource) -> RouteCase:
    key = fields.required("key")
    operator: Operator = fields.word("qualifier", _OPERATORS, "=")
    case = RouteCase(
        key=key,
        operator=operator,
        value=fields.text("value"),
        label=fields.text("name"),
        to=way_to(source.ways, key),
    )
    fields.done()
    return case


def try_catch(source: ShapeSource) -> AnyShape:
    """Read a Try/Catch."""
    check_ways(source.ways, ("default", "error"), source.fields)
    retries = source.fields.whole("retryCount")
    if not 0 <= retries <= MOST_RETRIES:
        source.notes.wrong(source.element, f"a Try/Catch repeats 0 to {MOST_RETRIES} times, not {retries}")
    return TryCatchStep(
        **source.common,
        attempt=way_to(source.ways, "default"),
        caught=way_to(source.ways, "error"),
        retries=retries,
        trigger="all errors" if source.fields.flag("catchAll") else "document errors",
    )


def flow_control(source: ShapeSource) -> AnyShape:
    """Read a Flow Control."""
    chunks, batch = source.fields.whole("chunks"), source.fields.whole("forEachCount")
    processes = source.fields.word("chunkStyle", {"threadOnly": False, "multiProcess": True}, default=False)
    if chunks < 0 or batch < 0:
        source.notes.wrong(source.element, "'chunks' and 'forEachCount' are 0 or more")
    return FlowControlStep(
        **source.common, to=source.to(), fibers=max(1, chunks), batch=max(0, batch), processes=processes
    )


def process_call(source: ShapeSource) -> AnyShape:
    """Read a Process Call. A way out belongs to the return path of the same shape of the called process."""
    fields, library = source.fields, source.library
    identity = fields.required("processId")
    process = find(identity, "process", library.processes, library.components, fields) if identity else None
    arguments = source.parameters.arguments(source.inner("parameters"))
    if arguments:
        message = "parameters cannot replace those of the called process' start"
        source.notes.refused(source.element, message, "set dynamic process properties before the call")
    holder, paths = source.inner("returnpaths"), []
    for element in holder.children("returnpaths") if holder is not None else ():
        inner = Fields(element, source.notes)
        shape, label = inner.required("childShapeName"), inner.text("returnLabel")
        inner.done()
        paths.append(ReturnPath(shape=shape, label=label, to=way_to(source.ways, shape)))
    if holder is not None:
        holder.done()
    if paths:
        check_ways(source.ways, {path.shape for path in paths}, fields)
    else:
        source.ends()
    return ProcessCallStep(
        **source.common,
        process=process or "",
        wait=fields.flag("wait", default=True),
        abort=fields.flag("abort", default=True),
        returns=tuple(paths),
        arguments=arguments,
    )
