"""Process Route components and the shapes that use them (component XML, sections 2.16 and 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.components.data_components import body_of
from runtime.bundle.components.fields import Fields
from runtime.bundle.components.library import RouteComponent, RouteTarget, find
from runtime.bundle.components.paths import check_ways, way_to
from runtime.model.platform_shapes import ProcessRouteStep, ReturnPath, RouteEntry

if TYPE_CHECKING:
    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.library import Library
    from runtime.bundle.components.shape import ShapeSource
    from runtime.bundle.findings import Findings
    from runtime.model.shapes import AnyShape

DEFAULT = "default"  # the way out of documents without an entry
_RESOURCE = "resource::rout:"


def read_route(component: Component, library: Library, findings: Findings) -> RouteComponent | None:
    """Read a Process Route component."""
    fields = body_of(component, "ProcessRoute", findings)
    if fields is None:
        return None
    before = len(fields.notes)
    for shown in ("enforcePassthrough", "startShapeType"):  # how a process is called follows from its start
        fields.text(shown)
    paths: list[str] = []
    for element in fields.children("returnPath"):
        inner = Fields(element, fields.notes)
        paths.append(inner.required("id"))
        inner.text("label")
        inner.done()
    targets = tuple(_target(Fields(element, fields.notes), library) for element in fields.children("processEntry"))
    fields.done()
    return RouteComponent(component.name, tuple(paths), targets) if len(fields.notes) == before else None


def _target(fields: Fields, library: Library) -> RouteTarget:
    key, identity = fields.required("key"), fields.required("processId")
    fields.text("keyLabel")
    process = find(identity, "process", library.processes, library.components, fields) if identity else None
    returns: list[tuple[str, str]] = []
    for element in fields.children("returnPathMap"):
        inner = Fields(element, fields.notes)
        returns.append((inner.required("childShapeName"), inner.required("routePathId")))
        inner.text("returnLabel")
        inner.done()
    fields.done()
    return RouteTarget(key, process or "", tuple(returns))


def process_route(source: ShapeSource) -> AnyShape:
    """Read a Process Route. Return paths run in the order in which the shape names them, the default path last."""
    fields = source.fields
    written = fields.required("processRouteId")
    fields.text("processRouteName")
    fields.only("routeType", "processroute", why="groups of trading partners are not available here")
    identity = written.removeprefix(_RESOURCE)
    library = source.library
    route = find(identity, "process route", library.routes, library.components, fields) if identity else None
    order: list[str] = []
    holder = source.inner("returnpaths")
    for element in holder.children("returnpaths") if holder is not None else ():
        inner = Fields(element, source.notes)
        order.append(inner.required("childShapeName"))
        inner.text("returnLabel")
        inner.done()
    if holder is not None:
        holder.done()
    check_ways(source.ways, {*order, DEFAULT}, fields)
    key = tuple(source.parameters.read(element, fields) for element in fields.children("routeParameter"))
    if not key:
        source.notes.wrong(source.element, "a Process Route needs a value that says which process is meant")
    return ProcessRouteStep(
        **source.common,
        key=key,
        entries=tuple(_entry(target, order, source) for target in (route.targets if route is not None else ())),
        default=way_to(source.ways, DEFAULT),
        wait=fields.flag("wait", default=True),
        abort=fields.flag("abort", default=True),
    )


def _entry(target: RouteTarget, order: list[str], source: ShapeSource) -> RouteEntry:
    bound = sorted((order.index(path), shape, path) for shape, path in target.returns if path in order)
    returns = tuple(ReturnPath(shape=shape, label=path, to=way_to(source.ways, path)) for _, shape, path in bound)
    return RouteEntry(key=target.key, process=target.process, returns=returns)
