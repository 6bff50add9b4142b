"""Process Route components (component XML, sections 2.16 and 8)."""

from __future__ import annotations

from runtime.model.parameters import CurrentDocument
from runtime.model.platform_shapes import ProcessRouteStep, ReturnPath, RouteEntry
from tests.bundle.components.exports import STOP, component, errors, process, shape, sound

ROUTE = component(
    "processroute",
    "router",
    '<ProcessRoute xmlns="" enforcePassthrough="true" startShapeType="passthrough">'
    '<returnPath id="route1" label="OK"/><returnPath id="route2" label="No"/>'
    '<processEntry key="A" keyLabel="a" processId="child">'
    '<returnPathMap childShapeName="shape3" returnLabel="x" routePathId="route2"/>'
    '<returnPathMap childShapeName="shape2" returnLabel="y" routePathId="route1"/></processEntry></ProcessRoute>',
)
CHILD = process(shape("shape2", "returndocuments", '<returndocuments label="y"/>'), identity="child", first="shape2")


def calling(*ways: str, key: str = '<routeParameter key="0" valueType="current"/>') -> bytes:
    """Give a process that calls the route."""
    call = (
        '<processroutecall abort="true" processRouteId="resource::rout:router" processRouteName="R"'
        ' routeType="processroute" wait="true"><returnpaths><returnpaths childShapeName="route1" returnLabel="OK"/>'
        f'<returnpaths childShapeName="route2" returnLabel="No"/></returnpaths>{key}</processroutecall>'
    )
    return process(shape("shape2", "processroute", call, *ways), STOP)


def test_a_process_route_reads_with_its_component() -> None:
    """Entries keep their keys; return paths lead where the shape's ways out do, in the shape's order."""
    made = sound(calling("route1>shape9", "default>shape9"), ROUTE, CHILD)
    (step,) = (one for one in made.shapes if isinstance(one, ProcessRouteStep))
    assert step.key == (CurrentDocument(),)
    assert step.default == "shape9"
    returns = (ReturnPath(shape="shape2", label="route1", to="shape9"), ReturnPath(shape="shape3", label="route2"))
    assert step.entries == (RouteEntry(key="A", process="Process child", returns=returns),)


def test_what_a_process_route_lacks_is_told() -> None:
    """A key, a way out and a component that are not there are told."""
    found = errors(calling("route9>shape9", key=""), ROUTE, CHILD)
    assert [one.partition(":")[0] for one in found] == ["bundle.component-wrong"] * 2
    assert errors(calling())[0].startswith("bundle.component-missing")
