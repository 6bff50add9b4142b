"""Data Process (platform behaviours 27-33): sub-steps in order."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest

from runtime.errors import BundleError
from runtime.model.components import Components
from runtime.model.data_process import (
    Base64Decode,
    Base64Encode,
    CombineDocuments,
    DataStep,
    RunScript,
    SearchReplace,
    SplitDocuments,
    Unzip,
    Zip,
)
from runtime.model.document import Document, root_identity
from runtime.model.platform_profiles import JsonNode, JsonProfile
from runtime.model.platform_shapes import DataProcessStep, PlatformMessageStep
from runtime.model.shapes import ReturnDocumentsStep
from tests.engine.platform.shapes import CURRENT, compiled, ddp, message, process
from tests.engine.runs import Ended, Run
from tests.engine.seen import batch, texts
from tests.engine.worlds import World

END = ReturnDocumentsStep(id="end")
LIST = JsonNode(key=4, name="Array", kind="array", nodes=(JsonNode(key=5, name="Item", kind="item"),))
ROOT = JsonNode(
    key=1,
    name="Root",
    kind="root",
    nodes=(
        JsonNode(key=2, name="Object", kind="object", nodes=(JsonNode(key=3, name="l", kind="entry", nodes=(LIST,)),)),
    ),
)
COMPONENTS = Components(profiles={"json": JsonProfile(id="json", name="json", root=ROOT)})
SPLIT = SplitDocuments(format="json", profile="json", link=5)
COMBINE = CombineDocuments(format="json", profile="json", link=4)


async def run(documents: list[Document], *steps: DataStep) -> Ended:
    """Run sub-steps over documents."""
    world = World()
    shapes = (
        DataProcessStep(id="data", steps=steps, to="say"),
        PlatformMessageStep(id="say", text=message("{1} {2}", CURRENT, ddp("d")), to="end"),
        END,
    )
    return await Run(compiled([process("p", "data", *shapes)], world, COMPONENTS), world, documents).go()


async def test_split_keeps_what_is_around_the_list() -> None:
    """30, 31: one document for each occurrence, in its wrapper; a document without the element gives none."""
    ended = await run(batch('{"a":1,"l":[1,2]}', '{"a":2}', d="x"), SPLIT)
    assert texts(ended) == ['{"a":1,"l":[1]} x', '{"a":1,"l":[2]} x']


async def test_what_is_no_list_counts_as_one_item() -> None:
    """30: split by an element of no list, a document that has it goes on whole, and one that has not gives none."""
    entry = JsonNode(key=6, name="id", kind="entry")
    plain = JsonNode(key=1, name="Root", kind="root", nodes=(JsonNode(key=2, name="O", kind="object", nodes=(entry,)),))
    components = Components(profiles={"plain": JsonProfile(id="plain", name="plain", root=plain)})
    step = DataProcessStep(id="data", steps=(SplitDocuments(format="json", profile="plain", link=6),), to="end")
    world = World()
    made = compiled([process("p", "data", step, END)], world, components)
    ended = await Run(made, world, batch('{"id":7,"a":1}', '{"a":2}')).go()
    assert texts(ended) == ['{"id":7,"a":1}']


async def test_combine_adds_to_the_list_of_the_first() -> None:
    """What was split is combined again; a document without the list fails, its siblings do not."""
    ended = await run(batch('{"a":1,"l":[1,2]}', '{"a":2,"l":[3]}', d="x"), SPLIT, COMBINE)
    assert texts(ended) == ['{"a":1,"l":[1,2,3]} x']
    ended = await run(batch('{"l":[1]}', "{}", '{"l":[2]}', d="x"), COMBINE)
    assert (texts(ended), ended.message) == (['{"l":[1,2]} x'], "the document has no list at l")


async def test_contents_are_changed_one_after_the_other() -> None:
    """Sub-steps run in order, each on what the one before gave; what fails in one is not in the next."""
    assert texts(await run(batch("ab", "b", d="x"), CombineDocuments(format="bytes"))) == ["abb x"]
    replacing = SearchReplace(pattern="(a)b", replacement="$1-", scope="document")
    assert texts(await run(batch("ab ab", d="x"), replacing, Base64Encode(), Base64Decode())) == ["a- a- x"]
    assert texts(await run(batch("a", d="x"), Base64Encode())) == [f"{base64.b64encode(b'a').decode()} x"]
    ended = await run(batch("YQ==", "!", d="x"), Base64Decode())
    assert texts(ended) == ["a x"]
    assert "not Base64" in (ended.message or "")
    by_line = SearchReplace(pattern="^a", replacement="b", scope="line")
    assert texts(await run(batch("a\na", d="x"), by_line)) == ["b\nb x"]


async def test_archives_are_made_and_unfolded() -> None:
    """One archive for each document; one document for each entry."""
    assert texts(await run(batch("1", "2", d="x"), Zip(), Unzip())) == ["1 x", "2 x"]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a/", b"")
        archive.writestr("a/1", b"one")
        archive.writestr("2", b"two")
    two = Document(root_identity(0), made.getvalue(), {"d": "x"})
    assert texts(await run([two], Unzip())) == ["one x", "two x"]
    assert "no archive" in ((await run(batch("x"), Unzip())).message or "")


async def test_a_script_gets_the_batch_and_stores_what_goes_on() -> None:
    """27, 28, 29: properties survive one to one; more may be stored than came; an error fails all documents."""
    one = "dataContext.storeStream(dataContext.getStream(0), new java.util.Properties())"
    assert texts(await run(batch("1", d="x"), RunScript(language="groovy2", source=one))) == ["1 x"]
    many = (
        "for (int i = 2; i > 0; i--) {"
        "dataContext.storeStream(new ByteArrayInputStream((''+i).getBytes('UTF-8')), dataContext.getProperties(0)) }"
    )
    assert texts(await run(batch("1", d="x"), RunScript(language="groovy2", source=many))) == ["2 x", "1 x"]
    ended = await run(batch("1", "2"), RunScript(language="groovy2", source="throw new Exception('no')"))
    assert (texts(ended), "no" in (ended.message or "")) == ([], True)


async def test_a_script_in_javascript_gets_the_batch_and_stores_what_goes_on() -> None:
    """As in Groovy: once for the batch, stored documents go on, an error fails all."""
    turned = "var d = dataContext; for (var i = 1; i >= 0; i--) d.storeStream(d.getStream(i), d.getProperties(i))"
    assert texts(await run(batch("1", "2", d="x"), RunScript(language="javascript", source=turned))) == ["2 x", "1 x"]
    ended = await run(batch("1", "2"), RunScript(language="javascript", source="throw new Error('no')"))
    assert (texts(ended), "no" in (ended.message or "")) == ([], True)


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (SplitDocuments(format="xml", profile="json", link=5), "XML"),
        (SplitDocuments(format="json", profile="json", link=2), "no list"),
        (SplitDocuments(format="json", profile="none", link=5), "none of JSON"),
        (SplitDocuments(format="json", profile="json", link=9), "no element with the key 9"),
        (CombineDocuments(format="json", profile="json", link=4, into=2), "no list"),
        (RunScript(language="javascript", source="var a = ;"), "unexpected token"),
        (RunScript(language="groovy2", source="class A {"), "not covered"),
    ],
)
def test_what_is_not_done_is_refused(step: DataStep, reason: str) -> None:
    """A sub-step that the engine does not run refuses the bundle."""
    with pytest.raises(BundleError, match=reason):
        compiled([process("p", "data", DataProcessStep(id="data", steps=(step,)))], World(), COMPONENTS)
