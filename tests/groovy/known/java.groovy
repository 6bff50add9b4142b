//// an HMAC
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec
def mac = Mac.getInstance('HmacSHA256')
mac.init(new SecretKeySpec('key'.getBytes('UTF-8'), 'HmacSHA256'))
result = mac.doFinal('The quick brown fox jumps over the lazy dog'.getBytes('UTF-8')).encodeHex().toString()[0..15]
//// -> f7bc83f430538424
//// URLs
result = [URLEncoder.encode('a b&c=é', 'UTF-8'), URLDecoder.decode('a+b%26c', 'UTF-8')]
//// -> [a+b%26c%3D%C3%A9, a b&c]
//// a loop that reads bytes
def is = new ByteArrayInputStream('xyz'.bytes)
def s = ''
int c
while ((c = is.read()) != -1) { s += (char) c }
result = s
//// -> xyz
//// text of a stream
def is = new ByteArrayInputStream('é1'.getBytes('ISO-8859-1'))
result = [is.getText('ISO-8859-1'), new ByteArrayInputStream('ab'.bytes).text, new ByteArrayInputStream('a\nb'.bytes).readLines(), new StringReader('r').text]
//// -> [é1, ab, [a, b], r]
//// patterns and matchers
import java.util.regex.Pattern
def m = 'a1-b22' =~ /([a-z])(\d+)/
def o = []
while (m.find()) { o << m.group(1) + m.group(2) + '@' + m.start() }
def p = Pattern.compile('(?<k>\\w+)=(?<v>\\w+)')
def k = p.matcher('x=y')
result = [o, k.matches(), k.group('v'), ('a1' =~ /\d/)[0], ('k=v' =~ /(\w)=(\w)/)[0][1], ('aaa' =~ /a/).count, ('abc' =~ /z/).find(), Pattern.matches('\\d+', '12'), ('x1y2' =~ /\d/).collect { it }]
//// -> [[a1@0, b22@3], true, y, 1, k, 3, false, true, [1, 2]]
//// groups into variables
def (_, y, mo) = ('2024-05' =~ /(\d+)-(\d+)/)[0]
def all = []
('a=1;b=2' =~ /(\w)=(\d)/).each { whole, k, v -> all << k + v }
result = [y, mo, all, ('A-B' =~ /(\w)-(\w)/).replaceAll('$2$1'), 'x.y'.split(java.util.regex.Pattern.quote('.')).length]
//// -> [2024, 05, [a1, b2], BA, 2]
//// patterns without regard to case, over lines
import java.util.regex.*
def p = Pattern.compile('^b.*$', Pattern.CASE_INSENSITIVE | Pattern.MULTILINE)
result = [p.matcher('a\nBc').find(), 'ABC' ==~ /(?i)abc/, 'a\nb' ==~ /(?s)a.b/, ~/x/ instanceof Pattern, 'ab'.replaceAll(~/b/, 'c')]
//// -> [true, true, true, true, ac]
//// the exec of a process is refused
'ls'.execute()
//// refused
//// files are refused
new File('/etc/passwd').text
//// refused
//// reflection is refused
Class.forName('java.lang.Runtime')
//// refused
//// threads are refused
Thread.start { }
//// refused
//// the network is refused
new URL('http://example.com').text
//// refused
//// evaluating text is refused
Eval.me('1 + 1')
//// refused
//// a shell is refused
new GroovyShell().evaluate('1')
//// refused
//// grabbing libraries is refused
@Grab('a:b:1')
import a.b.C
result = 1
//// refused
//// Base64
result = ['hi'.bytes.encodeBase64().toString(), new String('aGk='.decodeBase64()), Base64.getEncoder().encodeToString('hi?>'.getBytes('UTF-8')), new String(Base64.decoder.decode('aGk=')), Base64.getUrlEncoder().withoutPadding().encodeToString('hi?>'.bytes)]
//// -> [aGk=, hi, aGk/Pg==, hi, aGk_Pg]
//// digests
import java.security.MessageDigest
def md = MessageDigest.getInstance('MD5')
md.update('abc'.getBytes('UTF-8'))
def hex = md.digest().encodeHex().toString()
def sha = MessageDigest.getInstance('SHA-256').digest('abc'.bytes).collect { String.format('%02x', it) }.join()
def big = new BigInteger(1, MessageDigest.getInstance('SHA-1').digest('abc'.bytes)).toString(16).padLeft(40, '0')
result = [hex, sha[0..7], big[0..7]]
//// -> [900150983cd24fb0d6963f7d28e17f72, ba7816bf, a9993e36]
//// UUID
def u = UUID.randomUUID()
result = [u.toString().length(), u.toString() ==~ /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, UUID.fromString('00000000-0000-0001-0000-000000000002').toString(), UUID.nameUUIDFromBytes('a'.bytes).toString()]
//// -> [36, true, 00000000-0000-0001-0000-000000000002, 0cc175b9-c0f1-36a8-b1c3-99e269772661]
//// readers and writers
def r = new BufferedReader(new InputStreamReader(new ByteArrayInputStream('a\nb\r\nc'.getBytes('UTF-8')), 'UTF-8'))
def line
def out = new StringBuilder()
while ((line = r.readLine()) != null) { out.append(line).append('|') }
r.close()
def w = new StringWriter()
w.write('x'); w << 'y'; w.append('z')
def p = new PrintWriter(w)
p.println('!'); p.print(1); p.flush()
result = out.toString() + w.toString()
//// -> a|b|c|xyz!
1
//// a byte stream
def b = new ByteArrayOutputStream()
b.write('ab'.bytes)
b.write(99)
b << 'd'
def is = new ByteArrayInputStream(b.toByteArray())
byte[] buf = new byte[3]
int n = is.read(buf)
int m = is.read(buf)
result = [b.size(), b.toString('UTF-8'), n, new String(buf, 0, n), m, is.read(buf)]
//// -> [4, abcd, 3, dbc, 1, -1]
//// a Scanner
def s = new Scanner('1 two\nline 2').useDelimiter('\\n')
def t = new Scanner('3 4')
result = [s.next(), s.hasNext(), s.next(), s.hasNext(), t.nextInt() + t.nextInt(), new Scanner(new ByteArrayInputStream('all\nof it'.bytes)).useDelimiter('\\A').next()]
//// -> [1 two, true, line 2, false, 7, all
of it]
//// withReader, eachLine, withWriter
def o = []
new ByteArrayInputStream('a\nb'.bytes).withReader('UTF-8') { r -> r.eachLine { o << it } }
new StringReader('c\nd').eachLine { l, n -> o << "$n$l" }
def w = new StringWriter()
w.withWriter { it.write 'z' }
result = o + w.toString()
//// -> [a, b, 1c, 2d, z]
//// Properties
def p = new Properties()
p.setProperty('a', '1')
p.put('b', '2')
p['c'] = '3'
p.load(new StringReader('d=4\n# no\ne: 5'))
result = [p.getProperty('a'), p.b, p.getProperty('z', 'none'), p.size(), p.containsKey('c'), p.propertyNames().toList().sort().join(), p.e, p.stringPropertyNames().size()]
//// -> [1, 2, none, 5, true, abcde, 5, 5]
//// Optional
def o = Optional.ofNullable(null)
result = [o.isPresent(), o.orElse('d'), Optional.of(5).get(), Optional.of(2).map { it * 3 }.orElse(0)]
//// -> [false, d, 5, 6]
//// StringTokenizer and Random with bounds
def t = new StringTokenizer('a b c')
def o = []
while (t.hasMoreTokens()) o << t.nextToken()
def r = new Random()
int n = r.nextInt(5)
result = o + (n >= 0 && n < 5)
//// -> [a, b, c, true]
//// System
result = [System.currentTimeMillis() > 1600000000000L, System.getProperty('line.separator') == '\n', System.lineSeparator(), System.getenv('NO_SUCH')].size()
//// -> 4
//// zipping bytes
import java.util.zip.*
def b = new ByteArrayOutputStream()
def g = new GZIPOutputStream(b)
g.write('hello'.bytes)
g.close()
result = new GZIPInputStream(new ByteArrayInputStream(b.toByteArray())).text
//// -> hello
//// entries of a zip
import java.util.zip.*
def b = new ByteArrayOutputStream()
def z = new ZipOutputStream(b)
z.putNextEntry(new ZipEntry('a.txt'))
z.write('one'.bytes)
z.closeEntry()
z.close()
def i = new ZipInputStream(new ByteArrayInputStream(b.toByteArray()))
def e = i.getNextEntry()
result = [e.name, i.text]
//// -> [a.txt, one]
//// AtomicInteger
import java.util.concurrent.atomic.AtomicInteger
def a = new AtomicInteger(1)
a.incrementAndGet()
result = [a.get(), a.getAndIncrement(), a.addAndGet(5)]
//// -> [2, 2, 8]
//// loggers and levels
import java.util.logging.*
Logger logger = Logger.getLogger('name')
logger.log(Level.WARNING, 'w')
logger.info('i')
result = logger != null
//// -> true
//// comparators
def l = [[n: 'b', a: 2], [n: 'a', a: 2], [n: 'c', a: 1]]
Comparator byA = Comparator.comparing { it.a }
l.sort(byA.thenComparing(Comparator.comparing { it.n }))
def m = [3, 1, 2]
Collections.sort(m, Collections.reverseOrder())
result = [l*.n, m, [2, 1].sort(Comparator.naturalOrder())]
//// -> [[c, a, b], [3, 2, 1], [1, 2]]
//// texts that replace are quoted
import java.util.regex.*
result = ['a.b'.replaceAll(Pattern.quote('.'), Matcher.quoteReplacement('$1')), Character.digit('f' as char, 16)]
//// -> [a$1b, 15]
//// a mark to which a reader goes back
def r = new BufferedReader(new StringReader('ab\ncd'))
r.mark(10)
def first = r.readLine()
r.reset()
result = [first, r.readLine(), r.readLine(), r.readLine()]
//// -> [ab, ab, cd, null]
