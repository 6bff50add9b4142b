from __future__ import annotations

import pytest

from runtime.errors import BundleError, DocumentFault
from runtime.groovy import compile_groovy, to_python
from runtime.sdk.script import ScriptContext, ScriptDocument
from tests.groovy.support import run

PASS_ON = """
import java.util.Properties;
import java.io.InputStream;

for( int i = 0; i < dataContext.getDataCount(); i++ ) {
    InputStream is = dataContext.getStream(i);
    Properties props = dataContext.getProperties(i);
    dataContext.storeStream(is, props);
}
"""
NEW = "dataContext.storeStream(new ByteArrayInputStream('new'.bytes), new Properties())"


def test_a_script_that_stores_everything_changes_nothing() -> None:
    """A stream and its properties, stored as they came, are the same document."""
    documents = [ScriptDocument.derive(ScriptDocument(b"", {"P": "1"}), content) for content in (b"a", b"b")]
    given = compile_groovy(PASS_ON, "s.groovy").run(documents, ScriptContext({}, {}))
    assert [(each.content, each.properties) for each in given] == [(b"a", {"P": "1"}), (b"b", {"P": "1"})]


def test_what_is_not_stored_is_gone() -> None:
    """A document that the script does not store does not go on (behaviour 28)."""
    assert run("def n = dataContext.getDataCount()", b"a") == []
    kept = run("dataContext.storeStream(dataContext.getStream(1), dataContext.getProperties(1))", b"a", b"b")
    assert [each.content for each in kept] == [b"b"]


def test_a_document_keeps_its_properties_though_new_ones_are_stored() -> None:
    """One in, one out: dynamic properties survive a new Properties object (behaviour 27)."""
    (made,) = run(NEW, b"old", properties={"P": "1"})
    assert (made.content, made.properties) == (b"new", {"P": "1"})


def test_stored_properties_win() -> None:
    """A property stored under its scripting name replaces the document's."""
    source = f"def p = new Properties()\np.setProperty('document.dynamic.userdefined.P', '2')\n{NEW}"
    (made,) = run(source.replace("new Properties())", "p)"), b"", properties={"P": "1", "Q": "3"})
    assert made.properties == {"P": "2", "Q": "3"}


def test_a_property_that_the_script_takes_out_is_out() -> None:
    """Where the document's own properties are stored, they are what the script made of them."""
    source = """
    def p = dataContext.getProperties(0)
    p.remove('document.dynamic.userdefined.P')
    dataContext.storeStream(dataContext.getStream(0), p)
    """
    assert run(source, b"", properties={"P": "1", "Q": "2"})[0].properties == {"Q": "2"}


def test_a_script_may_store_more_than_came_in_its_own_order() -> None:
    """Fan-out: the new documents stand in the order in which they were stored (behaviour 29)."""
    source = """
    for (int i = 3; i >= 1; i--) {
        dataContext.storeStream(new ByteArrayInputStream(("d" + i).getBytes("UTF-8")), new Properties())
    }
    """
    made = run(source, b"x", properties={"P": "1"})
    assert [each.content for each in made] == [b"d3", b"d2", b"d1"]
    assert [each.properties for each in made] == [{}, {}, {}]


def test_a_stream_read_to_its_end_is_stored_empty() -> None:
    """A stream is read once: what was read is not stored again, as on the platform."""
    source = (
        "def is = dataContext.getStream(0)\ndef t = is.text\ndataContext.storeStream(is, dataContext.getProperties(0))"
    )
    assert run(source, b"abc")[0].content == b""


def test_process_properties_are_read_and_set() -> None:
    """ExecutionUtil reads and sets the dynamic process properties of the execution; an unknown one is null."""
    context = ScriptContext({"A": "1"}, {})
    source = """
    import com.boomi.execution.ExecutionUtil
    def a = ExecutionUtil.getDynamicProcessProperty("A") as Integer
    assert ExecutionUtil.getDynamicProcessProperty("NONE") == null
    ExecutionUtil.setDynamicProcessProperty("B", (a + 1).toString(), false)
    """
    run(source, context=context)
    assert context.process.changes == {"B": "2"}


def test_log_lines_come_with_their_level() -> None:
    """The base logger and println tell what they are given."""
    lines: list[tuple[str, str]] = []
    source = "ExecutionManager.getCurrent().getBaseLogger().severe('bad')\nprintln 1"
    script = compile_groovy(source.replace("Execution", "com.boomi.execution.Execution", 1), "s.groovy")
    script.run([], ScriptContext({}, {}), lambda level, text: lines.append((level, text)))
    assert lines == [("error", "bad"), ("info", "1")]


@pytest.mark.parametrize(
    ("source", "line", "name"),
    [
        ("def a = 1\n\nInteger.parseInt('x')", 3, "NumberFormatException"),
        ("def f() {\n  throw new Exception('mine')\n}\nf()", 2, "mine"),
        ("[1].each {\n  def x = it\n  null.trim()\n}", 3, "trim() on null"),
        ("def a = 1\nif (DPP_LIMIT > a) { a = 2 }", 2, "No such property: DPP_LIMIT"),
        ("def s = 'abc'\ns.substring(7)", 2, "String index out of range"),
    ],
)
def test_a_failure_names_the_line_of_the_script(source: str, line: int, name: str) -> None:
    """What fails is told with the file, the line in it and Java's words."""
    with pytest.raises(DocumentFault) as caught:
        run(source, b"")
    assert caught.value.message.startswith(f"s.groovy:{line}: ")
    assert name in caught.value.message


@pytest.mark.parametrize(
    ("source", "place", "construct"),
    [
        ("def a = 1\ntrait A { }", (2, 1), "trait"),
        ("def f = new File('/etc/passwd')", (1, 9), "class File"),
        ("'ls'.execute()", (1, 6), "method execute"),
        ("def x = 'a'\nx.getMetaClass()", (2, 3), "method getMetaClass"),
        ("def x = 'a'.metaClass", (1, 13), "property metaClass"),
        ("foo()", (1, 1), "method foo"),
        ("Eval.me('1')", (1, 1), "class Eval"),
        ("def s = '", (1, 9), "syntax"),
        ('def s = "${-> 1}"', (1, 12), "lazy gstring"),
        ("def l = []\nfor (i in 1..3) { def n = i\n l << { n }\n n = 2 }", (3, 7), "closure kept in a loop"),
        ("System.exit(1)", (1, 8), "System.exit"),
        ("'https://example.org'.toURL().text", (1, 23), "method toURL"),
    ],
)
def test_what_is_not_covered_is_refused_with_its_place(source: str, place: tuple[int, int], construct: str) -> None:
    """A construct that cannot be translated is a finding with line, column and the way out, before anything runs."""
    (finding,) = to_python(source, "s.groovy").findings
    assert (finding.line, finding.column, finding.construct) == (*place, construct)
    assert "scripts/" in finding.hint
    with pytest.raises(BundleError) as caught:
        compile_groovy(source, "s.groovy")
    assert caught.value.problems[0].place.line == place[0]


def test_everything_that_is_not_covered_is_told_at_once() -> None:
    """Findings are gathered over the whole script, in the order of its lines."""
    findings = to_python("foo()\ndef a = 1\nnew File('x')\na.bar()", "s.groovy").findings
    assert [finding.line for finding in findings] == [1, 3, 4]


def test_the_same_script_gives_the_same_python() -> None:
    """A translation depends on the source alone."""
    assert to_python(PASS_ON, "s.groovy") == to_python(PASS_ON, "s.groovy")


def test_a_script_keeps_nothing_between_its_runs() -> None:
    """Undeclared variables of one run are not seen by the next."""
    script = compile_groovy("x = dataContext.getDataCount()\ndef y = x", "s.groovy")
    assert script.evaluate({}, ScriptContext({}, {})) == {"x": 0}
    assert script.evaluate({"z": 1}, ScriptContext({}, {})) == {"x": 0, "z": 1}


def test_a_script_of_a_map_gets_its_inputs_and_leaves_its_outputs() -> None:
    """Inputs are variables; what the script assigns without declaring it are the outputs."""
    source = 'String a = (first ?: "").toLowerCase()\nmail = a + "@example.com"\nrate = 1.5 * 2'
    outputs = compile_groovy(source, "s.groovy").evaluate({"first": "Ann"}, ScriptContext({}, {}))
    assert outputs["mail"] == "ann@example.com"
    assert str(outputs["rate"]) == "3.0"
