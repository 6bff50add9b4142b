//// collect, findAll, find
def l = [1, 2, 3, 4]
result = [l.collect { it * 2 }, l.findAll { it % 2 }, l.find { it > 2 }, l.find { it > 9 }, l*.toString().join()]
//// -> [[2, 4, 6, 8], [1, 3], 3, null, 1234]
//// groupBy and its entries
def m = [[n: 'a', v: 1], [n: 'b', v: 2], [n: 'a', v: 3]].groupBy { it.n }
result = m.collect { k, v -> "$k=${v*.v.sum()}" }.join(';') + m.keySet() + m.a.size()
//// -> a=4;b=2[a, b]2
//// groupBy two closures
def m = [[a: 1, b: 1], [a: 1, b: 2]].groupBy({ it.a }, { it.b })
result = m[1][2].size() + m[1].size()
//// -> 3
//// groupBy a list as key
def m = [[a: 1, b: 'x', q: 5], [a: 1, b: 'x', q: 7], [a: 2, b: 'x', q: 1]].groupBy { [it.a, it.b] }
result = m.collect { k, v -> "${k[0]}${k[1]}:${v.sum { it.q }}" }
//// -> [1x:12, 2x:1]
//// a list as the key of a map
def m = [:]
m[[1, 2]] = 'a'
m.put([1, 3], 'b')
result = [m[[1, 2]], m.get([1, 3]), m.containsKey([1, 2]), m.size()]
//// -> [a, b, true, 2]
//// sets of lists and maps
def s = [[1, 2], [1, 2], [3]] as Set
result = [s.size(), [[a: 1], [a: 1]].toSet().size(), [[a: 1], [a: 1], [a: 2]].unique().size()]
//// -> [2, 1, 2]
//// inject
result = [[1, 2, 3].inject(0) { acc, v -> acc + v }, [1, 2, 3].inject { a, b -> a * b }, [a: 1, b: 2].inject(0) { acc, k, v -> acc + v }, ['x', 'y'].inject('') { s, v -> s + v }]
//// -> [6, 6, 3, xy]
//// sort by two keys
def l = [[n: 'b', a: 1], [n: 'a', a: 2], [n: 'a', a: 1]]
result = l.sort { x, y -> x.n <=> y.n ?: x.a <=> y.a }.collect { it.n + it.a }
//// -> [a1, a2, b1]
//// sort descending and by property
def l = [[p: 2.5], [p: 10], [p: 1]]
result = [l.sort { a, b -> b.p <=> a.p }*.p, l.max { it.p }.p, l.min { it.p }.p, l.sum { it.p }]
//// -> [[10, 2.5, 1], 10, 1, 13.5]
//// unique, flatten, reverse
result = [[1, 2, 1].unique(), [1, [2, [3, 4]]].flatten(), [1, 2, 3].reverse(), [[n: 1], [n: 1]].unique { it.n }.size(), [3, 1].reverse(false)]
//// -> [[1, 2], [1, 2, 3, 4], [3, 2, 1], 1, [1, 3]]
//// each and eachWithIndex
def o = []
[5, 6].each { o << it }
['a', 'b'].eachWithIndex { v, i -> o << "$i$v" }
[x: 1].each { k, v -> o << k + v }
[y: 2].each { e -> o << e.key + e.value }
[z: 3].eachWithIndex { e, i -> o << e.key + i }
result = o
//// -> [5, 6, 0a, 1b, x1, y2, z0]
//// join and sum
result = [[1, 2].join('-'), ['a', null].join(','), [[1, 2], [3]].sum(), ['a', 'b'].sum(), [1, 2].sum { it * 10 }]
//// -> [1-2, a,null, [1, 2, 3], ab, 30]
//// indexes, ranges and out of range
def l = [1, 2, 3, 4]
def r = [l[0], l[-1], l[1..2], l[-2..-1], l[9], l.first(), l.last(), l.head(), l.tail(), l.init(), l[0, 2]]
l[5] = 9
result = r + [l.size()] + [l.get(4)]
//// -> [1, 4, [2, 3], [3, 4], null, 1, 4, 1, [2, 3, 4], [1, 2, 3], [1, 3], 6, null]
//// get beyond the end is an error
def r
try { [1].get(3) } catch (IndexOutOfBoundsException e) { r = 'out' }
result = r
//// -> out
//// plus, minus, multiply, intersect
result = [[1] + [2], [1] + 2, [1, 2, 2, 3] - [2], [1, 2] * 2, [1, 2, 3].intersect([2, 3, 4]), [1].disjoint([2]), [1, 2] + [[3]]]
//// -> [[1, 2], [1, 2], [1, 3], [1, 2, 1, 2], [2, 3], true, [1, 2, [3]]]
//// take, drop, collate, transpose, combinations
result = [[1, 2, 3].take(2), [1, 2, 3].drop(1), (1..5).collate(2), [[1, 2], ['a', 'b']].transpose(), [[1, 2], [3]].combinations(), [1, 2, 3].takeWhile { it < 3 }, [1, 2, 3].dropWhile { it < 2 }, (1..5).collate(2, false)]
//// -> [[1, 2], [2, 3], [[1, 2], [3, 4], [5]], [[1, a], [2, b]], [[1, 3], [2, 3]], [1, 2], [2, 3], [[1, 2], [3, 4]]]
//// maps
def m = [a: 1, 'b c': 2, (1 + 1): 'two']
m.d = 4
m['e'] = 5
m.put('f', 6)
m << [g: 7]
m.remove('a')
result = [m.size(), m.'b c', m[2], m.get('zz'), m.get('h', 8), m.containsKey('h'), m.values().size(), m.keySet().contains('g'), m.containsValue(7)]
//// -> [6, 2, two, null, 8, true, 7, true, true]
//// finding in maps
def m = [a: 1, b: 2, c: 3]
result = [m.find { k, v -> v == 2 }.key, m.findAll { it.value > 1 }, m.any { k, v -> v > 2 }, m.every { it.value > 0 }, m.collectEntries { k, v -> [k.toUpperCase(), v * 2] }, m.max { it.value }.key, m.subMap(['a', 'c']), m.sum { it.value }]
//// -> [b, [b:2, c:3], true, true, [A:2, B:4, C:6], c, [a:1, c:3], 6]
//// collectEntries of lists
result = [['a', 'b'].collectEntries { [it, it.size()] }, ['a', 'b'].collectEntries { [(it): 1] }, [['x', 1]].collectEntries(), [1, 2].withIndex().collectEntries { v, i -> [i, v] }]
//// -> [[a:1, b:1], [a:1, b:1], [x:1], [0:1, 1:2]]
//// withDefault, getOrDefault, putIfAbsent
def m = [:].withDefault { [] }
m.a << 1
m.a << 2
m['b'] << 3
def n = [x: 1]
n.putIfAbsent('x', 5)
n.putIfAbsent('y', 6)
result = [m, n, n.getOrDefault('q', 0), n.computeIfAbsent('w') { 7 }]
//// -> [[a:[1, 2], b:[3]], [x:1, y:6, w:7], 0, 7]
//// counting words
def words = 'the cat the dog'.split(' ')
def c = [:]
words.each { c[it] = (c[it] ?: 0) + 1 }
result = [c, words.countBy { it }, words.groupBy { it }.collectEntries { k, v -> [k, v.size()] }]
//// -> [[the:2, cat:1, dog:1], [the:2, cat:1, dog:1], [the:2, cat:1, dog:1]]
//// iterating entries in a for
def o = []
def m = [a: 1, b: 2]
for (e in m) o << e.key + e.value
for (Map.Entry<String, Integer> e : m.entrySet()) o << e.getKey() + e.getValue()
for (k in m.keySet()) o << k
for (String k : m.keySet()) { o << m.get(k) }
def it1 = m.entrySet().iterator()
while (it1.hasNext()) { def e = it1.next(); o << e.value * 10 }
result = o
//// -> [a1, b2, a1, b2, a, b, 1, 2, 10, 20]
//// spread and multiple assignment
def (a, b, c) = [1, 2]
def (String x, int y) = ['s', 3]
def l = [0, *[1, 2], 3]
def f = { p, q -> p * q }
result = [a, b, c, x, y, l, f(*[3, 4]), [[n: 1], [n: 2]]*.n, [[n: 1], [n: 2]].n, ['a', null]*.toUpperCase()]
//// -> [1, 2, null, s, 3, [0, 1, 2, 3], 12, [1, 2], [1, 2], [A, null]]
//// map spread
def d = [a: 1, b: 2]
result = [*: d, b: 3, c: 4]
//// -> [a:1, b:3, c:4]
//// with, tap-like building and identity
def m = [:].with { a = 1; b = 2; it }
def sb = new StringBuilder()
sb.with { append 'x'; append 'y' }
result = [m, sb.toString(), 5.with { it + 1 }]
//// -> [[a:1, b:2], xy, 6]
//// max and min with closures
def l = ['aaa', 'b', 'cc']
result = [l.max { it.size() }, l.min { it.size() }, l.max(), [3, 1].max(), l.sort { -it.size() }.first(), l.collect { it.size() }.max()]
//// -> [aaa, b, cc, 3, aaa, 3]
//// nested lists and safe navigation
def o = [items: [[sku: 'A', qty: 2], [sku: 'B']]]
result = [o.items*.sku, o.items.collect { it.qty ?: 0 }.sum(), o.missing?.deep?.er, o?.items?.size(), o.items[1]?.qty, o.items.find { it.sku == 'Z' }?.qty ?: 'none']
//// -> [[A, B], 2, null, 2, null, none]
//// split in two and partition
def (even, odd) = (1..5).split { it % 2 == 0 }
result = "$even $odd"
//// -> [2, 4] [1, 3, 5]
//// equality of collections
result = [[1, 2] == [2, 1], [a: 1] == [a: 1.0], [1, 2] as Set == [2, 1] as Set, [] == [], [1] != [1], [1, 2].equals([1, 2]), [a: [b: 1]] == [a: [b: 1]]]
//// -> [false, true, true, true, false, true, true]
//// removing from maps while looping over a copy
def m = [a: 1, b: null, c: '']
m.keySet().toList().each { if (!m[it]) m.remove(it) }
def n = [x: 1, y: 2].findAll { k, v -> v > 1 }
result = [m, n]
//// -> [[a:1], [y:2]]
//// a map of maps built on the way
def t = [:]
[['a', 'x', 1], ['a', 'y', 2], ['b', 'x', 3]].each { r, c, v ->
    if (!t[r]) t[r] = [:]
    t[r][c] = v
}
result = [t, t.a.y, t['b']['x'], t*.key, t.collect { it.value.size() }]
//// -> [[a:[x:1, y:2], b:[x:3]], 2, 3, [a, b], [2, 1]]
//// grep and the case operator
result = [[1, 'a', 2].grep(Integer), ['ab', 'cd'].grep(~/a.*/), [0, 1, null].grep(), [1, 5, 9].grep(2..6)]
//// -> [[1, 2], [ab], [1], [5]]
//// first and last of nothing
def r = []
try { [].first() } catch (NoSuchElementException e) { r << 'first' }
r << [][0] << [].max() << [].find { true }
result = r
//// -> [first, null, null, null]
//// sort in place, and not
def l = [3, 1, 2]
def s = l.sort(false)
def t = l.clone()
l.sort { -it }
result = [l, s, t, ['b', 'A', 'c'].sort { it.toLowerCase() }, ['bb', 'a'].sort { a, b -> a.size() <=> b.size() }, [2, 1].toSorted()]
//// -> [[3, 2, 1], [1, 2, 3], [3, 1, 2], [A, b, c], [a, bb], [1, 2]]
//// any, every, count, findIndexOf
def l = [1, 2, 3, 2]
result = [l.any { it > 2 }, l.every { it > 0 }, l.count(2), l.count { it > 1 }, l.findIndexOf { it == 3 }, l.indexOf(2), l.lastIndexOf(2), l.contains(3), l.findIndexValues { it == 2 }]
//// -> [true, true, 2, 3, 2, 1, 3, true, [1, 3]]
//// adding and removing
def l = [1, 2]
l << 3
l.add(4)
l += 5
l.add(0, 9)
l.remove(0)
l.remove((Object) 5)
l.addAll([6, 7])
l -= [1]
l.removeAll { it > 6 }
result = l
//// -> [2, 3, 4, 6]
//// maps keep their order
def m = [z: 1, a: 2]
m.m = 3
result = [m.keySet().join(), m.sort().keySet().join(), m.sort { -it.value }.keySet().join(), m.sort { a, b -> a.value <=> b.value }*.key.join(), new TreeMap(m).keySet().join()]
//// -> [zam, amz, maz, zam, amz]
//// ranges
def o = []
for (i in 1..3) o << i
for (i in 0..<2) o << i
for (i in 3..1) o << i
result = [o, (1..5).size(), (1..5).contains(3), 3 in 1..5, (1..10).step(3), ('a'..'c').toList(), (1..3).sum(), (1..4).findAll { it % 2 == 0 }, (1..3).collect { it * it }, (1..5)[1..2], 1..3 as List, (1..<4).to]
//// -> [[1, 2, 3, 0, 1, 3, 2, 1], 5, true, true, [1, 4, 7, 10], [a, b, c], 6, [2, 4], [1, 4, 9], [2, 3], [1, 2, 3], 3]
//// sets
Set s = [3, 1, 3]
s << 2
s.add(1)
def t = new HashSet([1, 9])
result = [s.size(), s.contains(2), s + [7], s - [3], s.intersect(t).toList(), new TreeSet([3, 1, 2]).toList(), [1, 2] as Set == [2, 1] as Set]
//// -> [3, true, [3, 1, 2, 7], [1, 2], [1], [1, 2, 3], true]
//// arrays
int[] a = [3, 1, 2]
String[] s = new String[2]
s[0] = 'x'
def g = new int[3]
def m = new int[2][3]
m[1][2] = 5
Arrays.sort(a)
result = [a.toList(), a.length, s.toList(), g.sum(), m[1].toList(), a.size(), [1, 2].toArray().length, ['a', 'b'] as String[]]
//// -> [[1, 2, 3], 3, [x, null], 0, [0, 0, 5], 3, 2, [a, b]]
//// indexed, withIndex, eachWithIndex
result = [['a', 'b'].withIndex(), ['a', 'b'].indexed(), ['a', 'b'].withIndex(1).collect { v, i -> v + i }, ['x', 'y'].indices.toList()]
//// -> [[[a, 0], [b, 1]], [0:a, 1:b], [a1, b2], [0, 1]]
//// stack and queue
def s = [1, 2, 3]
s.push(4)
def t = s.pop()
def q = new LinkedList()
q.add('a'); q.add('b'); q.addFirst('z')
result = [t, s, q.poll(), q.removeLast(), q.peek(), q.size()]
//// -> [4, [1, 2, 3], z, b, a, 1]
//// collectMany, collectNested, findResults
result = [[[1, 2], [3]].collectMany { it }, [1, 2, 3].findResults { it > 1 ? it * 10 : null }, [1, [2]].collectNested { it + 1 }, [1, 2].collectMany { [it, it] }]
//// -> [[1, 2, 3], [20, 30], [2, [3]], [1, 1, 2, 2]]
//// Collections and Arrays
def l = [3, 1, 2]
Collections.sort(l)
def r = [l.clone(), Collections.max(l), Collections.min(l)]
Collections.reverse(l)
result = r + [l, Arrays.asList(1, 2), Collections.emptyList(), Arrays.asList('a', 'b').contains('a'), Collections.frequency([1, 1], 1)]
//// -> [[1, 2, 3], 3, 1, [3, 2, 1], [1, 2], [], true, 2]
//// iterators that remove
def l = [1, 2, 3, 4]
def i = l.iterator()
while (i.hasNext()) { if (i.next() % 2 == 0) i.remove() }
result = l
//// -> [1, 3]
//// changing a list while it is gone through is an error
def l = [1, 2, 3]
def r
try { l.each { if (it == 1) l.remove(0) } } catch (ConcurrentModificationException e) { r = 'changed' }
result = r
//// -> changed
//// asImmutable and unmodifiable refuse
def r = []
try { [1].asImmutable() << 2 } catch (UnsupportedOperationException e) { r << 'list' }
try { Collections.unmodifiableList([1]).add(2) } catch (UnsupportedOperationException e) { r << 'un' }
result = r
//// -> [list, un]
//// streams of Java with closures
import java.util.stream.Collectors
result = [[3, 1, 2].stream().filter { it > 1 }.map { it * 2 }.sorted().collect(Collectors.toList()), ['a', 'b'].stream().collect(Collectors.joining(',')), [1, 2].stream().mapToInt { it }.sum()]
//// -> [[4, 6], a,b, 3]
//// an entry is gone through as one
def o = []
[a: 1].each { e -> e.each { o << it.key } }
result = o + [a: 1].collect { e -> e.collect { it.value } }
//// -> [a, [1]]
