"""Alterations of how a process is written down: other names, another order, other places. Nothing of it is run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree
from msgspec.structs import replace

from tests.oracle.altering.graph import Altering, Graph, stated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ID = re.compile(rb'\bcomponentId="([^"]+)"')
_WORD = re.compile(rb"[0-9A-Za-z-]{36}|(?<=\")[^\"]+(?=\")")  # an id of the platform wherever it stands, or a value
_BARE = frozenset({"script", "msgTxt", "notifyMessage", "exMessage", "sql"})  # whose blanks are meant


def shapes_renamed(altering: Altering) -> bool:
    """Give every shape another name, wherever it is named: in the graph, in calls, in what is expected."""
    names = {identity: _renamed(graph, altering) for identity, graph in altering.processes().items()}
    for identity, graph in altering.processes().items():
        for shape in graph:
            _rename(shape, names[identity], names)
    for element in altering.trees.values():
        for entry in element.iter("processEntry"):
            for path in entry.iter("returnPathMap"):
                _exchange(path, "childShapeName", names.get(entry.get("processId", ""), {}))
    entered = {
        f"{role}/{names.get(altering.roles.get(role, ''), {}).get(shape, shape)}": count
        for place, count in altering.expect.documents_into_shape.items()
        for role, _, shape in [place.partition("/")]
    }
    altering.expect = replace(altering.expect, documents_into_shape=entered)
    return True


def _renamed(graph: Graph, altering: Altering) -> dict[str, str]:
    numbers = altering.random.sample(range(1, 10_000), sum(1 for _ in graph))
    style = altering.random.choice(["shape{}", "step_{}", "{}"])
    return {shape.get("name", ""): style.format(number) for shape, number in zip(graph, numbers, strict=True)}


def _rename(shape: etree._Element, own: Mapping[str, str], names: Mapping[str, Mapping[str, str]]) -> None:
    _exchange(shape, "name", own)
    call = shape.find("configuration/processcall")
    called = names.get(call.get("processId", ""), {}) if call is not None else {}
    for path in shape.iter("returnpaths"):
        _exchange(path, "childShapeName", called)
    for number, point in enumerate(shape.iterfind("dragpoints/dragpoint"), 1):
        _exchange(point, "toShape", own)
        _exchange(point, "identifier", called)
        point.set("name", f"{shape.get('name')}.dragpoint{number}")


def _exchange(element: etree._Element, attribute: str, names: Mapping[str, str]) -> None:
    value = element.get(attribute, "")
    if value in names:
        element.set(attribute, names[value])


def labels_changed(altering: Altering) -> bool:
    """Give steps another label, but for those that the log is known to tell by theirs."""
    told = stated(altering.expect)
    for graph in altering.processes().values():
        for shape in graph:
            label = shape.get("userlabel", "")
            if (label and label not in told) or (not label and "Skipping" not in told and "\t" not in told):
                shape.set("userlabel", f"Étape {altering.random.randrange(10)} <&'\">")
    return True


def shapes_reordered(altering: Altering) -> bool:
    """Write shapes, and the ways out of each, in another order."""
    for graph in altering.processes().values():
        _shuffle(graph.shapes, altering)
        for points in graph.shapes.iterfind("shape/dragpoints"):
            _shuffle(points, altering)
    return True


def _shuffle(element: etree._Element, altering: Altering) -> None:
    children = list(element)
    altering.random.shuffle(children)
    for child in children:
        child.tail = None
        element.append(child)


def drawn_elsewhere(altering: Altering) -> bool:
    """Draw everything somewhere else: coordinates, pictures, pieces of lines, notes."""
    for graph in altering.processes().values():
        for shape in graph:
            shape.set("image", "other_icon")
            shape.set("x", str(altering.random.uniform(-500, 5000)))
            shape.set("y", str(altering.random.uniform(-500, 5000)))
            for point in shape.iterfind("dragpoints/dragpoint"):
                for attribute in ("x", "y", "text"):
                    point.attrib.pop(attribute, None)
                etree.SubElement(point, "linesegment", length="9.0", name="l", orient="h", x="1.0", y="1.0")
            if shape.find("stepnotes") is None:
                note = etree.SubElement(etree.SubElement(shape, "stepnotes"), "note", title="Why")
                note.text = "<p>because</p>"
    return True


def components_identified_anew(altering: Altering) -> bool:
    """Give every component another id, wherever it is named."""
    files = altering.made().files
    known = sorted({match[1] for content in files.values() for match in _ID.finditer(content)})
    new = {old: altering.identity().encode() for old in known}
    altering.trees = {
        file: etree.fromstring(_WORD.sub(lambda found: new.get(found[0], found[0]), content))
        for file, content in files.items()
    }
    exchanged = {old.decode(): identity.decode() for old, identity in new.items()}
    altering.root = exchanged.get(altering.root, altering.root)
    altering.roles = {role: exchanged.get(identity, identity) for role, identity in altering.roles.items()}
    stimulus = altering.case.stimulus
    stubs = tuple(
        replace(stub, operation_id=exchanged.get(stub.operation_id, stub.operation_id))
        for stub in stimulus.connector_stubs
    )
    altering.case = replace(altering.case, stimulus=replace(stimulus, connector_stubs=stubs))
    return True


def components_renamed(altering: Altering) -> bool:
    """Give every component another name, wherever it is told."""
    names = {tree.get("name", ""): f"Renamed {number}" for number, tree in enumerate(altering.trees.values())}
    for tree in altering.trees.values():
        tree.set("name", names[tree.get("name", "")])
    records = altering.expect.child_execution_records
    if records is not None:
        made = tuple(
            replace(one, process=None if one.process is None else _name(one.process, names)) for one in records
        )
        altering.expect = replace(altering.expect, child_execution_records=made)
    return not altering.failed and not any(name and name in stated(altering.expect) for name in names)


def _name(stated_name: str, names: Mapping[str, str]) -> str:
    return next((new for old, new in names.items() if stated_name in old), stated_name)


def written_otherwise(altering: Altering) -> bool:
    """Write the XML as other programs do: blanks between elements, remarks, attributes in another order."""
    for tree in altering.trees.values():
        for element in tree.iter(etree.Element):
            if element.tag not in _BARE and not (element.text or "").strip():
                element.text = "\n  \t" if len(element) else element.text
            if not (element.tail or "").strip():
                element.tail = "\n   "
            attributes = list(element.attrib.items())
            altering.random.shuffle(attributes)
            element.attrib.clear()
            element.attrib.update(attributes)
        tree.append(etree.Comment(" exported "))
    return True


def out_of_reach(altering: Altering) -> bool:
    """Add shapes that nothing leads to, which the platform keeps and never runs."""
    for graph in altering.processes().values():
        end = graph.stop(altering.random)
        message = "<message><msgTxt>never</msgTxt><msgParameters/></message>"
        graph.add("message", message, [("", end)], altering.random)
    return True


WRITTEN: dict[str, Callable[[Altering], bool]] = {
    "other names of shapes": shapes_renamed,
    "other labels": labels_changed,
    "another order of shapes": shapes_reordered,
    "another drawing": drawn_elsewhere,
    "other component ids": components_identified_anew,
    "other component names": components_renamed,
    "other XML": written_otherwise,
    "shapes out of reach": out_of_reach,
}
