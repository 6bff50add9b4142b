//// optional typing and generics in methods
Map<String, List<Integer>> index(List<Map> rows) {
    Map<String, List<Integer>> out = new LinkedHashMap<>()
    for (Map row : rows) {
        String k = row.get("k")
        if (!out.containsKey(k)) { out.put(k, new ArrayList<Integer>()) }
        out.get(k).add((Integer) row.get("v"))
    }
    return out
}
result = index([[k: 'a', v: 1], [k: 'b', v: 2], [k: 'a', v: 3]])
//// -> [a:[1, 3], b:[2]]
//// an old style loop over an iterator of entries
Map m = ['x': 1, 'y': 2]
Iterator it2 = m.entrySet().iterator()
def s = ''
while (it2.hasNext()) {
    Map.Entry pair = (Map.Entry) it2.next()
    s += pair.getKey() + "=" + pair.getValue() + ";"
    if (pair.getValue() == 1) it2.remove()
}
result = s + m
//// -> x=1;y=2;[y:2]
//// iterator of a map removes
def m = [a: 1, b: 2, c: 3]
for (Iterator i = m.keySet().iterator(); i.hasNext();) { if (i.next() == 'b') i.remove() }
result = m
//// -> [a:1, c:3]
//// a matcher in a while with groups by name
import java.util.regex.Matcher
import java.util.regex.Pattern
Pattern p = Pattern.compile("(\\w+)=(\\d+)")
Matcher m = p.matcher("a=1, b=22")
def out = []
while (m.find()) { out.add(m.group(1) + ":" + Integer.parseInt(m.group(2)) + "@" + m.start(2) + "-" + m.end()) }
StringBuffer sb = new StringBuffer()
m.reset()
while (m.find()) { m.appendReplacement(sb, m.group(1).toUpperCase()) }
m.appendTail(sb)
result = [out, sb.toString(), m.groupCount()]
//// -> [[a:1@2-3, b:22@7-9], A, B, 2]
//// sorting by several keys with a comparator
def l = [[n: 'b', a: 2], [n: 'a', a: 2], [n: 'c', a: 1]]
Collections.sort(l, { x, y -> x.a <=> y.a ?: y.n <=> x.n } as Comparator)
result = l*.n.join()
//// -> cba
//// OrderBy and Comparator.comparing are not needed
def l = ['bb', 'a', 'ccc']
l.sort(new Comparator<String>() { int compare(String a, String b) { b.length() - a.length() } })
result = l
//// refused
//// nested closures with their own it
result = [[1, 2], [3, 4]].collect { row -> row.collect { it * row.size() } }
//// -> [[2, 4], [6, 8]]
//// a recursive flattening of a map to names with dots
def flat
flat = { Map m, String prefix = '' ->
    m.collectEntries { k, v -> v instanceof Map ? flat(v, prefix + k + '.') : [(prefix + k): v] }
}
result = flat([a: 1, b: [c: 2, d: [e: 3]]])
//// -> [a:1, b.c:2, b.d.e:3]
//// deep copies by JSON
import groovy.json.*
def a = [x: [1, [y: 2]]]
def b = new JsonSlurper().parseText(JsonOutput.toJson(a))
b.x[1].y = 9
result = [a, b]
//// -> [[x:[1, [y:2]]], [x:[1, [y:9]]]]
//// pad and format amounts
def amounts = [1, 22.5, 333.333]
result = amounts.collect { String.format('%010.2f', it as BigDecimal) } + [String.format('%+d|%x|%X|%o|%e|%s|%b|%c', 5, 255, 255, 8, 12345.678d, null, true, 'z' as char)]
//// -> [0000001.00, 0000022.50, 0000333.33, +5|ff|FF|10|1.234568e+04|null|true|z]
//// check digits by characters
String code = '7992739871'
int sum = 0
code.reverse().eachWithIndex { ch, i ->
    int d = Character.getNumericValue(ch as char)
    if (i % 2 == 0) { d *= 2; if (d > 9) d -= 9 }
    sum += d
}
result = (10 - sum % 10) % 10
//// -> 3
//// a state machine over characters
def parse(String line) {
    def cols = [], cur = new StringBuilder(), quoted = false
    for (int i = 0; i < line.length(); i++) {
        char c = line.charAt(i)
        if (c == '"') quoted = !quoted
        else if (c == ',' && !quoted) { cols << cur.toString(); cur = new StringBuilder() }
        else cur.append(c)
    }
    cols << cur.toString()
    cols
}
result = parse('a,"b,c",d')
//// -> [a, b,c, d]
//// numbers to words by maps and integer division
def n = 4321
def parts = []
while (n > 0) { parts << n % 10; n = n.intdiv(10) }
result = parts.reverse().join('-')
//// -> 4-3-2-1
//// null safe sums and averages
def rows = [[q: 1, p: 2.5], [q: null, p: 3.0], [p: 1.0]]
def total = rows.sum { (it.q ?: 0) * it.p }
def avg = rows ? (rows*.p.sum() / rows.size()).setScale(2, java.math.RoundingMode.HALF_UP) : 0
result = [total, avg]
//// -> [2.5, 2.17]
//// a try in a loop goes on
def ok = [], bad = []
['1', 'x', '3'].each { v ->
    try { ok << Integer.valueOf(v) } catch (NumberFormatException e) { bad << v; return } finally { ok << '.' }
}
result = [ok, bad]
//// -> [[1, ., ., 3, .], [x]]
//// return leaves the closure only
def f(l) { l.each { if (it == 2) return it }; 'end' }
result = [f([1, 2, 3]), [1, 2, 3].collect { if (it == 2) return 'two'; it }]
//// -> [end, [1, two, 3]]
//// find with break like leaving
def found = null
for (x in [1, 2, 3, 4]) { if (x % 2 == 0) { found = x; break } }
result = found
//// -> 2
//// texts over several lines keep their indent
def name = 'X'
def t = """\
    <a>
      ${name}
    </a>""".stripIndent()
result = t
//// -> <a>
  X
</a>
//// multiline by plus and backslash
def t = 'a' + 'b' \
    + 'c'
result = t
//// -> abc
//// ternaries in texts
def o = [status: 'A', items: [1]]
result = "${o.status == 'A' ? 'active' : 'closed'} with ${o.items.size()} item${o.items.size() == 1 ? '' : 's'}"
//// -> active with 1 item
//// equality of texts and numbers
result = ['1' == 1, 1 == 1.0, 'a' == 'a', null == null, null == 0, [] == null, 1L == 1, '1'.equals(1), 'a' != 'b', 1.0 as int == 1]
//// -> [false, true, true, true, false, false, true, false, true, true]
//// identity of values
def a = [1], b = a, c = [1]
result = [a.is(b), a.is(c), a == c]
//// -> [true, false, true]
//// numbers in maps from JSON are compared
import groovy.json.JsonSlurper
def j = new JsonSlurper().parseText('{"a":1,"b":1.0,"c":"1"}')
result = [j.a == j.b, j.a == 1, j.c == '1', j.c as int == j.a, j.a.toString() + j.b, j.b * 2, j.a / 2]
//// -> [true, true, true, true, 11.0, 2.0, 0.5]
//// bits of a checksum
int crc = 0
'abc'.bytes.each { b -> crc = ((crc << 5) ^ (crc >>> 27) ^ (b & 0xff)) & 0xffffffff }
result = [crc, Integer.toHexString(crc)]
//// -> [100387, 18823]
//// CRC32
import java.util.zip.CRC32
def c = new CRC32()
c.update('abc'.bytes)
result = [c.value, Long.toHexString(c.getValue())]
//// -> [891568578, 352441c2]
//// hex of bytes and back
byte[] b = [1, -1, 127] as byte[]
def hex = b.encodeHex().toString()
result = [hex, hex.decodeHex().toList(), b.length, b[1]]
//// -> [01ff7f, [1, -1, 127], 3, -1]
//// timeouts by System time are numbers
def t = System.currentTimeMillis()
def n = System.nanoTime()
result = [t instanceof Long, (System.currentTimeMillis() - t) < 60000, n > 0, new Date(t).time == t]
//// -> [true, true, true, true]
//// month names and quarter
import java.time.LocalDate
import java.time.format.TextStyle
def d = LocalDate.of(2024, 5, 6)
result = [d.month.toString(), d.getMonth().getValue(), (d.monthValue - 1).intdiv(3) + 1, d.plusDays(30).month]
//// -> [MAY, 5, 2, JUNE]
//// workdays between two dates
import java.time.*
def d = LocalDate.of(2024, 3, 1), end = LocalDate.of(2024, 3, 11)
int n = 0
while (d.isBefore(end)) {
    if (!(d.dayOfWeek in [DayOfWeek.SATURDAY, DayOfWeek.SUNDAY])) n++
    d = d.plusDays(1)
}
result = n
//// -> 6
//// epoch seconds to a text
import java.time.*
import java.time.format.DateTimeFormatter
result = [Instant.ofEpochSecond(1700000000L).atZone(ZoneId.of('UTC')).format(DateTimeFormatter.ISO_LOCAL_DATE_TIME), LocalDateTime.ofEpochSecond(1700000000L, 0, ZoneOffset.UTC).toString(), new Date(1700000000L * 1000).format("yyyy-MM-dd'T'HH:mm:ss'Z'", TimeZone.getTimeZone('UTC'))]
//// -> [2023-11-14T22:13:20, 2023-11-14T22:13:20, 2023-11-14T22:13:20Z]
//// Calendar goes to the beginning of the month
def c = Calendar.getInstance(TimeZone.getTimeZone('UTC'))
c.setTimeInMillis(1700000000000L)
c.set(Calendar.DAY_OF_MONTH, 1)
c.set(Calendar.HOUR_OF_DAY, 0)
c.set(Calendar.MINUTE, 0)
c.set(Calendar.SECOND, 0)
c.set(Calendar.MILLISECOND, 0)
c.add(Calendar.DATE, -1)
result = c.getTime().format('yyyy-MM-dd HH:mm:ss.SSS', TimeZone.getTimeZone('UTC'))
//// -> 2023-10-31 00:00:00.000
//// use of TimeCategory is refused
import groovy.time.TimeCategory
use(TimeCategory) { result = 1.day }
//// refused
//// a switch on the class of a value
def kind(o) {
    switch (o.getClass()) {
        case Integer: return 'i'
        case String: return 's'
        default: return o.getClass().getSimpleName()
    }
}
result = [kind(1), kind('a'), kind(1.5)]
//// -> [i, s, BigDecimal]
//// getter calls where properties are
def p = [name: 'n']
result = [p.get('name'), p.getAt('name'), 'abc'.getAt(1), [1, 2].getAt(-1), 'abc'.length(), 'abc'.size(), [1].isEmpty()]
//// -> [n, n, b, 2, 3, 3, false]
//// varied null checks
def n = null
def e = ''
result = [n?.length() ?: 0, e?.length() ?: -1, n == null || n.isEmpty(), e != null && e.isEmpty(), Objects.isNull(n), n ? 1 : 2, (n ?: 'x').size(), n instanceof Object]
//// -> [0, -1, true, true, true, 2, 1, false]
//// IOUtils of Commons
import org.apache.commons.io.IOUtils
def is = new ByteArrayInputStream('héllo'.getBytes('UTF-8'))
def text = IOUtils.toString(is, 'UTF-8')
def back = IOUtils.toInputStream(text, 'UTF-8')
result = [text, IOUtils.toByteArray(back).length]
//// -> [héllo, 6]
//// StringUtils of Commons
import org.apache.commons.lang3.StringUtils
result = [StringUtils.isBlank(' '), StringUtils.isEmpty(null), StringUtils.leftPad('7', 3, '0'), StringUtils.capitalize('ab'), StringUtils.join(['a', 'b'], '-'), StringUtils.isNumeric('12'), StringUtils.substringBefore('a=b', '='), StringUtils.substringAfter('a=b', '='), StringUtils.defaultString(null) + '|', StringUtils.isNotBlank('x'), StringUtils.trim(' x ')]
//// -> [true, true, 007, Ab, a-b, true, a, b, |, true, x]
