"""Alterations of the graph that leave its meaning: documents go another way, and come to the same steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.altering.graph import Altering, stated

if TYPE_CHECKING:
    from collections.abc import Callable


# Documents always come out of these, so a step behind them is not told as skipped instead of the one that was there.
_GIVING = frozenset({"start", "message", "documentproperties", "branch", "catcherrors", "notify"})

_STATIC = '<staticparameter staticproperty="{}"/>'
_PASSTHROUGH = (
    '<shape image="start" name="shape1" shapetype="start"><configuration><passthroughaction/></configuration>'
    '<dragpoints><dragpoint name="shape1.dragpoint1" toShape="shape2"/></dragpoints></shape>'
)
_CALL = '<processcall abort="true" processId="{}" wait="true"><parameters/><returnpaths>{}</returnpaths></processcall>'


def through(*shapes: tuple[str, str]) -> Callable[[Altering], bool]:
    """Give an alteration that leads some edge through these shapes, by kind and configuration."""

    def alter(altering: Altering) -> bool:
        found = altering.any_edge(_GIVING)
        if found is None:
            return False
        graph, (point, target) = found
        to = target.get("name", "")
        for kind, configuration in reversed(shapes):
            to = graph.add(kind, configuration, [("", to)], altering.random)
        point.set("toShape", to)
        return True

    return alter


def _parting(
    kind: str, configuration: str, ways: Callable[[str, str], list[tuple[str, str]]]
) -> Callable[[Altering], bool]:
    """Give an alteration that leads some edge through a shape with a second way, to a Message and a Stop."""

    def alter(altering: Altering) -> bool:
        found = altering.any_edge(_GIVING)
        if found is None:
            return False
        graph, (point, target) = found
        message = "<message><msgTxt>elsewhere</msgTxt><msgParameters/></message>"
        aside = graph.add("message", message, [("", graph.stop(altering.random))], altering.random)
        parted = graph.add(kind, configuration, ways(target.get("name", ""), aside), altering.random)
        point.set("toShape", parted)
        return True

    return alter


def branch_divided(altering: Altering) -> bool:
    """Make of a branch two: its first path and, as the second, a branch with the others."""
    found = [
        (graph, shape, branch)
        for graph in altering.processes().values()
        for shape in graph
        if (branch := shape.find("configuration/branch")) is not None
    ]
    if not found:
        return False
    graph, shape, branch = altering.random.choice(found)
    points = sorted(shape.iterfind("dragpoints/dragpoint"), key=lambda point: int(point.get("identifier", "0")))
    first, *others = [(point.get("identifier", ""), point.get("toShape", "")) for point in points]
    count = len(others) + 1
    if count == 2:
        others.append(("2", graph.stop(altering.random)))
    ways = [(str(number), to) for number, (_, to) in enumerate(others, 1)]
    inner = graph.add("branch", f'<branch numBranches="{len(ways)}"/>', ways, altering.random)
    for point in points[2:]:
        graph.remove(point)
    points[0].set("toShape", first[1])
    points[1].set("toShape", inner)
    branch.set("numBranches", "2")
    return True


def called_through_another(altering: Altering) -> bool:
    """Put the whole process into one that does nothing but call it, with the documents that it was to begin with."""
    root = altering.processes()[altering.root]
    start = next(shape for shape in root if shape.get("shapetype") == "start")
    action = start.find("configuration/noaction")
    if altering.failed or (action is None and start.find("configuration/passthroughaction") is None):
        return False
    if action is not None:
        if "NoData" in stated(altering.expect):
            return False
        action.tag = "passthroughaction"
    start_ = _PASSTHROUGH.replace("<passthroughaction/>", "<noaction/>")
    call = _second("processcall", f"{_CALL.format(root.id, '')}")
    altering.root = altering.add_process(start_ + call, name="Outermost")
    return True


def child_called_through_another(altering: Altering) -> bool:
    """Put a process between a call without return paths and what it calls, which gets the same documents."""
    found = [
        call
        for graph in altering.processes().values()
        for call in graph.shapes.iterfind("shape/configuration/processcall")
        if call.find("returnpaths/returnpaths") is None
    ]
    if not found or altering.failed:
        return False
    call = altering.random.choice(found)
    inner = _second("processcall", f"{_CALL.format(call.get('processId'), '')}")
    call.set("processId", altering.add_process(_PASSTHROUGH + inner, name="Between"))
    return True


def there_and_back(altering: Altering) -> bool:
    """Lead some edge through a call of a process that returns what it gets."""
    found = altering.any_edge(_GIVING)
    if found is None:
        return False
    graph, (point, target) = found
    back = _second("returndocuments", '<returndocuments label="back"/>')
    identity = altering.add_process(_PASSTHROUGH + back, name="Mirror")
    path = '<returnpaths childShapeName="shape2" returnLabel="back"/>'
    call = _CALL.format(identity, path)
    point.set("toShape", graph.add("processcall", call, [("shape2", target.get("name", ""))], altering.random))
    return True


def tried(altering: Altering) -> bool:
    """Put all that a process does into a Try whose Catch ends the run: of a run without errors it is never heard."""
    if altering.failed:
        return False
    graph = altering.processes()[altering.root]
    start = next(shape for shape in graph if shape.get("shapetype") == "start")
    point = start.find("dragpoints/dragpoint")
    if point is None:
        return False
    halt = '<exception stopsingledoc="false" title="caught"><exMessage>caught</exMessage><exParameters/></exception>'
    ways = [("default", point.get("toShape", "")), ("error", graph.add("exception", halt, [], altering.random))]
    point.set(
        "toShape", graph.add("catcherrors", '<catcherrors catchAll="true" retryCount="0"/>', ways, altering.random)
    )
    return True


def _second(kind: str, configuration: str) -> str:
    return (
        f'<shape name="shape2" shapetype="{kind}"><configuration>{configuration}</configuration><dragpoints/></shape>'
    )


def _set(target: str) -> str:
    value = f'<parametervalue key="0" valueType="static">{_STATIC.format("altered")}</parametervalue>'
    return (
        f'<documentproperties><documentproperty defaultValue="" name="p" persist="false" propertyId="{target}">'
        f"<sourcevalues>{value}</sourcevalues></documentproperty></documentproperties>"
    )


_EQUAL = (
    f'<decisionvalue valueType="static">{_STATIC.format("a")}</decisionvalue>'
    f'<decisionvalue valueType="static">{_STATIC.format("{}")}</decisionvalue>'
)
_SAME = (
    "<message><msgTxt>{1}</msgTxt><msgParameters>"
    '<parametervalue key="0" valueType="current"/></msgParameters></message>'
)
_NOTIFY = (
    '<notify disableEvent="true" enableUserLog="false" perExecution="false" title="Altered"><notifyMessage>on its way'
    "</notifyMessage><notifyMessageLevel>INFO</notifyMessageLevel><notifyParameters/></notify>"
)
_CODED = (
    '<dataprocess><step index="1" key="1" name="e" processtype="6"/>'
    '<step index="2" key="2" name="d" processtype="7"/></dataprocess>'
)
_REPLACED = (
    '<dataprocess><step index="1" key="1" name="r" processtype="1"><dataprocessreplace texttofind="never found \\d+"'
    ' replacewith="x" searchType="document"/></step></dataprocess>'
)
_ROUTE = (
    f'<route><routeproperty valueType="static">{_STATIC.format("a")}</routeproperty><routevalues>'
    '<routevalue key="7" name="a" qualifier="equals" value="a"/></routevalues></route>'
)

DETOURS: dict[str, Callable[[Altering], bool]] = {
    "a property of documents set": through(("documentproperties", _set("dynamicdocument.DDP_ALTERED"))),
    "a property of the process set": through(("documentproperties", _set("process.DPP_ALTERED"))),
    "a message with the document itself": through(("message", _SAME)),
    "a notification": through(("notify", _NOTIFY)),
    "contents encoded and decoded": through(("dataprocess", _CODED)),
    "a search without a match": through(("dataprocess", _REPLACED)),
    "a flow control of all documents": through(
        ("flowcontrol", '<flowcontrol chunkStyle="threadOnly" chunks="0" forEachCount="0"/>')
    ),
    "a branch aside before": _parting(
        "branch", '<branch numBranches="2"/>', lambda to, aside: [("1", aside), ("2", to)]
    ),
    "a branch aside after": _parting(
        "branch", '<branch numBranches="2"/>', lambda to, aside: [("1", to), ("2", aside)]
    ),
    "a decision that is true": _parting(
        "decision",
        f'<decision comparison="equals" name="d">{_EQUAL.format("a")}</decision>',
        lambda to, aside: [("true", to), ("false", aside)],
    ),
    "a decision that is false": _parting(
        "decision",
        f'<decision comparison="equals" name="d">{_EQUAL.format("b")}</decision>',
        lambda to, aside: [("false", to), ("true", aside)],
    ),
    "a route with one case": _parting("route", _ROUTE, lambda to, aside: [("default", aside), ("7", to)]),
    "a branch divided": branch_divided,
    "the process called by another": called_through_another,
    "a call through another process": child_called_through_another,
    "a call that gives documents back": there_and_back,
    "all of it tried": tried,
}
