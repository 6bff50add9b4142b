"""The processes of a case as trees that alterations change, and what they are put together from."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from random import Random

from lxml import etree
from msgspec.structs import replace

from tests.oracle.cases import Case, Expect

_NAMESPACE = "http://api.platform.boomi.com/"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, strip_cdata=False)

Edge = tuple[etree._Element, etree._Element]  # a dragpoint that leads somewhere, and the shape that it leads to


class Altering:
    """One case while it is altered: its components as trees, what is expected of it, and the chance that decides."""

    def __init__(self, case: Case, random: Random) -> None:
        self.case = case
        self.random = random
        self.expect: Expect = case.expect
        self.roles = dict(case.roles)
        self.root = case.root
        self.trees = {file: etree.fromstring(content, _PARSER) for file, content in case.files.items()}

    @property
    def failed(self) -> bool:
        """Whether the case is known to end in an error, whose text may tell how processes call each other."""
        return self.expect.status not in {None, "COMPLETE"} or isinstance(self.expect.error_message, str)

    def made(self) -> Case:
        """Give the altered case."""
        files = {file: etree.tostring(tree, encoding="UTF-8") for file, tree in self.trees.items()}
        return replace(self.case, files=files, root=self.root, roles=self.roles, expect=self.expect)

    def processes(self) -> dict[str, Graph]:
        """Give the processes by component id."""
        graphs = (Graph(tree) for tree in self.trees.values() if tree.get("type") == "process")
        return {graph.id: graph for graph in graphs}

    def any_edge(self, after: frozenset[str]) -> tuple[Graph, Edge] | None:
        """Give some edge of some process that leads out of a shape of one of these kinds, or None."""
        found = [
            (graph, edge)
            for graph in self.processes().values()
            for edge in graph.edges()
            if (graph.owner(edge[0]).get("shapetype") or "") in after
        ]
        return self.random.choice(found) if found else None

    def identity(self) -> str:
        """Give the id of a new component."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def add_process(self, shapes: str, *, name: str) -> str:
        """Add a process component; give its id."""
        identity = self.identity()
        text = (
            f'<bns:Component xmlns:bns="{_NAMESPACE}" componentId="{identity}" name="{name}" type="process">'
            f'<bns:object><process xmlns="" allowSimultaneous="true" workload="general"><shapes>{shapes}</shapes>'
            "</process></bns:object></bns:Component>"
        )
        self.trees[f"added-{identity}.xml"] = etree.fromstring(text, _PARSER)
        return identity


class Graph:
    """One process component."""

    def __init__(self, tree: etree._Element) -> None:
        self.tree = tree
        self.id = tree.get("componentId", "")
        found = tree.find(".//shapes")
        self.shapes = found if found is not None else etree.SubElement(tree, "shapes")

    def __iter__(self) -> Iterator[etree._Element]:
        """Give the shapes."""
        return iter(self.shapes.findall("shape"))

    def shape(self, name: str) -> etree._Element | None:
        """Give the shape of that name, or None."""
        return next((shape for shape in self if shape.get("name") == name), None)

    def edges(self) -> list[Edge]:
        """Give every dragpoint that leads to a shape, with that shape."""
        points = (point for shape in self for point in shape.findall("dragpoints/dragpoint"))
        found = ((point, self.shape(point.get("toShape", ""))) for point in points)
        return [(point, shape) for point, shape in found if shape is not None]

    def owner(self, point: etree._Element) -> etree._Element:
        """Give the shape that a dragpoint stands in."""
        return next(shape for shape in point.iterancestors("shape"))

    def fresh(self, random: Random) -> str:
        """Give a name that no shape has."""
        taken = {shape.get("name") for shape in self}
        while True:
            name = f"shape{random.randrange(100, 100_000)}"
            if name not in taken:
                return name

    def add(self, kind: str, configuration: str, ways: list[tuple[str, str]], random: Random) -> str:
        """Add a shape; `ways` are its identifiers with the names of shapes. Give its name."""
        name = self.fresh(random)
        points = "".join(
            f'<dragpoint name="{name}.dragpoint{number}" identifier="{identifier}" toShape="{to}"/>'
            for number, (identifier, to) in enumerate(ways, 1)
        )
        text = (
            f'<shape image="{kind}_icon" name="{name}" shapetype="{kind}" userlabel="added" x="1.0" y="2.0">'
            f"<configuration>{configuration}</configuration><dragpoints>{points}</dragpoints></shape>"
        )
        self.shapes.append(etree.fromstring(text, _PARSER))
        return name

    def remove(self, point: etree._Element) -> None:
        """Take a dragpoint away."""
        points = point.getparent()
        if points is not None:
            points.remove(point)

    def stop(self, random: Random) -> str:
        """Add a Stop that lets other paths go on; give its name."""
        return self.add("stop", '<stop continue="true"/>', [], random)


def stated(expect: Expect) -> str:
    """Give all texts that lines of the log must have, in one."""
    return "\n".join(expect.log_contains)
