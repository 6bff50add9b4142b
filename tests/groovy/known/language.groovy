//// truth
result = [0, 1, '', ' ', [], [0], [:], [a: 1], null, 0.0, 'false'].collect { it ? 1 : 0 }.join()
//// -> 01010101001
//// elvis, ternary and safe navigation
def n = null
def m = [a: null]
result = [n ?: 'd', n?.size(), n?.a?.b, m.a ?: 1, m?.a?.x ?: 'y', '' ?: 'e', 0 ?: 5, n == null ? 'n' : 'v']
//// -> [d, null, null, 1, y, e, 5, n]
//// switch over many kinds
def kind = { v ->
    switch (v) {
        case null: return 'null'
        case 1: return 'one'
        case 2..5: return 'range'
        case [6, 7]: return 'list'
        case 'a': case 'b': return 'letter'
        case ~/x.*/: return 'pattern'
        case String: return 'text'
        case Number: return 'number'
        case { it instanceof List && it.size() > 1 }: return 'closure'
        default: return 'other'
    }
}
result = [null, 1, 3, 7, 'b', 'xyz', 'q', 99, 1.5, [1, 2], true].collect(kind).join(' ')
//// -> null one range list letter pattern text number number closure other
//// a switch that falls through
def o = []
switch (2) {
    case 1: o << 1
    case 2: o << 2
    case 3: o << 3; break
    default: o << 'd'
}
switch ('z') { case 'a': o << 'a'; break; default: o << 'def' }
result = o
//// -> [2, 3, def]
//// a switch in a loop
def o = []
for (x in ['a', 'b', 'c', 'd']) {
    switch (x) {
        case 'a': continue
        case 'c': if (o.size() > 0) { o << 'C'; break }; o << 'never'; break
        default: o << x
    }
}
result = o
//// -> [b, C, d]
//// loops with break and continue
def o = []
for (int i = 0; i < 10; i++) { if (i == 2) continue; if (i == 5) break; o << i }
int j = 0
while (true) { j++; if (j > 3) break; if (j == 2) continue; o << -j }
for (int a = 0, b = 10; a < b; a += 3, b -= 3) o << a + b
result = o
//// -> [0, 1, 3, 4, -1, -3, 10, 10]
//// labels
def o = []
outer:
for (i in 0..3) {
    for (j in 0..3) {
        if (j == 2) continue outer
        if (i == 2) break outer
        o << "$i$j"
    }
}
result = o
//// -> [00, 01, 10, 11]
//// a label of a while with its step
def o = []
int i = 0
rows: while (i < 4) {
    i++
    for (int j = 0; j < 3; j++) {
        if (i == 2) continue rows
        if (i == 4) break rows
        o << i * 10 + j
    }
}
cols: for (int k = 0; k < 3; k++) { while (true) { if (k == 1) continue cols; o << k; break } }
result = o
//// -> [10, 11, 12, 30, 31, 32, 0, 2]
//// finally runs before what is returned
def o = []
def f(o) { try { return 'r' } finally { o << 'f' } }
result = [f(o), o]
//// -> [r, [f]]
//// rethrowing with a cause
def r
try {
    try { throw new IOException('low') }
    catch (IOException e) { throw new RuntimeException('high: ' + e.getMessage(), e) }
} catch (e) { r = [e.message, e.cause.message, e.cause instanceof IOException, e.toString()] }
result = r
//// -> [high: low, low, true, java.lang.RuntimeException: high: low]
//// an exception of its own
class MyError extends Exception {
    int code
    MyError(String message, int code) { super(message); this.code = code }
}
def r
try { throw new MyError('bad', 7) } catch (MyError e) { r = e.message + e.code }
result = r
//// -> bad7
//// assert
def r
try { assert 1 == 2 : 'differ' } catch (AssertionError e) { r = e.message.startsWith('differ') }
result = r
//// -> true
//// methods with defaults and types
String rep(String s, int n = 2, sep = '-') { ([s] * n).join(sep) }
def noReturn() { }
int half(int n) { return n / 2 }
void nothing() { 1 }
result = [rep('a'), rep('a', 3), rep('a', 2, '+'), noReturn(), half(5), nothing()]
//// -> [a-a, a-a-a, a+a, null, 2, null]
//// a method that takes as many as come
def join(String sep, Object... parts) { parts.join(sep) }
def count(... x) { x.length }
result = [join('-', 1, 2, 3), join('+'), count(1, 2)]
//// -> [1-2-3, , 2]
//// methods by the types of their arguments
def f(String s) { 'text ' + s }
def f(int i) { 'int ' + i }
def f(List l) { 'list ' + l.size() }
def f(a, b) { 'two' }
result = [f('x'), f(1), f([1, 2]), f(1, 2)]
//// -> [text x, int 1, list 2, two]
//// named arguments make a map
def f(Map m, x) { "$m.a $m.b $x" }
def g(Map m) { m.size() }
result = [f(a: 1, b: 2, 'z'), f('z', a: 1, b: 2), g(p: 1)]
//// -> [1 2 z, 1 2 z, 1]
//// method pointers
def twice(x) { x * 2 }
def s = 'abc'
def f = s.&substring
def t = this.&twice
result = [[1, 2].collect(this.&twice), t(4), f(1), [-1, 2].collect(Math.&abs)]
//// -> [[2, 4], 8, bc, [1, 2]]
//// closures see and change what is around them
def n = 0
def add = { n += it }
add(2); add(3)
def mk = { int start -> def c = start; return { -> c++ } }
def c1 = mk(5), c2 = mk(10)
result = [n, c1(), c1(), c2(), add.call(1)]
//// -> [5, 5, 6, 10, 6]
//// closures kept from a loop
def fs = []
for (i in 1..3) { def k = i; fs << { k * 10 } }
result = fs.collect { it() }
//// -> [10, 20, 30]
//// closures with defaults, composed and curried
def f = { a, b = 10 -> a + b }
def g = { it * 2 }
def h = g >> { it + 1 }
def k = g << { it + 1 }
result = [f(1), f(1, 2), h(5), k(5), f.curry(5)(1), f.rcurry(100)(1), { a, b -> a - b }.ncurry(1, 1)(9)]
//// -> [11, 3, 11, 12, 6, 101, 8]
//// closures as last arguments
def wrap(String t, Closure c) { "<$t>" + c() + "</$t>" }
def apply = { x, Closure f -> f(x) }
result = [wrap('a') { 'x' }, apply(3) { it * it }, wrap('b', { wrap('c') { 1 } })]
//// -> [<a>x</a>, 9, <b><c>1</c></b>]
//// it and nested closures
result = [[1, 2], [3]].collect { it.collect { it * 2 }.sum() + it.size() }
//// -> [8, 7]
//// instanceof
result = [1 instanceof Integer, 'a' instanceof String, [] instanceof List, [:] instanceof Map, 1.5 instanceof BigDecimal, null instanceof String, 1 instanceof Number, !('a' instanceof Number), "${1}" instanceof CharSequence]
//// -> [true, true, true, true, true, false, true, true, true]
//// assignments as values, and swaps
def a, b
a = b = 3
def (x, y) = [1, 2]
(x, y) = [y, x]
def l
if ((l = 'abc'.size()) > 2) a = l
result = [a, b, x, y]
//// -> [3, 3, 2, 1]
//// compound assignments through properties and indexes
def m = [n: 1, l: [1, 2]]
m.n += 5
m.l[0] += 10
m['n']++
m.q = m.q ?: 'new'
def i = 0
def arr = [0, 0]
arr[i++] += 7
result = [m, arr, i]
//// -> [[n:7, l:[11, 2], q:new], [7, 0], 1]
//// a script's undeclared variables are seen by its methods
counter = 0
def bump() { counter += 1 }
bump(); bump()
result = counter
//// -> 2
//// fields of a script
import groovy.transform.Field
@Field int calls = 0
@Field final String PREFIX = 'p-'
@Field def cache = [:]
def id(k) { calls++; cache[k] = PREFIX + k }
id('a'); id('b')
result = "$calls $cache"
//// -> 2 [a:p-a, b:p-b]
//// constants and finals
final int MAX = 3
final String NAME = 'n'
result = NAME * MAX
//// -> nnn
//// a class with fields, methods and a constructor
class Point {
    int x, y
    String label = 'p'
    Point plus(Point o) { new Point(x: x + o.x, y: y + o.y) }
    double dist() { Math.sqrt(x * x + y * y) }
    String toString() { "$label($x,$y)" }
}
def p = new Point(x: 3, y: 4)
def q = new Point()
q.x = 1; q.label = 'q'
q.setY(2)
result = [p.toString(), q, (p + q).toString(), p.dist(), p.x, q.getLabel()].join(' ')
//// -> p(3,4) q(1,2) p(4,6) 5.0 3 q
//// constructors by their arguments
class Item {
    final String name
    BigDecimal price
    Item(String name) { this(name, 0) }
    Item(String name, price) { this.name = name; this.price = price }
    def total(int n) { price * n }
}
result = [new Item('a', 2.50).total(3), new Item('b').total(3), new Item('c').name]
//// -> [7.50, 0, c]
//// inheritance
abstract class Shape {
    String name
    abstract double area()
    String describe() { "$name ${area()}" }
}
class Square extends Shape {
    double side
    Square(double side) { this.side = side; name = 'square' }
    double area() { side * side }
}
class Named extends Square {
    Named() { super(3) }
    String describe() { '[' + super.describe() + ']' }
}
def s = new Square(2)
result = [s.describe(), new Named().describe(), s instanceof Shape, new Named() instanceof Square, s.class.simpleName]
//// -> [square 4.0, [square 9.0], true, true, Square]
//// static members
class Util {
    static int calls = 0
    static final String SEP = ','
    static String up(String s) { calls++; s.toUpperCase() }
    static join(List l) { l.join(SEP) }
}
result = [Util.up('a'), Util.join([1, 2]), Util.calls, Util.SEP]
//// -> [A, 1,2, 1, ,]
//// getters, setters and missing members
class Temp {
    private double c
    double getF() { c * 9 / 5 + 32 }
    void setF(double f) { c = (f - 32) * 5 / 9 }
    boolean isHot() { c > 30 }
}
def t = new Temp()
t.f = 212
def r
try { t.zzz } catch (MissingPropertyException e) { r = 'none' }
result = [t.f, t.hot, r]
//// -> [212.0, true, none]
//// equality and order of objects
class Ver implements Comparable<Ver> {
    int n
    boolean equals(Object o) { o instanceof Ver && o.n == n }
    int hashCode() { n }
    int compareTo(Ver o) { n <=> o.n }
}
def l = [new Ver(n: 3), new Ver(n: 1)]
result = [new Ver(n: 1) == l[1], l.sort()*.n, l.max().n, l[0] < l[1], [new Ver(n: 1), new Ver(n: 1)].toSet().size()]
//// -> [true, [1, 3], 3, true, 1]
//// an enum
enum Color { RED, GREEN, BLUE }
def c = Color.GREEN
def s = ''
switch (c) { case Color.RED: s = 'r'; break; case Color.GREEN: s = 'g'; break }
result = [c.name(), c.ordinal(), Color.valueOf('BLUE'), Color.values()*.name(), c == Color.GREEN, s, "$c", c < Color.BLUE]
//// -> [GREEN, 1, BLUE, [RED, GREEN, BLUE], true, g, GREEN, true]
//// an enum with fields and methods
enum Op {
    ADD('+'), MUL('*')
    final String sign
    Op(String sign) { this.sign = sign }
    int apply(int a, int b) { this == ADD ? a + b : a * b }
    static Op of(String s) { values().find { it.sign == s } }
}
result = [Op.ADD.sign, Op.MUL.apply(3, 4), Op.of('+').apply(3, 4), Op.values().size()]
//// -> [+, 12, 7, 2]
//// an unknown enum constant
enum E { A }
def r
try { E.valueOf('Z') } catch (IllegalArgumentException e) { r = 'unknown' }
result = r
//// -> unknown
//// an interface and a class that fulfils it
interface Greeter { String greet(String n) }
class Polite implements Greeter { String greet(String n) { "Dear $n" } }
Greeter g = new Polite()
result = [g.greet('Ann'), g instanceof Greeter]
//// -> [Dear Ann, true]
//// a class that uses another and keeps a list
class Order { List<Line> lines = []; def total() { lines.sum { it.qty * it.price } } ; Order add(Line l) { lines << l; this } }
class Line { int qty; BigDecimal price }
result = new Order().add(new Line(qty: 2, price: 1.5)).add(new Line(qty: 1, price: 2.0)).total()
//// -> 5.0
//// annotations that make methods
import groovy.transform.*
@ToString @EqualsAndHashCode
class P { String n; int a }
@CompileStatic
int f(int x) { x + 1 }
result = [new P(n: 'x', a: 1).toString(), new P(n: 'x') == new P(n: 'x'), f(1)]
//// -> [P(x, 1), true, 2]
//// do while is not Groovy 2.4
int i = 0
do { i++ } while (i < 3)
//// refused
//// lambdas are not Groovy 2.4
result = [1].collect(x -> x + 1)
//// refused
//// a class that nothing defines
def x = new com.acme.Thing()
//// refused
//// a method that no value has
'a'.frobnicate()
//// refused
//// static typing by casts
def o = 'text'
String s = (String) o
List<String> l = (List<String>) ['a']
Map<String, Object> m = [a: 1] as Map<String, Object>
def i = ((String) '12').toInteger()
result = [s.length(), l[0], m.a, i, ((int) 3.9) + 1]
//// -> [4, a, 1, 12, 4]
//// a cast that cannot be
def r = []
try { def x = (Integer) 'abc' } catch (ClassCastException e) { r << 'cast' }
try { int y = null } catch (Exception e) { r << 'null' }
result = r
//// -> [cast, null]
//// static imports and aliases
import static java.lang.Math.max
import static java.util.Calendar.MONTH
import java.util.ArrayList as AL
result = [max(1, 5), MONTH, new AL([1]).size()]
//// -> [5, 2, 1]
//// fully qualified names
def d = new java.text.SimpleDateFormat('yyyy').format(new java.util.Date(0L)).length()
java.util.List l = new java.util.ArrayList()
l.add(java.lang.Integer.valueOf(3))
result = [d, l, java.util.UUID.randomUUID().toString().length(), java.time.LocalDate.of(2024, 1, 2).toString()]
//// -> [4, [3], 36, 2024-01-02]
//// command chains and optional brackets
def o = []
def say(x) { x }
o.add 5
println 'hi'
print "x"
o << say('a')
result = o
//// -> [5, a]
//// statements over many lines
def s = 'a' +
    'b' +
    'c'
def v = [1, 2, 3]
    .collect { it * 2 }
    .findAll { it > 2 }
    .join(',')
def t = true &&
    !false
def m = [
    a: 1,
    b: 2,
]
result = [s, v, t, m]
//// -> [abc, 4,6, true, [a:1, b:2]]
//// comments and semicolons
/* a block */ def x = 1; // rest
def y = /* in between */ 2;;
/** doc */
result = x + y;
//// -> 3
//// spaceship sorting of nulls first
result = ['b', null, 'a'].sort()
//// -> [null, a, b]
//// a computed member name
def m = [ab: 1, size: 2]
def k = 'a'
m."${k}c" = 3
result = [m."${k}b", m.ac, m.'size', m.size(), 'abc'."toUpperCase"()]
//// -> [1, 3, 2, 3, ABC]
//// local variables hide and end with their block
def o = []
if (true) { def x = 1; o << x }
if (true) { def x = 2; o << x }
for (x in [3]) o << x
[4].each { x -> o << x }
result = o
//// -> [1, 2, 3, 4]
//// the last statement gives the value of a closure
def f = { if (it > 1) 'big' else 'small' }
def g = { try { it.size() } catch (e) { -1 } }
def h = { switch (it) { case 1: 'one'; break; default: 'many' } }
result = [f(2), f(1), g('ab'), g(null), h(1), h(2), { -> }()]
//// -> [big, small, 2, -1, one, many, null]
//// a range test in a condition
def grade = { s -> s in 90..100 ? 'A' : s in 80..<90 ? 'B' : 'C' }
result = [95, 85, 10].collect(grade).join()
//// -> ABC
//// memoize and trampoline-like helpers
def n = 0
def f = { x -> n++; x * 2 }.memoize()
f(1); f(1); f(2)
result = n
//// -> 2
//// catching by type
def o = []
def f = { c ->
    try { c() }
    catch (NumberFormatException e) { o << 'nfe' }
    catch (NullPointerException | IllegalStateException e) { o << e.class.simpleName }
    catch (IOException e) { o << 'io ' + e.message }
    catch (Exception e) { o << 'other ' + e.message }
    finally { o << '.' }
}
f { Integer.parseInt('z') }
f { null.size() }
f { throw new IllegalStateException('x') }
f { throw new FileNotFoundException('gone') }
f { throw new Exception('boom') }
f { throw new RuntimeException('rt') }
f { 1 }
result = o.join(' ')
//// -> nfe . NullPointerException . IllegalStateException . io gone . other boom . other rt . .
//// a closure that calls itself
def fact
fact = { n -> n <= 1 ? 1 : n * fact(n - 1) }
result = fact(5)
//// -> 120
//// a closure that calls itself without a name
result = { n -> n > 3 ? n : call(n + 1) }(1)
//// refused
//// a delegate
def spec = { name = 'n'; value(3) }
class Target { String name; int total; void value(int v) { total += v } }
def t = new Target()
spec.delegate = t
spec.resolveStrategy = Closure.DELEGATE_FIRST
spec()
result = "$t.name $t.total"
//// -> n 3
//// deep recursion ends as an error
def f(n) { f(n + 1) }
def r
try { f(0) } catch (StackOverflowError e) { r = 'deep' }
result = r
//// -> deep
//// a text that is computed at each use
def n = 1
def eager = "v=${n}"
def lazy = "v=${-> n}"
n = 2
result = "$eager $lazy"
//// refused
//// a default in between
def f = { v -> def o = []; switch (v) { case 1: o << 1; default: o << 'd'; break; case 2: o << 2 }; o }
result = [f(1), f(2), f(3)]
//// -> [[1, d], [2], [d]]
//// a closure that gives a closure
result = { a -> { b -> a + b } }(1)(2)
//// -> 3
//// static methods through an object
def d = new Date().parse('yyyy-MM-dd', '2024-02-03')
result = d.format('dd.MM.yyyy')
//// -> 03.02.2024
//// a closure of a turn that calls itself
def out = []
for (doc in [[1, [2, [3]]], [4]]) {
    int n = 0
    def count
    count = { o -> if (o instanceof List) { o.each { count(it) } } else { n += o } }
    count(doc)
    out << n
}
result = out
//// -> [6, 4]
//// methods of types that are not known
static <T> T first(List<T> l) { l[0] }
result = first([7])
//// -> 7
