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
