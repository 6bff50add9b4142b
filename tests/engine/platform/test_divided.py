"""Split and Combine in all their forms, and the sub-steps that change encodings (reference 1.10; behaviours 30-33)."""

from __future__ import annotations

import gzip

import pytest

from runtime.errors import BundleError
from runtime.model.components import Components
from runtime.model.data_process import (
    CombineDocuments,
    CombineLines,
    CombineXml,
    DataStep,
    Gunzip,
    Gzip,
    Recode,
    SplitDocuments,
    SplitGroups,
    SplitLines,
    SplitXml,
    Transform,
)
from runtime.model.document import Document, root_identity
from runtime.model.platform_profiles import JsonNode, JsonProfile, XmlNode, XmlProfile
from runtime.model.platform_shapes import DataProcessStep
from runtime.model.shapes import ReturnDocumentsStep
from tests.engine.platform.shapes import compiled, process
from tests.engine.runs import Ended, Run
from tests.engine.seen import batch, texts
from tests.engine.worlds import World


def listed(key: int, name: str, *nodes: JsonNode) -> JsonNode:
    """Give a member that is a list of objects; its keys are `key`, +1 for the array, +2 for the item."""
    within = (JsonNode(key=key + 3, name="Object", kind="object", nodes=nodes),) if nodes else ()
    item = JsonNode(key=key + 2, name="Item", kind="item", nodes=within)
    return JsonNode(
        key=key, name=name, kind="entry", nodes=(JsonNode(key=key + 1, name="A", kind="array", nodes=(item,)),)
    )


def rooted(name: str, *nodes: JsonNode) -> JsonProfile:
    """Give a profile of an object."""
    inner = JsonNode(key=2, name="Object", kind="object", nodes=nodes)
    return JsonProfile(id=name, name=name, root=JsonNode(key=1, name="Root", kind="root", nodes=(inner,)))


def element(key: int, name: str, *nodes: XmlNode, most: int | None = 1) -> XmlNode:
    """Give an element."""
    return XmlNode(key=key, name=name, kind="element", most=most, nodes=nodes, namespace="urn:n" if key == 9 else None)


XML = XmlProfile(
    id="xml",
    name="xml",
    root=element(1, "os", element(2, "h"), element(3, "o", element(4, "l", most=None), element(9, "n"), most=None)),
)
COMPONENTS = Components(
    profiles={
        "peers": rooted("peers", JsonNode(key=3, name="h", kind="entry"), listed(10, "l")),
        "alone": rooted("alone", listed(10, "l")),
        "nested": rooted("nested", listed(10, "o", listed(20, "l")), listed(30, "all")),
        "xml": XML,
        "flat": XmlProfile(id="flat", name="flat", root=element(1, "os", element(3, "o", most=None))),
    }
)


async def run(documents: list[Document], *steps: DataStep) -> Ended:
    """Run sub-steps over documents."""
    shapes = (DataProcessStep(id="data", steps=steps, to="end"), ReturnDocumentsStep(id="end"))
    world = World()
    return await Run(compiled([process("p", "data", *shapes)], world, COMPONENTS), world, documents).go()


@pytest.mark.parametrize(
    ("step", "document", "parts"),
    [
        (
            SplitDocuments(format="json", profile="alone", link=12, batch=2),
            '{"l":[1,2,3]}',
            ['{"l":[1,2]}', '{"l":[3]}'],
        ),
        (
            SplitDocuments(format="json", profile="peers", link=12, batch=2),
            '{"h":0,"l":[1,2]}',
            ['{"h":0,"l":[1]}', '{"h":0,"l":[2]}'],
        ),
        (
            SplitDocuments(format="json", profile="nested", link=22),
            '{"o":[{"l":[1,2],"x":1},{"l":[3]}]}',
            ['{"o":[{"l":[1],"x":1}]}', '{"o":[{"l":[2],"x":1}]}', '{"o":[{"l":[3]}]}'],
        ),
        (SplitDocuments(format="json", profile="nested", link=20), '{"o":[{"l":[1]},{}]}', ['{"o":[{"l":[1]}]}']),
        (SplitDocuments(format="json", profile="nested", link=22), '{"o":3}', []),
    ],
)
async def test_30_31_32_json_parts_in_their_wrapper(step: DataStep, document: str, parts: list[str]) -> None:
    """30-32: what is around stays; without the list nothing comes; several go together only without peers."""
    ended = await run(batch(document), step)
    assert (texts(ended), ended.message) == (parts, None)


HEAD = "<?xml version='1.0' encoding='UTF-8'?>\n"


@pytest.mark.parametrize(
    ("step", "document", "parts"),
    [
        (
            SplitDocuments(format="xml", profile="xml", link=4),
            '<os a="1"><h>t</h><o><l>1</l><l>2</l><n xmlns="urn:n"/></o><o><l>3</l></o></os>',
            [
                '<os a="1"><h>t</h><o><l>1</l><n xmlns="urn:n"/></o></os>',
                '<os a="1"><h>t</h><o><l>2</l><n xmlns="urn:n"/></o></os>',
                '<os a="1"><h>t</h><o><l>3</l></o></os>',
            ],
        ),
        (
            SplitDocuments(format="xml", profile="flat", link=3, batch=2),
            "<os><o>1</o><o>2</o><o>3</o></os>",
            ["<os><o>1</o><o>2</o></os>", "<os><o>3</o></os>"],
        ),
        (SplitDocuments(format="xml", profile="xml", link=3, batch=2), "<os><o/><o/></os>", ["<os><o/></os>"] * 2),
        (SplitDocuments(format="xml", profile="xml", link=4), "<os><h/></os>", []),
        (SplitDocuments(format="xml", profile="xml", link=4), "<other/>", []),
        (SplitXml(element=("r", "{urn:n}i")), '<r xmlns:p="urn:n"><p:i>1</p:i></r>', None),
        (SplitXml(element=("r", "i"), batch=2), "<r><i>1</i><x/><i>2</i></r>", ["<r><i>1</i><i>2</i><x/></r>"]),
    ],
)
async def test_30_31_32_xml_parts_in_their_wrapper(step: DataStep, document: str, parts: list[str] | None) -> None:
    """30-32 for XML: siblings stay, the like of the ancestors does not."""
    ended = await run(batch(document), step)
    expected = [HEAD + part for part in parts] if parts is not None else [HEAD + document]
    assert (texts(ended), ended.message) == (expected, None)


@pytest.mark.parametrize(
    ("step", "documents", "whole"),
    [
        (
            CombineDocuments(format="xml", profile="flat", link=3),
            ["<os><o>1</o><z/></os>", "<os><o>2</o></os>", "<os/>"],
            HEAD + "<os><o>1</o><o>2</o><z/></os>",
        ),
        (
            CombineDocuments(format="xml", profile="xml", link=4, into=1),
            ["<os><o><l>1</l></o></os>", "<os><o><l>2</l></o></os>"],
            HEAD + "<os><o/><l>1</l><l>2</l></os>",
        ),
        (CombineXml(root="all"), ["<a/>", "<b/>"], HEAD + "<all><a/><b/></all>"),
        (
            CombineDocuments(format="json", profile="nested", link=10, into=30),
            ['{"o":[1],"all":[]}', '{"o":[2]}'],
            '{"o":[1],"all":[1,2]}',
        ),
        (CombineLines(), ["a\n1\n", "a\n2"], "a\n1\na\n2\n"),
        (CombineLines(header="retain"), ["a\n1\n", "a\n2"], "a\n1\n2\n"),
        (CombineLines(header="remove", before="H", after="T"), ["a\n1\n", "a\n2"], "H\n1\n2\nT\n"),
        (CombineLines(separator="|"), ["a", "b"], "a|b|"),
    ],
)
async def test_33_combined(step: DataStep, documents: list[str], whole: str) -> None:
    """33: all documents of the batch become one."""
    ended = await run(batch(*documents), step)
    assert (texts(ended), ended.message) == ([whole], None)


@pytest.mark.parametrize(
    ("step", "document", "parts"),
    [
        (SplitLines(), "a\nb\nc", ["a\n", "b\n", "c"]),
        (SplitLines(batch=2, header="retain"), "h\na\nb\nc\n", ["h\na\nb\n", "h\nc\n"]),
        (SplitLines(batch=5, header="remove"), "h\na\n", ["a\n"]),
        (SplitGroups(column="1"), 'a,1\nb,2\n"a",3\n', ['a,1\n"a",3\n', "b,2\n"]),
        (SplitGroups(column="k", header="retain"), "v,k\n1,a\n2,b\n3,a\n", ["v,k\n1,a\n3,a\n", "v,k\n2,b\n"]),
        (SplitGroups(column="k", header="remove", delimiter=";"), "v;k\n1;a\n", ["1;a\n"]),
    ],
)
async def test_33_lines_are_divided(step: DataStep, document: str, parts: list[str]) -> None:
    """33: by line, a few at a time, or by the value of a column, wherever its lines stand."""
    assert texts(await run(batch(document), step)) == parts


@pytest.mark.parametrize(
    ("steps", "document", "message"),
    [
        ((SplitXml(element=("r", "i")),), "<r>", "no XML"),
        ((SplitXml(element=("r", "i")),), '<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>', "document type"),
        ((CombineDocuments(format="xml", profile="xml", link=4),), "<os/>", "no element os/o"),
        ((SplitGroups(column="k", header="retain"),), "a,b\n1,2\n", "names no column 'k'"),
        ((SplitGroups(column="3"),), "1,2\n", "2 columns"),
        ((Gunzip(),), "no", "no archive of gzip"),
        ((Recode(target="ascii"),), "ä", "cannot be taken from utf-8 to ascii"),
    ],
)
async def test_what_cannot_be_done_fails_the_document(steps: tuple[DataStep, ...], document: str, message: str) -> None:
    """A document that does not fit fails by itself."""
    ended = await run(batch(document), *steps)
    assert texts(ended) == []
    assert message in (ended.message or "")


async def test_contents_are_recoded_and_compressed() -> None:
    """Text changes its encoding; what is compressed unfolds again, and no further than its bound."""
    assert (await run(batch("ä"), Recode(target="iso-8859-1"))).returned == (b"\xe4",)
    assert texts(await run(batch("ä"), Recode(target="utf-16"), Recode(source="utf-16"))) == ["ä"]
    assert texts(await run(batch("x" * 90), Gzip(), Gunzip())) == ["x" * 90]
    two = gzip.compress(b"a") + gzip.compress(b"b")
    assert texts(await run([Document(root_identity(0), two)], Gunzip())) == ["ab"]
    cut = await run([Document(root_identity(0), two[:-5])], Gunzip())
    assert "in the middle" in (cut.message or "")


STYLE = (
    '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
    '<xsl:output method="text"/><xsl:param name="d"/>{}'
    '<xsl:template match="/"><xsl:value-of select="concat(r/a, $d)"/>{}</xsl:template></xsl:stylesheet>'
)


async def test_a_stylesheet_transforms_each_document() -> None:
    """Properties of the document are parameters of the stylesheet; what it reaches for outside fails."""
    ended = await run(batch("<r><a>1</a></r>", "x", d="!"), Transform(stylesheet=STYLE.format("", "")))
    assert (texts(ended), "no XML" in (ended.message or "")) == (["1!"], True)
    reaching = STYLE.format("", "<xsl:copy-of select=\"document('/etc/hostname')\"/>")
    ended = await run(batch("<r><a>1</a></r>", d="!"), Transform(stylesheet=reaching))
    assert texts(ended) in ([], ["1!"])  # nothing of the file comes, whichever way the library puts it


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (Transform(stylesheet="<no"), "cannot be read"),
        (Transform(stylesheet="<r/>"), "cannot be run"),
        (Transform(stylesheet=STYLE.format('<xsl:include href="/tmp/a.xsl"/>', "")), "stands alone"),
        (Recode(target="no-such"), "no character encoding"),
        (Recode(target="base64"), "no character encoding"),
        (SplitGroups(column="k"), "no first line"),
        (SplitGroups(column="1", delimiter="::"), "one character"),
        (SplitDocuments(format="xml", profile="xml", link=1), "none that stands in another"),
        (SplitDocuments(format="xml", profile="alone", link=1), "none of XML"),
    ],
)
def test_what_can_never_run_is_refused(step: DataStep, reason: str) -> None:
    """A sub-step that cannot run refuses the bundle."""
    with pytest.raises(BundleError, match=reason):
        compiled([process("p", "data", DataProcessStep(id="data", steps=(step,)))], World(), COMPONENTS)
