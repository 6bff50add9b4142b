from __future__ import annotations

import pytest
from msgspec import Struct

from runtime.errors import BundleError, DocumentFault
from runtime.groovy.ports import Kind
from runtime.javascript import compile_javascript
from runtime.javascript import script as border
from runtime.sdk.script import ScriptContext, ScriptDocument


class Port(Struct, frozen=True):
    """A variable that a script is given."""

    name: str
    kind: Kind
    text: str | None


def left(source: str, *ports: Port, lines: list[tuple[str, str]] | None = None) -> str | None:
    """Give what a script leaves in ``out``."""
    kept: list[tuple[str, str]] = [] if lines is None else lines
    context = ScriptContext({"P": "1"}, {"id": "ex-1", "process": "p"})
    script = compile_javascript(source, "f.js")
    return script.evaluate(ports, ["out"], context, lambda level, text: kept.append((level, text)))["out"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("out = 'a' + 1", "a1"),
        ("var out = 6 / 4", "1.5"),
        ("out = 10 / 2", "5"),
        ("out = 1e21", "1.0E21"),
        ("out = true", "true"),
        ("var other = 1", None),
        ("out = null", None),
        ("out = [1, 2]", "1,2"),
        ("out = JSON.stringify({ a: [1, null] })", '{"a":[1,null]}'),
        ("out = new java.math.BigDecimal('1.10').add(new java.math.BigDecimal('2.20')) + ''", "3.30"),
        ("var D = Java.type('java.text.SimpleDateFormat'); out = new D('yy').format(new java.util.Date(0))", "70"),
        ("var m = new java.util.HashMap(); m.put('a', 1); m.b = 2; out = m.get('a') + m.b + m.size()", "5"),
        ("var m = new java.util.LinkedHashMap(); m.put('x', 1); out = ''; for (var k in m) out += k + m[k]", "x1"),
        ("var l = java.util.Arrays.asList('x', 2); out = l[0] + l.get(1) + l.size() + l.length", "x222"),
        ("out = ''; var i = java.util.Arrays.asList(1, 2).iterator(); while (i.hasNext()) out += i.next()", "12"),
        ("out = 'aB'.equalsIgnoreCase('Ab') && 'ab'.contains('b') && !'x'.isEmpty() && 'x'.equals('x')", "true"),
        ("out = 'a1b2'.replaceAll('[0-9]', '#') + 'abc'.getBytes('UTF-8').length", "a#b#3"),
        ("out = new java.lang.String('xyz'.getBytes('UTF-8'), 'UTF-8')", "xyz"),
        ("out = java.lang.Integer.parseInt('7') + java.lang.Math.max(1, 2)", "9"),
        ("importClass(java.util.Properties); var p = new Properties(); p.put('a', 'b'); out = p.getProperty('a')", "b"),
        ("load('nashorn:mozilla_compat.js'); importPackage(java.util); out = '' + new ArrayList().size()", "0"),
        ("out = new java.util.Date(0) instanceof java.util.Date", "true"),
        ("try { java.lang.Integer.parseInt('x') } catch (e) { out = e.getMessage() }", 'For input string: "x"'),
        ("out = com.boomi.execution.ExecutionUtil.getDynamicProcessProperty('P')", "1"),
        ("out = java.util.Base64.getEncoder().encodeToString('hi'.getBytes('UTF-8'))", "aGk="),
        ("function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) } out = f(15)", "610"),
    ],
)  # fmt: skip
def test_a_script_gives_what_it_gives_on_the_platform(source: str, expected: str | None) -> None:
    """JavaScript with the classes of Java that scripts name; a whole number has no fraction."""
    assert left(source) == expected


@pytest.mark.parametrize(
    ("port", "source", "expected"),
    [
        (Port("a", "character", "x"), "out = a.toUpperCase()", "X"),
        (Port("a", "character", None), "out = typeof a + (a === '')", "stringtrue"),
        (Port("a", "integer", "41"), "out = a + 1", "42"),
        (Port("a", "float", "1.5"), "out = a * 2", "3"),
        (Port("a", "integer", None), "out = a === null", "true"),
        (Port("a", "datetime", "20240203 140506.007"), "out = a", "20240203 140506.007"),
        (Port("a", "datetime", "20240203 140506.007"), "out = new Date(a.getTime()).getMilliseconds()", "7"),
    ],
)
def test_inputs_have_the_kind_that_the_map_says(port: Port, source: str, expected: str) -> None:
    """A text is never null; numbers are numbers; a date is one of Java."""
    assert left(source, port) == expected


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("var a = 1;\n\nfoo.bar()", "f.js:3: ReferenceError: foo is not defined"),
        ("function g(a) {\n  var b = a.b;\n  return b.c\n}\ng({})", "f.js:3: TypeError"),
        ("throw new Error('mine')", "f.js:1: Error: mine"),
        ("throw 'plain'", "f.js: plain"),
        ("java.lang.Integer.parseInt('x')", "f.js:1: java.lang.NumberFormatException: For input"),
        ("function r() { return r() + 1 }\nr()", "f.js:1: RangeError: Maximum call stack size exceeded"),
    ],
)
def test_a_failure_names_its_line(source: str, told: str) -> None:
    """Also an exception of Java, and a recursion that does not end."""
    with pytest.raises(DocumentFault) as caught:
        left(source)
    assert (caught.value.code, caught.value.message[: len(told)]) == ("script.error", told)


@pytest.mark.parametrize(
    "source", ["var s = 'x'; while (true) s += s", "var a = []; while (true) a.push('x'.repeat(1e6) + a.length)"]
)
def test_memory_is_bounded(source: str) -> None:
    """A script that takes all that it can get ends alone."""
    with pytest.raises(DocumentFault) as caught:
        left(source)
    assert caught.value.code == "script.memory"


@pytest.mark.parametrize(
    ("source", "line", "column", "message"),
    [
        ("var a = 1;\nvar b = ;", 2, 9, "unexpected token"),
        ("for each (var x in [1]) {}", 1, 5, "Unexpected identifier"),
        ("var a;\n new com.acme.Thing()", 2, 6, "the class com.acme.Thing is not covered"),
        ("java.lang.System.exit(1)", 1, 1, "System.exit is not covered"),
        ("com.boomi.execution.ExecutionUtil.nothing()", 1, 1, "ExecutionUtil.nothing is not covered"),
        ("var F = Java.type('java.io.File')", 1, 9, "the class java.io.File is not covered"),
        ("with (new JavaImporter(java.util)) {}", 1, 11, "JavaImporter is not covered"),
    ],
)
def test_what_cannot_run_is_refused_with_its_place(source: str, line: int, column: int, message: str) -> None:
    """Text that is no JavaScript, and classes and static members that are not covered, before anything runs."""
    with pytest.raises(BundleError) as caught:
        compile_javascript(source, "f.js")
    problem = caught.value.problems[0]
    assert (problem.place.line, problem.place.column, message in problem.message) == (line, column, True)


@pytest.mark.parametrize("source", ["// new com.acme.A()", "out = 'com.acme.B'", "/* java.x.C */ var r = /java.y.D/"])
def test_classes_in_comments_and_texts_are_none(source: str) -> None:
    """Only code names classes."""
    compile_javascript(source, "f.js")


def test_without_the_engine_the_command_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is an extra: where it is missing, the bundle is refused."""
    monkeypatch.setattr(border, "is_installed", lambda: False)
    with pytest.raises(BundleError) as caught:
        compile_javascript("out = 1", "f.js")
    assert "pip install 'nuclide[javascript]'" in str(caught.value)


def test_documents_are_read_and_stored() -> None:
    """The script runs once for the batch; what it stores goes on, with the properties that it set."""
    source = """
    importClass(com.boomi.execution.ExecutionUtil);
    for (var i = 0; i < dataContext.getDataCount(); i++) {
        var props = dataContext.getProperties(i);
        var scanner = new java.util.Scanner(dataContext.getStream(i)).useDelimiter('\\\\A');
        var text = scanner.hasNext() ? scanner.next() : '';
        props.setProperty('document.dynamic.userdefined.LEN', '' + text.length);
        ExecutionUtil.getBaseLogger().info('got ' + text);
        dataContext.storeStream(new java.io.ByteArrayInputStream(text.toUpperCase().getBytes('UTF-8')), props);
    }
    ExecutionUtil.setDynamicProcessProperty('N', '' + dataContext.getDataCount(), false);
    """
    context = ScriptContext({}, {})
    lines: list[tuple[str, str]] = []
    documents = [ScriptDocument(b"ab"), ScriptDocument("é".encode())]
    made = compile_javascript(source, "s.js").run(documents, context, lambda level, text: lines.append((level, text)))
    assert [(one.content.decode(), one.properties) for one in made] == [("AB", {"LEN": "2"}), ("É", {"LEN": "1"})]
    assert (lines[0], context.process.changes) == (("info", "got ab"), {"N": "2"})


def test_scripts_keep_nothing_between_their_runs() -> None:
    """Each run has a world of its own, and reaches nothing of Python."""
    script = compile_javascript("out = typeof kept; kept = 1; out += typeof __host + typeof require", "f.js")
    for _ in range(2):
        made = script.evaluate([], ["out"], ScriptContext({}, {}), lambda *_: None)
        assert made == {"out": "undefinedundefinedundefined"}


def test_what_is_printed_is_logged() -> None:
    """``print`` writes a line of the process log."""
    lines: list[tuple[str, str]] = []
    left("print('a', 1); out = 1", lines=lines)
    assert lines == [("info", "a 1")]
