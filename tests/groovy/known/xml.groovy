//// StreamingMarkupBuilder with a declaration and namespaces
import groovy.xml.StreamingMarkupBuilder
result = new StreamingMarkupBuilder().bind {
    mkp.xmlDeclaration()
    mkp.declareNamespace('': 'urn:d', s: 'urn:s')
    's:a' { b('t') }
}.toString()
//// -> <?xml version='1.0'?>
<s:a xmlns='urn:d' xmlns:s='urn:s'><b>t</b></s:a>
//// XML to JSON
import groovy.json.JsonOutput
def x = new XmlSlurper().parseText('<os><o><id>1</id><n>A</n></o><o><id>2</id><n>B</n></o></os>')
result = JsonOutput.toJson(x.o.collect { o -> [id: o.id.toInteger(), name: o.n.text()] })
//// -> [{"id":1,"name":"A"},{"id":2,"name":"B"}]
//// every child of an element
def x = new XmlSlurper().parseText('<a><b>1</b><c>2</c></a>')
def m = [:]
x.children().each { m[it.name()] = it.text() }
result = m
//// -> [b:1, c:2]
//// XmlSlurper reads paths, attributes and lists
def x = new XmlSlurper().parseText('<o id="7"><l sku="A"><q>2</q></l><l sku="B"><q>3</q></l></o>')
result = [x.@id.text(), x.l.size(), x.l[1].@sku.text(), x.l.collect { it.q.text() as int }.sum(), x.l.find { it.@sku == 'B' }.q.text(), x.nothing.text(), x.nothing.size(), x.l*.q*.text(), x.name()]
//// -> [7, 2, B, 5, 3, , 0, [2, 3], o]
//// XmlSlurper searches in depth
def x = new XmlSlurper().parseText('<a><b><c n="1">x</c></b><c n="2">y</c></a>')
result = [x.'**'.findAll { it.name() == 'c' }*.text(), x.depthFirst().findAll { it.@n != '' }.size(), x.children().size(), x.'*'.size(), x.b.c.@n.toInteger(), x.breadthFirst().collect { it.name() }.join()]
//// -> [[x, y], 2, 2, 2, 1, abcc]
//// XmlSlurper with declared namespaces
def x = new XmlSlurper(false, true).parseText('<s:E xmlns:s="urn:s"><s:B>1</s:B><B>2</B></s:E>').declareNamespace(s: 'urn:s')
result = [x.'s:B'.text(), x.B.size(), x.name()]
//// -> [1, 2, E]
//// text of slurped nodes is all that is within
def x = new XmlSlurper().parseText('<a>1<b>2</b>3</a>')
result = [x.text(), x.b.text(), x.toString(), "$x.b", x.b.toBigDecimal() + 1, x.b == '2', x.b.isEmpty(), x.c.isEmpty(), x.b.parent().name()]
//// -> [123, 2, 123, 2, 3, true, false, true, a]
//// XmlParser gives nodes
def x = new XmlParser().parseText('<o id="7"><l sku="A">t</l><l sku="B"><q>3</q></l></o>')
result = [x.@id, x.attribute('id'), x.l.size(), x.l[0].text(), x.l[1].q[0].text(), x.l*.@sku, x.l.q.text(), x.children().size(), x.name(), x.'l'[0].@sku, x.attributes(), x.zzz.size(), x.@zzz]
//// -> [7, 7, 2, t, 3, [A, B], 3, 2, o, A, [id:7], 0, null]
//// XmlParser finds and changes
import groovy.xml.XmlUtil
def x = new XmlParser().parseText('<o><l s="A">1</l><l s="B">2</l></o>')
x.l.find { it.@s == 'B' }.value = 'two'
x.l[0].@s = 'Z'
x.appendNode('n', [k: 'v'], 'new')
x.remove(x.l[0])
result = XmlUtil.serialize(x)
//// -> <?xml version="1.0" encoding="UTF-8"?><o>
  <l s="B">two</l>
  <n k="v">new</n>
</o>

//// XmlParser in depth and in breadth
def x = new XmlParser().parseText('<a><b><c>1</c></b><c>2</c></a>')
result = [x.depthFirst().size(), x.'**'.c*.text(), x.breadthFirst()*.name().join(), x.b.c.text(), x.depthFirst().findAll { it.name() == 'c' }*.text()]
//// -> [4, [2, 1], abcc, 1, [1, 2]]
//// XmlNodePrinter
def x = new XmlParser().parseText('<a><b i="1">t</b><c/></a>')
def w = new StringWriter()
new XmlNodePrinter(new PrintWriter(w)).print(x)
result = w.toString()
//// -> <a>
  <b i="1">
    t
  </b>
  <c/>
</a>

//// MarkupBuilder
import groovy.xml.MarkupBuilder
def w = new StringWriter()
def m = new MarkupBuilder(w)
m.order(id: 7) {
    customer('Ann & Bob')
    lines {
        [[s: 'A', q: 1], [s: 'B', q: 2]].each { l ->
            line(sku: l.s) { qty(l.q) }
        }
    }
    empty()
    note(lang: 'en', 'x<y')
}
result = w.toString()
//// -> <order id='7'>
  <customer>Ann &amp; Bob</customer>
  <lines>
    <line sku='A'>
      <qty>1</qty>
    </line>
    <line sku='B'>
      <qty>2</qty>
    </line>
  </lines>
  <empty />
  <note lang='en'>x&lt;y</note>
</order>
//// MarkupBuilder with declaration, names and mkp
import groovy.xml.MarkupBuilder
def w = new StringWriter()
def m = new MarkupBuilder(w)
m.mkp.xmlDeclaration(version: '1.0', encoding: 'UTF-8')
m.'soap:Envelope'('xmlns:soap': 'urn:s') {
    'soap:Body' { a("it's") ; mkp.yieldUnescaped('<raw/>') ; mkp.yield('<') }
}
result = w.toString()
//// -> <?xml version='1.0' encoding='UTF-8'?>
<soap:Envelope xmlns:soap='urn:s'>
  <soap:Body>
    <a>it's</a><raw/>&lt;
  </soap:Body>
</soap:Envelope>
//// MarkupBuilder with double quotes
import groovy.xml.MarkupBuilder
def w = new StringWriter()
def m = new MarkupBuilder(w)
m.doubleQuotes = true
m.a(b: 'c') { d 1 }
result = w.toString()
//// -> <a b="c">
  <d>1</d>
</a>
//// StreamingMarkupBuilder
import groovy.xml.StreamingMarkupBuilder
def builder = new StreamingMarkupBuilder()
builder.encoding = 'UTF-8'
def x = builder.bind {
    a(id: 1) {
        b('x & y')
        [1, 2].each { n -> c(n) }
        d()
    }
}
result = x.toString()
//// -> <a id='1'><b>x &amp; y</b><c>1</c><c>2</c><d/></a>
//// XmlUtil serialises what was slurped
import groovy.xml.XmlUtil
def x = new XmlSlurper().parseText('<a><b i="1">t</b><c/></a>')
result = XmlUtil.serialize(x)
//// -> <?xml version="1.0" encoding="UTF-8"?><a>
  <b i="1">t</b>
  <c/>
</a>

//// XmlUtil serialises a text and escapes
import groovy.xml.XmlUtil
result = XmlUtil.serialize('<a><b>1</b></a>').readLines().size() + XmlUtil.escapeXml('<a b="c">&\'')
//// -> 3&lt;a b=&quot;c&quot;&gt;&amp;&apos;
//// slurped nodes are changed and written
import groovy.xml.XmlUtil
def x = new XmlSlurper().parseText('<a><b>1</b><c>2</c></a>')
x.b = 'new'
x.c.@k = 'v'
x.appendNode { d('3') }
result = XmlUtil.serialize(x)
//// -> <?xml version="1.0" encoding="UTF-8"?><a>
  <b>new</b>
  <c k="v">2</c>
  <d>3</d>
</a>

//// hostile XML is an error
def r = []
try { new XmlSlurper().parseText('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>') } catch (Exception e) { r << 'doctype' }
try { new XmlParser().parseText('<a><b></a>') } catch (org.xml.sax.SAXParseException e) { r << 'broken' }
result = r
//// -> [doctype, broken]
//// attributes named as words of the language
def x = new XmlSlurper().parseText('<a class="c" in="i"><b for="f"/></a>')
result = [x.@class.text(), x.@'in'.text(), x.b.@for == 'f']
//// -> [c, i, true]
