//// division of whole numbers is decimal
result = [7 / 2, 6 / 3, 1 / 3, 7.intdiv(2), 7 % 3, -7 % 3, -7.intdiv(2)]
//// -> [3.5, 2, 0.3333333333, 3, 1, -1, -3]
//// a typed int takes the whole part
int a = 7 / 2
long b = 9 / 2
double d = 7 / 2
def e = (int) 3.99
result = [a, b, d, e, (int) -3.99, 3.7 as Integer]
//// -> [3, 4, 3.5, 3, -3, 3]
//// whole numbers overflow
int i = Integer.MAX_VALUE
i++
def l = Long.MAX_VALUE + 1
result = [i, l, Integer.MAX_VALUE + 1, Integer.MAX_VALUE + 1L, 2147483647 * 2, 100000 * 100000, 100000L * 100000]
//// -> [-2147483648, -9223372036854775808, -2147483648, 2147483648, -2, 1410065408, 10000000000]
//// decimals keep their scale
result = [1.10 + 2.2, 1.10 * 2.0, 2.50 - 0.5, 10.00 / 4, 1.0 / 8, 2 ** 3, 2 ** -1, 2.5 ** 2]
//// -> [3.30, 2.200, 2.00, 2.50, 0.125, 8, 0.5, 6.25]
//// rounding
result = [new BigDecimal('2.345').setScale(2, BigDecimal.ROUND_HALF_UP), 2.345.setScale(2, java.math.RoundingMode.HALF_EVEN), 3.14159d.round(2), Math.round(2.4d), Math.round(-2.5d)]
//// -> [2.35, 2.34, 3.14, 2, -2]
//// BigDecimal methods
import java.math.RoundingMode
def a = new BigDecimal('10')
def b = new BigDecimal('3')
result = [a.add(b), a.subtract(b), a.multiply(b), a.divide(b, 2, RoundingMode.HALF_UP), a.remainder(b), a.negate(), a.pow(2), a.max(b), b.scale(), a.signum()]
//// -> [13, 7, 30, 3.33, 1, -10, 100, 10, 0, 1]
//// BigDecimal as text
result = [new BigDecimal('1E+3').toPlainString(), new BigDecimal('1000').toString(), new BigDecimal('1.500').stripTrailingZeros().toPlainString(), 1e3.toString(), 0.00001.toString()]
//// -> [1000, 1000, 1.5, 1E+3, 0.00001]
//// doubles
result = [0.1d + 0.2d, 1.0d / 3, 10.0d, 1.0e10d, 1e-5d, (double) 5, 5d / 0, 7 / 2d]
//// -> [0.30000000000000004, 0.3333333333333333, 10.0, 1.0E10, 1.0E-5, 5.0, Infinity, 3.5]
//// division by zero is an error
def r = []
try { 1 / 0 } catch (ArithmeticException e) { r << e.message }
try { 1.intdiv(0) } catch (ArithmeticException e) { r << e.message }
try { 5 % 0 } catch (ArithmeticException e) { r << 'mod' }
result = r
//// -> [Division by zero, / by zero, mod]
//// numbers as texts and back
result = [Integer.toString(42), 42.toString() + 1, Integer.valueOf('9') + 1, Integer.toHexString(255), Integer.toBinaryString(5), Long.valueOf('12'), Integer.parseInt('ff', 16), Integer.toString(255, 16)]
//// -> [42, 421, 10, ff, 101, 12, 255, ff]
//// a text that is no number
def r
try { Integer.parseInt('1x') } catch (NumberFormatException e) { r = e.message }
result = r
//// -> For input string: "1x"
//// classes of numbers
result = [1.class.name, 1L.class.simpleName, 1.5.class.simpleName, 1.5d.getClass().name, 'a'.class.simpleName, 1G.class.name, true.class.simpleName, [].class.name, [:].getClass().name]
//// -> [java.lang.Integer, Long, BigDecimal, java.lang.Double, String, java.math.BigInteger, Boolean, java.util.ArrayList, java.util.LinkedHashMap]
//// bits
result = [6 & 3, 6 | 3, 6 ^ 3, ~6, 1 << 4, -16 >> 2, -1 >>> 28, 0xff & 0x0f, 0b101, 017]
//// -> [2, 7, 5, -7, 16, -4, 15, 15, 5, 15]
//// increments
def i = 5
def a = i++ + ++i
i += 2; i -= 1; i *= 3; i %= 5; i /= 8
result = [a, i]
//// -> [12, 0.5]
//// times, upto, downto, step
def o = []
3.times { o << it }
1.upto(3) { o << it }
3.downto(1) { o << it }
0.step(10, 5) { o << it }
result = o.join()
//// -> 01212332105
//// comparing
result = [1 <=> 2, 2.5 <=> 2, 1 < 1.5, 'b' <=> 'a', null <=> 1, 3 == 3.0, [1, 2] == [1, 2], 1 != 2, 5.compareTo(3)]
//// -> [-1, 1, true, 1, -1, true, true, true, 1]
//// sums of mixed numbers
result = [[1, 2.5, 3].sum(), [1, 2L].sum().class.simpleName, [0.1, 0.2].sum(), [1.5d, 1].sum(), [].sum(), [].sum(0)]
//// -> [6.5, Long, 0.3, 2.5, null, 0]
//// BigInteger
def f = 1G
(1..25).each { f *= it }
result = [f, (2G ** 64).toString(), new BigInteger('123').add(BigInteger.ONE), BigInteger.valueOf(5).mod(3G)]
//// -> [15511210043330985984000000, 18446744073709551616, 124, 2]
//// DecimalFormat
import java.text.DecimalFormat
result = [new DecimalFormat('#,##0.00').format(1234567.891), new DecimalFormat('000').format(7), new DecimalFormat('0.#').format(2.0), new DecimalFormat('#%').format(0.25)]
//// -> [1,234,567.89, 007, 2, 25%]
//// casting rules
result = ['5' as int, 5 as String, '5'.class.simpleName, (5 as String).class.simpleName, 65 as char, (byte) 200, (short) 70000, 5.0 as int, '1.5' as BigDecimal, 3 as double, true as String]
//// -> [5, 5, String, String, A, -56, 4464, 5, 1.5, 3.0, true]
//// average
def l = [1, 2, 3, 4]
result = [l.sum() / l.size(), (l.sum() / l.size()).class.simpleName, l.max(), l.min()]
//// -> [2.5, BigDecimal, 4, 1]
//// underscore and long literals
result = [1_000_000, 5L, 0x1FL, 1.5f, 10G, 3.0g].join(' ')
//// -> 1000000 5 31 1.5 10 3.0
//// Integer caching is no matter
Integer a = 1000, b = 1000
result = [a == b, a.equals(b), a.intValue(), a.doubleValue(), 3.7.intValue(), 3.7.longValue(), '9'.toLong() + 1]
//// -> [true, true, 1000, 1000.0, 3, 3, 10]
//// integer loops accumulate in a typed variable
int total = 0
for (int i = 1; i <= 10; i++) { if (i % 2) continue; total += i }
BigDecimal amount = 0
[1.10, 2.20].each { amount += it }
result = "$total $amount"
//// -> 30 3.30
//// Fibonacci by recursion
int fib(int n) { n < 2 ? n : fib(n - 1) + fib(n - 2) }
result = fib(15)
//// -> 610
//// factorial by recursion with BigInteger
def fact(n) { n <= 1 ? 1G : n * fact(n - 1) }
result = fact(20)
//// -> 2432902008176640000
//// even and odd helpers
def isEven = { it % 2 == 0 }
result = (1..6).findAll(isEven).collect { it ** 2 }.sum()
//// -> 56
//// equal in value, not in scale
result = [2.0 == 2, 2.0.equals(2.00), 2.0.compareTo(2.00), 1 == 1L, 1.5d == 1.5, new BigDecimal('2.0') == new BigDecimal('2.00')]
//// -> [true, false, 0, true, true, true]
//// Math
result = [Math.abs(-5), Math.max(3, 7), Math.min(2.5, 1), Math.pow(2, 10), Math.sqrt(16), Math.ceil(1.2), Math.floor(-1.2), Math.floorMod(-7, 3)]
//// -> [5, 7, 1.0, 1024.0, 4.0, 2.0, -2.0, 2]
//// powers
result = [2 ** 31, (2 ** 31).class.simpleName, 4 ** 0.5, 2.0d ** 2, 2 ** -2, 1.5 ** 2, 2 ** 0.5 > 1.41, 0 ** 0]
//// -> [2147483648, BigInteger, 2, 4, 0.25, 2.25, true, 1]
