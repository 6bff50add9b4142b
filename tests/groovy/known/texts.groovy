//// a text and a number
result = 'a' + 1 + 2.50
//// -> a12.50
//// numbers before a text are added first
result = 1 + 2 + 'a'
//// -> 3a
//// null in a text
def n = null
result = "x${n}y" + n
//// -> xnullynull
//// a list and a map in a text
result = "${[1, 'a', null]} ${[k: 'v', n: [1, 2]]} ${[:]}"
//// -> [1, a, null] [k:v, n:[1, 2]] [:]
//// a map by its own toString
result = [k: 'v', n: [x: 1]].toString()
//// -> {k=v, n={x=1}}
//// split keeps empty texts in the middle and drops them at the end
result = 'a,,b,,'.split(',').toList() + ['a|b'.split('\\|').length, ''.split(',').length]
//// -> [a, , b, 2, 1]
//// split with a limit
result = ['a,b,,'.split(',', -1).size(), 'a,b,c'.split(',', 2)[1]]
//// -> [4, b,c]
//// tokenize drops empty texts
result = 'a,,b; c'.tokenize(',; ')
//// -> [a, b, c]
//// padding and cutting
result = ['7'.padLeft(3, '0'), 'ab'.padRight(4) + '|', 'ab'.center(6, '*'), 'abcdef'[1..3], 'abcdef'[-2..-1], 'abc'[0]]
//// -> [007, ab  |, **ab**, bcd, ef, a]
//// substring and its bounds
def r = []
r << 'hello'.substring(1, 3)
try { 'abc'.substring(5) } catch (StringIndexOutOfBoundsException e) { r << 'out' }
result = r
//// -> [el, out]
//// case and first letters
result = ['Abc'.toUpperCase(), 'ABC'.toLowerCase(), 'abc'.capitalize(), 'ABC'.uncapitalize()].join('/')
//// -> ABC/abc/Abc/aBC
//// looking for parts
def s = 'hello world'
result = [s.indexOf('o'), s.indexOf('o', 5), s.lastIndexOf('o'), s.indexOf('z'), s.contains('wor'), s.startsWith('he'), s.endsWith('x')]
//// -> [4, 7, 7, -1, true, true, false]
//// replace takes texts, replaceAll patterns
result = ['a.b.c'.replace('.', '-'), 'a.b.c'.replaceAll('.', '-'), 'a1b22'.replaceAll(/\d+/, '#'), 'aab'.replaceFirst('a', 'x')]
//// -> [a-b-c, -----, a#b#, xab]
//// groups in what replaces
result = 'John Smith'.replaceAll(/(\w+) (\w+)/, '$2, $1')
//// -> Smith, John
//// a closure that replaces
result = 'a1b2'.replaceAll(/\d/) { (it.toInteger() * 2).toString() } + '|' + 'k=v'.replaceAll(/(\w)=(\w)/) { all, k, v -> "$v=$k" }
//// -> a2b4|v=k
//// taking and dropping
result = ['hello'.take(2), 'hello'.drop(3), 'abc'.reverse(), 'a'.multiply(3), 'abc' - 'b', 'x' * 0 + '.']
//// -> [he, lo, cba, aaa, ac, .]
//// comparing texts
result = ['a'.compareTo('b'), 'b' <=> 'a', 'A'.equalsIgnoreCase('a'), 'a' == "${'a'}", 'abc' > 'abb', 'A'.compareToIgnoreCase('b')]
//// -> [-1, 1, true, true, true, -1]
//// is it a number
result = ['12'.isInteger(), '1.5'.isNumber(), 'x'.isNumber(), '12'.isLong(), ' 12 '.isInteger(), '1.5'.isBigDecimal()]
//// -> [true, true, false, true, true, true]
//// reading numbers
result = ['12'.toInteger() + 1, '1.50'.toBigDecimal() + 1, '3' as int, '2.5'.toDouble() * 2, Integer.parseInt('7') + Long.parseLong('8')]
//// -> [13, 2.50, 3, 5.0, 15]
//// texts over many lines
def t = '''\
a
  b
c'''
result = [t.readLines().size(), t.split('\n')[1].trim(), """${1}
2""".readLines().join('+')]
//// -> [3, b, 1+2]
//// stripIndent and stripMargin
result = '''  a
    b'''.stripIndent() + '|' + '''|x
  |y'''.stripMargin()
//// -> a
  b|x
y
//// letters of a text
def out = []
for (c in 'abc') out << c
'xy'.each { out << it }
'zw'.eachWithIndex { c, i -> out << c + i }
'q'.toCharArray().each { out << it }
result = out.join()
//// -> abcxyz0w1q
//// characters are numbers
char c = 'a'
result = [c + 1, (char) (c + 1), (int) c, 'b' as char, ('a'..'e').join(''), 'abc'.chars.length, 'A'.charAt(0) == 'A']
//// -> [98, b, 97, b, abcde, 3, true]
//// formats
result = [String.format('%s-%05d-%.2f-%x', 'a', 42, 3.14159, 255), sprintf('%3s|%-3s|', 'a', 'b'), '%d%%'.replace('%d', '5'), String.format('%,d', 1234567)]
//// -> [a-00042-3.14-ff,   a|b  |, 5%%, 1,234,567]
//// String.join and valueOf
result = [String.join('-', ['a', 'b']), String.join('+', 'x', 'y'), String.valueOf(12), String.valueOf(true)]
//// -> [a-b, x+y, 12, true]
//// empty and blank
result = [''.isEmpty(), ' '.isEmpty(), ' '.trim().isEmpty(), !'', !' ', ''?.trim() ?: 'none', ' x '.trim().size()]
//// -> [true, false, true, true, false, none, 1]
//// slashy and dollar texts
def name = 'n'
result = [/a\d$name/, $/c:\x $name/$, /a\/b/].join(' ')
//// -> a\dn c:\x n a/b
//// escapes
result = 'a\tb\\c\u0041\'' + "\"\$x" + 'é'.length()
//// -> a	b\cA'"$x1
//// a text with a computed member
def p = [name: 'Ann', address: [city: 'Rome']]
result = "$p.name lives in $p.address.city, ${p.name.size()}"
//// -> Ann lives in Rome, 3
//// a StringBuilder changes
def sb = new StringBuilder('abc')
sb.append(1).append('x').insert(0, '>')
sb.setLength(sb.length() - 1)
sb.deleteCharAt(1).reverse()
sb << '!' << 2
result = [sb.toString(), sb.length(), sb.indexOf('b'), sb.charAt(0)]
//// -> [1cb>!2, 6, 2, 1]
//// a StringBuilder grown by +=
def sb = new StringBuilder()
def s = ''
3.times { sb.append(it); s += it }
result = s == sb.toString() ? s : 'no'
//// -> 012
//// eachLine with numbers
def out = []
'a\nb'.eachLine { line, i -> out << "$i$line" }
'c\nd'.eachLine { out << it }
result = out
//// -> [0a, 1b, c, d]
//// findAll and find by pattern
result = ['a1b22'.findAll(/\d+/), 'a1b22'.find(/\d\d/), 'xyz'.find(/\d/), 'a1b2'.findAll(/(\w)(\d)/) { all, l, d -> d + l }]
//// -> [[1, 22], 22, null, [1a, 2b]]
//// iterating a split
def total = 0
'1,2,3'.split(',').each { total += it as int }
for (String part : '4;5'.split(';')) total += part.toInteger()
result = total
//// -> 15
//// trimming is not normalising
result = [' a  b '.trim(), ' a  b '.replaceAll(/\s+/, ' ').trim(), 'a\r\nb'.normalize(), 'x\u00a0'.trim().size()]
//// -> [a  b, a b, a
b, 2]
//// digits and letters by class
result = ['a1 '.collect { Character.isDigit(it as char) ? 'd' : Character.isLetter(it as char) ? 'l' : '-' }.join(), Character.getNumericValue('7' as char), Character.toUpperCase('x' as char)]
//// -> [ld-, 7, X]
//// a text plus equals in a closure
def csv = ''
[[1, 2], [3, 4]].each { row -> csv += row.join(',') + '\n' }
result = csv
//// -> 1,2
3,4

//// hash codes are Java's
result = ['abc'.hashCode(), ''.hashCode(), 'polygenelubricants'.hashCode()]
//// -> [96354, 0, -2147483648]
//// repeat by a closure
result = (1..3).collect { 'x' * it }.join('.')
//// -> x.xx.xxx
//// matches tells the whole text
result = ['abc'.matches('[a-c]+'), 'abcd'.matches('[a-c]+'), 'abc' ==~ /b/, ('abc' =~ /b/) ? 'found' : 'none']
//// -> [true, false, false, found]
//// columns of a fixed width
def line = '0001Ann       2024'
result = [line[0..3].toInteger(), line[4..13].trim(), line.substring(14)]
//// -> [1, Ann, 2024]
//// counting and membership
result = ['banana'.count('a'), 'a' in ['a', 'b'], 'banana'.toSet().size(), 'banana'.toList().unique().join()]
//// -> [3, true, 3, ban]
//// transliteration
result = 'hello'.tr('el', 'ip') + 'abc'.tr('a-c', 'A-C')
//// -> hippoABC
//// bytes
def b = 'aé'.getBytes('UTF-8')
result = [b.length, b[0], b[1], new String(b, 'UTF-8'), 'a'.bytes.size(), new String('xyz'.bytes, 1, 2)]
//// -> [3, 97, -61, aé, 1, yz]
