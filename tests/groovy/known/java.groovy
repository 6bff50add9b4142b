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
