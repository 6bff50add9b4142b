from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from lxml import etree

from runtime.bundle.components.harmless import ELEMENTS
from runtime.bundle.components.read import read_components
from runtime.bundle.findings import MOST_PROBLEMS, Findings
from runtime.plugins import installed_connectors
from tests.oracle.attributes import Row, Table, judge, read_table, report
from tests.oracle.corpus import corpus, groups

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("NUCLIDE_CONFORMANCE", ROOT / "../shared/conformance"))
TABLE = SHARED.parent / "reference" / "component-xml-attributes.tsv"
FOLDERS = (SHARED / "components", SHARED / "oracle")

STOP = (
    b'<bns:Component xmlns:bns="http://api.platform.boomi.com/" componentId="p" name="P" type="process"><bns:object>'
    b'<process><shapes><shape name="shape1" shapetype="start"><configuration><noaction/></configuration><dragpoints>'
    b'<dragpoint toShape="shape2"/></dragpoints></shape><shape name="shape2" shapetype="stop" image="x"><configuration>'
    b'<stop continue="true"/></configuration></shape></shapes></process></bns:object></bns:Component>'
)


def files() -> Iterator[Mapping[str, bytes]]:
    """Give each component of the shared folders with what it refers to."""
    for folder in FOLDERS:
        yield from groups(corpus(folder))


def test_an_attribute_is_honoured_harmless_refused_or_told_as_silent() -> None:
    """What the reader asks for is honoured, what the table of harmless ones names is harmless, the rest is refused."""
    rows = tuple(
        Row("process", element, attribute, "true")
        for element, attribute in (("stop", "continue"), ("shape", "image"), ("stop", "colour"))
    )
    chain = {"Component": ("object",), "object": ("process",), "process": ("shapes",), "shapes": ("shape",)}
    shape = {"shape": ("configuration",), "configuration": ("stop",)}
    judged = judge(Table(rows, {"process": {**chain, **shape}}), [{"p.xml": STOP}], installed_connectors())
    assert [one.outcome for one in judged] == ["honoured", "harmless", "refused"]
    assert report(judged) == "3 attributes: 1 honoured, 1 harmless, 1 refused, 0 silent"


@pytest.mark.skipif(not TABLE.is_file(), reason=f"no table of attributes at {TABLE}: set NUCLIDE_CONFORMANCE")
def test_no_attribute_of_the_reference_is_passed_over() -> None:
    """Every attribute that exports are known to have is honoured, declared harmless with a reason, or refused."""
    judged = judge(read_table(TABLE), files(), installed_connectors())
    assert [(one.row.named, one.outcome) for one in judged if one.outcome == "silent"] == []


def test_an_attribute_that_nobody_knows_is_told() -> None:
    """An unknown attribute of any element of a process is told."""
    assert untold({"p.xml": STOP}, {"p.xml"}) == []


@pytest.mark.skipif(not FOLDERS[0].is_dir(), reason=f"no exported components in {SHARED}: set NUCLIDE_CONFORMANCE")
def test_an_attribute_that_nobody_knows_is_told_wherever_it_stands() -> None:
    """An unknown attribute of any element of any component that runs is told: no part of one is passed over."""
    seen: set[bytes] = set()
    found: list[str] = []
    for group in files():
        new = {file for file, content in group.items() if content not in seen}
        if new and runs(group):
            seen.update(group.values())
            found += untold(group, new)
    assert found == []


def runs(group: Mapping[str, bytes]) -> bool:
    """Whether nothing of these components is refused."""
    findings = Findings("attributes", {})
    read_components(group, installed_connectors(), findings)
    return not findings.problems("error")


def untold(group: Mapping[str, bytes], within: set[str]) -> list[str]:
    """Give each element of these files where an unknown attribute is not told, with the elements that it is in."""
    trees = {file: etree.fromstring(content) for file, content in group.items()}
    places = [(file, element) for file in sorted(within) for element in trees[file].iter(etree.Element)]
    marked = [(file, element) for file, element in places if not _harmless(_way(element)) and not _left_out(element)]
    found: list[str] = []
    for chosen in batched(marked):
        for number, (_, element) in enumerate(chosen):
            element.set(f"unknown-{number}", "1")
        findings = Findings("attributes", {})
        read_components({file: etree.tostring(tree) for file, tree in trees.items()}, installed_connectors(), findings)
        told = "\n".join(problem.message for problem in findings.problems("error"))
        for number, (file, element) in enumerate(chosen):
            if f"'unknown-{number}'" not in told:
                found.append(f"{file}: {'/'.join(reversed(_way(element)))}")
            del element.attrib[f"unknown-{number}"]
    return found


def batched(marked: list[tuple[str, etree._Element]]) -> Iterator[list[tuple[str, etree._Element]]]:
    """Give a few elements at a time: findings are told up to a number."""
    step = MOST_PROBLEMS // 2
    for start in range(0, len(marked), step):
        yield marked[start : start + step]


def _way(element: etree._Element) -> list[str]:
    return [etree.QName(one).localname for one in (element, *element.iterancestors())]


def _harmless(way: list[str]) -> bool:
    pairs = zip(way[1:], way, strict=False)
    return any((parent, child) in ELEMENTS or ("*", child) in ELEMENTS for parent, child in pairs)


def _left_out(element: etree._Element) -> bool:
    """Whether it is in a shape that nothing leads to, which is left out whole."""
    shape = next((one for one in (element, *element.iterancestors()) if one.tag == "shape"), None)
    if shape is None or shape.get("shapetype") == "start":
        return False
    shapes = shape.getparent()
    return shapes is not None and all(point.get("toShape") != shape.get("name") for point in shapes.iter("dragpoint"))
