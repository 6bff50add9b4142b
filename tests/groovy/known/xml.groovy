//// StreamingMarkupBuilder with a declaration and namespaces
import groovy.xml.StreamingMarkupBuilder
result = new StreamingMarkupBuilder().bind {
    mkp.xmlDeclaration()
    mkp.declareNamespace('': 'urn:d', s: 'urn:s')
    's:a' { b('t') }
}.toString()
//// refused
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
