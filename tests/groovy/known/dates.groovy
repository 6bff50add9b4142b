//// SimpleDateFormat from one mask to another
import java.text.SimpleDateFormat
def d = new SimpleDateFormat('yyyy-MM-dd HH:mm:ss').parse('2024-02-03 14:05:06')
result = [new SimpleDateFormat('dd/MM/yyyy').format(d), new SimpleDateFormat('yyyyMMdd HHmmss.SSS').format(d), new SimpleDateFormat('MMM d, yyyy h:mm a').format(d), d.format('EEE')]
//// -> [03/02/2024, 20240203 140506.000, Feb 3, 2024 2:05 PM, Sat]
//// a date that cannot be read
import java.text.*
def r
try { def f = new SimpleDateFormat('yyyy-MM-dd'); f.setLenient(false); f.parse('2024-13-40') } catch (ParseException e) { r = e.message }
result = r
//// -> Unparseable date: "2024-13-40"
//// zones
import java.text.SimpleDateFormat
def f = new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss'Z'")
f.setTimeZone(TimeZone.getTimeZone('UTC'))
def g = new SimpleDateFormat('yyyy-MM-dd HH:mm z')
g.timeZone = TimeZone.getTimeZone('America/New_York')
def d = new Date(1704110400000L)
result = [f.format(d), g.format(d), f.parse('2024-01-01T12:00:00Z').time, d.format('HH:mm', TimeZone.getTimeZone('GMT+2'))]
//// -> [2024-01-01T12:00:00Z, 2024-01-01 07:00 EST, 1704110400000, 14:00]
//// Calendar
def c = Calendar.getInstance(TimeZone.getTimeZone('UTC'))
c.setTime(new Date(0L))
c.set(Calendar.YEAR, 2024)
c.set(Calendar.MONTH, Calendar.JANUARY)
c.set(Calendar.DAY_OF_MONTH, 31)
c.add(Calendar.MONTH, 1)
def first = c.get(Calendar.DAY_OF_MONTH)
c.add(Calendar.DAY_OF_YEAR, 1)
result = [first, c.get(Calendar.MONTH), c.get(Calendar.DAY_OF_WEEK) == Calendar.FRIDAY, c.getActualMaximum(Calendar.DAY_OF_MONTH), c.time.format('yyyy-MM-dd', TimeZone.getTimeZone('UTC'))]
//// -> [29, 2, true, 31, 2024-03-01]
//// LocalDate by a pattern
import java.time.*
import java.time.format.*
def f = DateTimeFormatter.ofPattern('MM/dd/yyyy')
result = [LocalDate.parse('02/03/2024', f).toString(), LocalDate.parse('20240203', DateTimeFormatter.BASIC_ISO_DATE).plusWeeks(1).format(DateTimeFormatter.ISO_LOCAL_DATE), LocalDate.parse('02/03/2024', f).atStartOfDay().toString()]
//// -> [2024-02-03, 2024-02-10, 2024-02-03T00:00]
//// LocalDateTime and ZonedDateTime
import java.time.*
import java.time.format.DateTimeFormatter
def l = LocalDateTime.parse('2024-01-31T10:15:30')
def z = l.atZone(ZoneId.of('America/New_York'))
result = [l.plusHours(20).toString(), l.format(DateTimeFormatter.ofPattern('yyyyMMddHHmm')), z.toInstant().toString(), z.withZoneSameInstant(ZoneId.of('UTC')).format(DateTimeFormatter.ofPattern('HH:mm')), z.toEpochSecond(), l.toLocalDate().toString(), l.hour]
//// -> [2024-02-01T06:15:30, 202401311015, 2024-01-31T15:15:30Z, 15:15, 1706714130, 2024-01-31, 10]
//// a pattern with names
import java.time.*
import java.time.format.DateTimeFormatter
def d = LocalDateTime.of(2024, 2, 3, 14, 5, 6)
result = d.format(DateTimeFormatter.ofPattern("EEEE, d MMMM yyyy 'at' hh:mm:ss a", Locale.ENGLISH))
//// -> Saturday, 3 February 2024 at 02:05:06 PM
//// a date that java.time cannot read
import java.time.*
import java.time.format.DateTimeParseException
def r
try { LocalDate.parse('2024-02-30') } catch (DateTimeParseException e) { r = 'bad' }
result = r
//// -> bad
//// Date arithmetic
def d = Date.parse('yyyy-MM-dd', '2024-02-28')
def e = d + 2
result = [e.format('yyyy-MM-dd'), (e - 1).format('MM/dd'), e - d, e > d, e.after(d), (e.time - d.time) / 86400000, d.before(e), e[Calendar.YEAR]]
//// -> [2024-03-01, 02/29, 2, true, true, 2, true, 2024]
//// LocalDate
import java.time.LocalDate
import java.time.format.DateTimeFormatter
def d = LocalDate.parse('2024-01-31')
result = [d.plusMonths(1), d.minusDays(31), d.getYear(), d.monthValue, d.dayOfMonth, d.isLeapYear(), d.lengthOfMonth(), d.withDayOfMonth(1), d.format(DateTimeFormatter.ofPattern('dd.MM.yy')), d.dayOfWeek, LocalDate.of(2024, 3, 1).isAfter(d), d.dayOfYear]
//// -> [2024-02-29, 2023-12-31, 2024, 1, 31, true, 31, 2024-01-01, 31.01.24, WEDNESDAY, true, 31]
//// Instant and epoch
import java.time.*
def i = Instant.ofEpochMilli(1704110400000L)
result = [i.toString(), i.plusSeconds(60).toEpochMilli(), Instant.parse('2024-01-01T12:00:00Z') == i, LocalDateTime.ofInstant(i, ZoneOffset.UTC).toString(), i.getEpochSecond(), i.atZone(ZoneId.of('UTC')).year]
//// -> [2024-01-01T12:00:00Z, 1704110460000, true, 2024-01-01T12:00, 1704110400, 2024]
//// between two dates
import java.time.*
import java.time.temporal.ChronoUnit
def a = LocalDate.of(2024, 1, 15), b = LocalDate.of(2024, 3, 1)
result = [ChronoUnit.DAYS.between(a, b), ChronoUnit.MONTHS.between(a, b), Duration.between(LocalDateTime.of(2024, 1, 1, 0, 0), LocalDateTime.of(2024, 1, 1, 5, 30)).toMinutes(), Period.between(a, b).getMonths(), a.until(b, ChronoUnit.DAYS), Duration.ofMinutes(90).toHours()]
//// -> [46, 1, 330, 1, 46, 1]
//// ZonedDateTime with an offset
import java.time.*
import java.time.format.DateTimeFormatter
def z = ZonedDateTime.parse('2024-06-01T10:00:00+02:00')
def o = OffsetDateTime.parse('2024-06-01T10:00:00Z')
result = [z.toInstant().toString(), z.format(DateTimeFormatter.ISO_OFFSET_DATE_TIME), o.toLocalDateTime().toString(), z.getOffset().toString(), z.withZoneSameInstant(ZoneId.of('Europe/Berlin')).toString()]
//// -> [2024-06-01T08:00:00Z, 2024-06-01T10:00:00+02:00, 2024-06-01T10:00, +02:00, 2024-06-01T10:00+02:00[Europe/Berlin]]
//// java.util.Date to java.time and back
import java.time.*
def d = new Date(1704110400000L)
def z = d.toInstant().atZone(ZoneId.of('UTC'))
result = [z.toLocalDate().toString(), Date.from(z.toInstant()).time == d.time, z.toInstant().toEpochMilli()]
//// -> [2024-01-01, true, 1704110400000]
//// the beginning of the week and the end of the month
import java.time.*
import java.time.temporal.TemporalAdjusters
def d = LocalDate.of(2024, 2, 14)
result = [d.with(TemporalAdjusters.lastDayOfMonth()), d.with(TemporalAdjusters.firstDayOfMonth()), d.with(DayOfWeek.MONDAY), d.with(TemporalAdjusters.next(DayOfWeek.FRIDAY)), d.minusDays(d.dayOfWeek.value - 1)]*.toString()
//// -> [2024-02-29, 2024-02-01, 2024-02-12, 2024-02-16, 2024-02-12]
