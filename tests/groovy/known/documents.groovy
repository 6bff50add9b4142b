//// every document goes on
// documents: ["a", "b"]
import java.util.Properties;
import java.io.InputStream;
import com.boomi.execution.ExecutionUtil;

for (int i = 0; i < dataContext.getDataCount(); i++) {
    InputStream is = dataContext.getStream(i);
    Properties props = dataContext.getProperties(i);
    dataContext.storeStream(is, props);
}
//// -> a [P:1]
b [P:1]
//// lines are numbered by a reader
// documents: ["x\ny", "z"]
import com.boomi.execution.ExecutionUtil
def logger = ExecutionUtil.getBaseLogger()
for (int i = 0; i < dataContext.getDataCount(); i++) {
    InputStream is = dataContext.getStream(i)
    Properties props = dataContext.getProperties(i)
    BufferedReader reader = new BufferedReader(new InputStreamReader(is))
    StringBuffer out = new StringBuffer()
    String line
    int n = 0
    while ((line = reader.readLine()) != null) {
        n++
        out.append(String.format("%03d", n)).append(";").append(line).append("\n")
    }
    logger.info("lines: " + n)
    props.setProperty("document.dynamic.userdefined.LINES", n.toString())
    dataContext.storeStream(new ByteArrayInputStream(out.toString().getBytes("UTF-8")), props)
}
//// -> 001;x
002;y
 [LINES:2, P:1]
001;z
 [LINES:1, P:1]
//// all documents become one
// documents: ["a", "b", "c"]
def all = []
def props
for (i in 0..<dataContext.getDataCount()) {
    all << dataContext.getStream(i).text
    props = dataContext.getProperties(i)
}
def merged = all.join(',')
dataContext.storeStream(new ByteArrayInputStream(merged.getBytes('UTF-8')), props)
//// -> a,b,c [P:1]
//// one document becomes many
// documents: ["{\"orders\":[{\"id\":1,\"v\":2.50},{\"id\":2,\"v\":1}]}"]
import groovy.json.JsonSlurper
import groovy.json.JsonOutput
for (int i = 0; i < dataContext.getDataCount(); i++) {
    def json = new JsonSlurper().parse(dataContext.getStream(i))
    json.orders.each { order ->
        Properties props = dataContext.getProperties(i).clone()
        props.setProperty('document.dynamic.userdefined.ID', "${order.id}")
        dataContext.storeStream(new ByteArrayInputStream(JsonOutput.toJson(order).bytes), props)
    }
}
//// -> {"id":1,"v":2.50} [ID:1, P:1]
{"id":2,"v":1} [ID:2, P:1]
//// process properties are read and set
// documents: ["x"]
import com.boomi.execution.ExecutionUtil
String run = ExecutionUtil.getDynamicProcessProperty("RUN") ?: "0"
ExecutionUtil.setDynamicProcessProperty("RUN", (run.toInteger() + 1).toString(), false)
def missing = ExecutionUtil.getDynamicProcessProperty("NONE")
for (int i = 0; i < dataContext.getDataCount(); i++) {
    def text = dataContext.getStream(i).getText("UTF-8") + ExecutionUtil.getDynamicProcessProperty("RUN") + missing
    dataContext.storeStream(new ByteArrayInputStream(text.getBytes()), dataContext.getProperties(i))
}
//// -> x1null [P:1]
//// empty documents are left out
// documents: ["a", "", "  ", "b"]
int kept = 0
for (int i = 0; i < dataContext.getDataCount(); i++) {
    InputStream is = dataContext.getStream(i)
    Properties props = dataContext.getProperties(i)
    String s = is.getText()
    if (!s?.trim()) continue
    kept++
    is.reset()
    dataContext.storeStream(is, props)
}
//// -> a [P:1]
b [P:1]
//// duplicates are left out by a key
// documents: ["1;a", "2;b", "1;c"]
def seen = new HashSet<String>()
for (int i = 0; i < dataContext.getDataCount(); i++) {
    String text = dataContext.getStream(i).text
    String key = text.split(';')[0]
    if (seen.add(key)) {
        dataContext.storeStream(new ByteArrayInputStream(text.getBytes('UTF-8')), dataContext.getProperties(i))
    }
}
//// -> 1;a [P:1]
2;b [P:1]
//// documents are sorted by content
// documents: ["b", "c", "a"]
def docs = []
for (int i = 0; i < dataContext.getDataCount(); i++) {
    docs << [text: dataContext.getStream(i).text, props: dataContext.getProperties(i)]
}
docs.sort { it.text }.each { d ->
    dataContext.storeStream(new ByteArrayInputStream(d.text.getBytes('UTF-8')), d.props)
}
//// -> a [P:1]
b [P:1]
c [P:1]
//// names of properties are gone through
// documents: ["x"]
for (int i = 0; i < dataContext.getDataCount(); i++) {
    Properties props = dataContext.getProperties(i)
    Enumeration e = props.propertyNames()
    def names = []
    while (e.hasMoreElements()) {
        String name = (String) e.nextElement()
        if (name.startsWith('document.dynamic.userdefined.')) names << name - 'document.dynamic.userdefined.' + '=' + props.getProperty(name)
    }
    dataContext.storeStream(new ByteArrayInputStream(names.join('&').getBytes('UTF-8')), props)
}
//// -> P=1 [P:1]
//// an XML document is changed and written
// documents: ["<o><l><q>1</q></l><l><q>2</q></l></o>"]
import groovy.xml.XmlUtil
for (int i = 0; i < dataContext.getDataCount(); i++) {
    def xml = new XmlParser().parse(dataContext.getStream(i))
    xml.l.each { it.appendNode('double', (it.q.text().toInteger() * 2).toString()) }
    def out = XmlUtil.serialize(xml)
    dataContext.storeStream(new ByteArrayInputStream(out.getBytes('UTF-8')), dataContext.getProperties(i))
}
//// -> <?xml version="1.0" encoding="UTF-8"?><o>
  <l>
    <q>1</q>
    <double>2</double>
  </l>
  <l>
    <q>2</q>
    <double>4</double>
  </l>
</o>
 [P:1]
//// CSV to XML by a builder
// documents: ["id,name\n1,Ann & Co\n2,Bob"]
import groovy.xml.MarkupBuilder
for (int i = 0; i < dataContext.getDataCount(); i++) {
    def lines = dataContext.getStream(i).text.readLines()
    def header = lines.remove(0).split(',')
    def writer = new StringWriter()
    def builder = new MarkupBuilder(writer)
    builder.rows {
        lines.each { l ->
            def cols = l.split(',')
            row {
                header.eachWithIndex { h, n -> "$h"(cols[n]) }
            }
        }
    }
    dataContext.storeStream(new ByteArrayInputStream(writer.toString().getBytes('UTF-8')), dataContext.getProperties(i))
}
//// -> <rows>
  <row>
    <id>1</id>
    <name>Ann &amp; Co</name>
  </row>
  <row>
    <id>2</id>
    <name>Bob</name>
  </row>
</rows> [P:1]
//// Base64 in and out
// documents: ["aGVsbG8="]
for (int i = 0; i < dataContext.getDataCount(); i++) {
    byte[] decoded = dataContext.getStream(i).text.trim().decodeBase64()
    Properties props = dataContext.getProperties(i)
    props.setProperty('document.dynamic.userdefined.SIZE', String.valueOf(decoded.length))
    dataContext.storeStream(new ByteArrayInputStream(decoded), props)
}
//// -> hello [P:1, SIZE:5]
//// a digest of each document
// documents: ["abc"]
import java.security.MessageDigest
for (int i = 0; i < dataContext.getDataCount(); i++) {
    byte[] data = dataContext.getStream(i).bytes
    MessageDigest md = MessageDigest.getInstance("SHA-256")
    byte[] hash = md.digest(data)
    StringBuilder hex = new StringBuilder()
    for (byte b : hash) { hex.append(String.format("%02x", b)) }
    StringBuilder other = new StringBuilder()
    for (int n = 0; n < hash.length; n++) { other.append(Integer.toString((hash[n] & 0xff) + 0x100, 16).substring(1)) }
    assert hex.toString() == other.toString()
    dataContext.storeStream(new ByteArrayInputStream(hex.toString().substring(0, 8).getBytes("UTF-8")), dataContext.getProperties(i))
}
//// -> ba7816bf [P:1]
//// fixed width to JSON
// documents: ["0001Ann  0012.50\n0002Bob  0003.00"]
import groovy.json.JsonBuilder
for (int i = 0; i < dataContext.getDataCount(); i++) {
    def rows = dataContext.getStream(i).readLines().collect { line ->
        [id: line.substring(0, 4) as Integer, name: line[4..8].trim(), amount: new BigDecimal(line[9..-1])]
    }
    def builder = new JsonBuilder([rows: rows, total: rows.sum { it.amount }])
    dataContext.storeStream(new ByteArrayInputStream(builder.toString().getBytes('UTF-8')), dataContext.getProperties(i))
}
//// -> {"rows":[{"id":1,"name":"Ann","amount":12.50},{"id":2,"name":"Bob","amount":3.00}],"total":15.50} [P:1]
//// a document that cannot be read is told
// documents: ["{bad"]
import groovy.json.JsonSlurper
for (int i = 0; i < dataContext.getDataCount(); i++) {
    Properties props = dataContext.getProperties(i)
    def out
    try {
        out = new JsonSlurper().parseText(dataContext.getStream(i).text).toString()
    } catch (Exception e) {
        props.setProperty('document.dynamic.userdefined.ERR', e.getClass().getSimpleName())
        out = 'error'
    }
    dataContext.storeStream(new ByteArrayInputStream(out.getBytes('UTF-8')), props)
}
//// -> error [ERR:JsonException, P:1]
//// batches of a size
// documents: ["1", "2", "3", "4", "5"]
int size = 2
def buffer = []
def flush = { ->
    if (buffer) {
        def text = buffer.collect { it.text }.join('|')
        dataContext.storeStream(new ByteArrayInputStream(text.getBytes('UTF-8')), buffer[0].props)
        buffer.clear()
    }
}
for (int i = 0; i < dataContext.getDataCount(); i++) {
    buffer << [text: dataContext.getStream(i).text, props: dataContext.getProperties(i)]
    if (buffer.size() == size) flush()
}
flush()
//// -> 1|2 [P:1]
3|4 [P:1]
5 [P:1]
//// grouping lines by a column
// documents: ["k1,1\nk2,2\nk1,3"]
for (int i = 0; i < dataContext.getDataCount(); i++) {
    def props = dataContext.getProperties(i)
    def groups = [:].withDefault { [] }
    dataContext.getStream(i).eachLine { line ->
        def (key, value) = line.tokenize(',')
        groups[key] << (value as int)
    }
    groups.each { key, values ->
        def p = new Properties()
        p.putAll(props)
        p.put('document.dynamic.userdefined.KEY', key)
        dataContext.storeStream(new ByteArrayInputStream("$key=${values.sum()}".toString().getBytes('UTF-8')), p)
    }
}
//// -> k1=4 [KEY:k1, P:1]
k2=2 [KEY:k2, P:1]
//// gzip and Base64 together
// documents: ["payload"]
import java.util.zip.GZIPOutputStream
import java.util.zip.GZIPInputStream
for (int i = 0; i < dataContext.getDataCount(); i++) {
    def out = new ByteArrayOutputStream()
    new GZIPOutputStream(out).withStream { g -> g.write(dataContext.getStream(i).bytes) }
    def encoded = out.toByteArray().encodeBase64().toString()
    def back = new GZIPInputStream(new ByteArrayInputStream(encoded.decodeBase64())).text
    dataContext.storeStream(new ByteArrayInputStream(back.bytes), dataContext.getProperties(i))
}
//// -> payload [P:1]
//// a text is masked by patterns
// documents: ["card 4111111111111111 mail a.b@c.de"]
for (int i = 0; i < dataContext.getDataCount(); i++) {
    def text = dataContext.getStream(i).text
        .replaceAll(/\b(\d{4})\d{8}(\d{4})\b/, '$1********$2')
        .replaceAll(/([\w.]+)@([\w.]+)/) { all, user, host -> user[0] + '***@' + host }
    dataContext.storeStream(new ByteArrayInputStream(text.getBytes('UTF-8')), dataContext.getProperties(i))
}
//// -> card 4111********1111 mail a***@c.de [P:1]
//// dates are moved from one zone to another
// documents: ["2024-01-15T10:30:00Z", "2024-07-15T10:30:00Z"]
import java.time.*
import java.time.format.DateTimeFormatter
def out = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm")
for (int i = 0; i < dataContext.getDataCount(); i++) {
    def t = ZonedDateTime.parse(dataContext.getStream(i).text.trim()).withZoneSameInstant(ZoneId.of("Europe/Berlin"))
    dataContext.storeStream(new ByteArrayInputStream(t.format(out).getBytes('UTF-8')), dataContext.getProperties(i))
}
//// -> 2024-01-15 11:30 [P:1]
2024-07-15 12:30 [P:1]
//// the execution is asked who it is
// documents: ["x"]
import com.boomi.execution.ExecutionManager
import com.boomi.execution.ExecutionUtil
def current = ExecutionManager.getCurrent()
def log = current.getBaseLogger()
log.warning('careful')
for (int i = 0; i < dataContext.getDataCount(); i++) {
    def text = [current.getProcessName(), ExecutionUtil.getRuntimeExecutionProperty('PROCESS_NAME')].join('/')
    dataContext.storeStream(new ByteArrayInputStream(text.getBytes('UTF-8')), dataContext.getProperties(i))
}
//// -> p/p [P:1]
//// try with finally closes the reader
// documents: ["l1\nl2"]
for (int i = 0; i < dataContext.getDataCount(); i++) {
    def reader = new BufferedReader(new InputStreamReader(dataContext.getStream(i), "UTF-8"))
    def writer = new StringWriter()
    try {
        String line = null
        boolean first = true
        while ((line = reader.readLine()) != null) {
            if (!first) writer.write(System.lineSeparator())
            writer.write(line.reverse())
            first = false
        }
    } finally {
        reader.close()
        writer.close()
    }
    dataContext.storeStream(new ByteArrayInputStream(writer.toString().getBytes("UTF-8")), dataContext.getProperties(i))
}
//// -> 1l
2l [P:1]
//// a helper class does the work
// documents: ["3;4"]
class Basket {
    private List<BigDecimal> prices = []
    void add(String price) { prices.add(new BigDecimal(price)) }
    BigDecimal getTotal() { prices.inject(0.0) { a, b -> a + b } }
}
for (int i = 0; i < dataContext.getDataCount(); i++) {
    def basket = new Basket()
    dataContext.getStream(i).text.split(';').each { basket.add(it) }
    dataContext.storeStream(new ByteArrayInputStream("${basket.total}".getBytes('UTF-8')), dataContext.getProperties(i))
}
//// -> 7.0 [P:1]
