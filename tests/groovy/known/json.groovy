//// reading and writing
import groovy.json.JsonSlurper
import groovy.json.JsonOutput
def j = new JsonSlurper().parseText('{"order":{"id":7,"lines":[{"sku":"A","price":1.50},{"sku":"B","price":2}],"open":true,"note":null}}')
j.order.total = j.order.lines.sum { it.price }
j.order.remove('note')
result = JsonOutput.toJson(j)
//// -> {"order":{"id":7,"lines":[{"sku":"A","price":1.50},{"sku":"B","price":2}],"open":true,"total":3.50}}
//// pretty
import groovy.json.*
result = JsonOutput.prettyPrint(JsonOutput.toJson([a: 1, b: [1, 2], c: [d: null]]))
//// -> {
    "a": 1,
    "b": [
        1,
        2
    ],
    "c": {
        "d": null
    }
}
//// what is written for each kind
import groovy.json.JsonOutput
result = JsonOutput.toJson([1, 1.50, 2.5d, 'a"b\\/\n', true, null, [x: 1], 'é', 'a' as char, "g${1}", 5L])
//// -> [1,1.50,2.5,"a\"b\\/\n",true,null,{"x":1},"\u00e9","a","g1",5]
//// toPrettyString
import groovy.json.JsonBuilder
result = new JsonBuilder([a: [1]]).toPrettyString()
//// -> {
    "a": [
        1
    ]
}
//// JSON that is none
import groovy.json.*
def r = []
try { new JsonSlurper().parseText('{"a":') } catch (JsonException e) { r << 'json' }
try { new JsonSlurper().parseText('') } catch (IllegalArgumentException e) { r << 'empty' }
result = r
//// -> [json, empty]
//// classes of what is read
import groovy.json.JsonSlurper
def j = new JsonSlurper().parseText('{"i":1,"d":1.5,"l":12345678901,"s":"x","b":true,"n":null,"a":[]}')
result = [j.i.class.simpleName, j.d.class.simpleName, j.l.class.simpleName, j.s.class.simpleName, j.b, j.n, j.a instanceof List, j instanceof Map]
//// -> [Integer, BigDecimal, Long, String, true, null, true, true]
//// walking unknown JSON
import groovy.json.JsonSlurper
def walk
walk = { node, path, out ->
    if (node instanceof Map) node.each { k, v -> walk(v, path ? "$path.$k" : k, out) }
    else if (node instanceof List) node.eachWithIndex { v, i -> walk(v, "$path[$i]", out) }
    else out[path.toString()] = node
}
def out = [:]
walk(new JsonSlurper().parseText('{"a":{"b":1},"c":[{"d":2},3]}'), '', out)
result = out
//// -> [a.b:1, c[0].d:2, c[1]:3]
//// reading from a stream
import groovy.json.JsonSlurper
def is = new ByteArrayInputStream('{"a":[1,2]}'.getBytes('UTF-8'))
def j = new JsonSlurper().parse(new InputStreamReader(is, 'UTF-8'))
result = j.a.sum()
//// -> 3
//// JSON to lines of CSV
import groovy.json.JsonSlurper
def rows = new JsonSlurper().parseText('[{"id":1,"name":"A, B"},{"id":2,"name":"C"}]')
def head = rows[0].keySet()
def csv = [head.join(',')] + rows.collect { r -> head.collect { h -> def v = r[h].toString(); v.contains(',') ? '"' + v + '"' : v }.join(',') }
result = csv.join('|')
//// -> id,name|1,"A, B"|2,C
//// CSV to JSON
import groovy.json.JsonOutput
def lines = 'id;name\n1;Ann\n2;Bob'.readLines()
def keys = lines[0].split(';')
def rows = lines.drop(1).collect { [keys, it.split(';').toList()].transpose().collectEntries { k, v -> [(k): v] } }
result = JsonOutput.toJson(rows)
//// -> [{"id":"1","name":"Ann"},{"id":"2","name":"Bob"}]
//// removing nulls everywhere
import groovy.json.*
def clean(o) {
    if (o instanceof Map) return o.findAll { k, v -> v != null }.collectEntries { k, v -> [k, clean(v)] }
    if (o instanceof List) return o.collect { clean(it) }
    return o
}
result = JsonOutput.toJson(clean(new JsonSlurper().parseText('{"a":null,"b":{"c":null,"d":1},"e":[{"f":null}]}')))
//// -> {"b":{"d":1},"e":[{}]}
//// dates in JSON
import groovy.json.JsonOutput
result = JsonOutput.toJson([d: new Date(0L), u: JsonOutput.toJson('x')])
//// -> {"d":"1970-01-01T00:00:00+0000","u":"\"x\""}
//// JsonBuilder with closures
import groovy.json.JsonBuilder
def b = new JsonBuilder()
b.order {
    id 1
    name 'x'
    customer { city 'Rome'; zip '00100' }
    tags 'a', 'b'
    lines([[sku: 'A'], [sku: 'B']]) { l -> sku l.sku; qty 2 }
}
result = b.toString()
//// -> {"order":{"id":1,"name":"x","customer":{"city":"Rome","zip":"00100"},"tags":["a","b"],"lines":[{"sku":"A","qty":2},{"sku":"B","qty":2}]}}
//// JsonBuilder of a map, a list and a root closure
import groovy.json.JsonBuilder
def a = new JsonBuilder([x: 1])
def l = new JsonBuilder([[n: 1], [n: 2]])
def c = new JsonBuilder()
c { status 'ok'; items 1, 2 }
def d = new JsonBuilder()
d([1, 2]) { n -> value n }
result = [a.toString(), l.toString(), c.toString(), d.toString(), a.content.x].join(' ')
//// -> {"x":1} [{"n":1},{"n":2}] {"status":"ok","items":[1,2]} [{"value":1},{"value":2}] 1
//// a StreamingJsonBuilder
import groovy.json.StreamingJsonBuilder
def w = new StringWriter()
def j = new StreamingJsonBuilder(w)
j.person { name 'Ann'; age 3 }
result = w.toString()
//// -> {"person":{"name":"Ann","age":3}}
