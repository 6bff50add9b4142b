"""The exceptions of Java and Groovy that scripts raise and catch, by the names they have there."""

from __future__ import annotations

from typing import ClassVar


class Throwable(Exception):
    """The root of what scripts throw. `java_name` is the full name that Java gives the class."""

    java_name: ClassVar[str] = "java.lang.Throwable"

    def __init__(self, message: object = None, cause: Throwable | None = None) -> None:
        super().__init__(message)
        self.message = None if message is None else str(message)
        self.cause = cause

    def __str__(self) -> str:
        """Give class and message as Java does."""
        return self.java_name if self.message is None else f"{self.java_name}: {self.message}"


class JavaException(Throwable):
    """What a ``catch (Exception e)`` catches."""

    java_name = "java.lang.Exception"


class JavaError(Throwable):
    """What only ``catch (Error e)`` and ``catch (Throwable e)`` catch."""

    java_name = "java.lang.Error"


class JavaRuntimeException(JavaException):
    """java.lang.RuntimeException."""

    java_name = "java.lang.RuntimeException"


class IllegalArgumentException(JavaRuntimeException):
    """java.lang.IllegalArgumentException."""

    java_name = "java.lang.IllegalArgumentException"


class NumberFormatException(IllegalArgumentException):
    """java.lang.NumberFormatException."""

    java_name = "java.lang.NumberFormatException"


class NullPointerException(JavaRuntimeException):
    """java.lang.NullPointerException."""

    java_name = "java.lang.NullPointerException"


class ArithmeticException(JavaRuntimeException):
    """java.lang.ArithmeticException."""

    java_name = "java.lang.ArithmeticException"


class ClassCastException(JavaRuntimeException):
    """java.lang.ClassCastException."""

    java_name = "java.lang.ClassCastException"


class GroovyCastException(ClassCastException):
    """A value cannot be made another type."""

    java_name = "org.codehaus.groovy.runtime.typehandling.GroovyCastException"


class IndexOutOfBoundsException(JavaRuntimeException):
    """java.lang.IndexOutOfBoundsException."""

    java_name = "java.lang.IndexOutOfBoundsException"


class StringIndexOutOfBoundsException(IndexOutOfBoundsException):
    """java.lang.StringIndexOutOfBoundsException."""

    java_name = "java.lang.StringIndexOutOfBoundsException"


class ArrayIndexOutOfBoundsException(IndexOutOfBoundsException):
    """java.lang.ArrayIndexOutOfBoundsException."""

    java_name = "java.lang.ArrayIndexOutOfBoundsException"


class IllegalStateException(JavaRuntimeException):
    """java.lang.IllegalStateException."""

    java_name = "java.lang.IllegalStateException"


class UnsupportedOperationException(JavaRuntimeException):
    """java.lang.UnsupportedOperationException."""

    java_name = "java.lang.UnsupportedOperationException"


class NoSuchElementException(JavaRuntimeException):
    """java.util.NoSuchElementException."""

    java_name = "java.util.NoSuchElementException"


class DateTimeException(JavaRuntimeException):
    """java.time.DateTimeException."""

    java_name = "java.time.DateTimeException"


class DateTimeParseException(DateTimeException):
    """java.time.format.DateTimeParseException."""

    java_name = "java.time.format.DateTimeParseException"


class JsonException(JavaRuntimeException):
    """groovy.json.JsonException."""

    java_name = "groovy.json.JsonException"


class MissingPropertyException(JavaRuntimeException):
    """A variable or property does not exist."""

    java_name = "groovy.lang.MissingPropertyException"


class MissingMethodException(JavaRuntimeException):
    """A method does not exist for these arguments."""

    java_name = "groovy.lang.MissingMethodException"


class PatternSyntaxException(IllegalArgumentException):
    """java.util.regex.PatternSyntaxException."""

    java_name = "java.util.regex.PatternSyntaxException"


class IOException(JavaException):
    """java.io.IOException."""

    java_name = "java.io.IOException"


class ConcurrentModificationException(JavaRuntimeException):
    """A collection was changed while it was gone through."""

    java_name = "java.util.ConcurrentModificationException"


class StackOverflowError(JavaError):
    """Calls within calls went too deep."""

    java_name = "java.lang.StackOverflowError"


class FileNotFoundException(IOException):
    """java.io.FileNotFoundException."""

    java_name = "java.io.FileNotFoundException"


class EmptyStackException(JavaRuntimeException):
    """java.util.EmptyStackException."""

    java_name = "java.util.EmptyStackException"


class SecurityException(JavaRuntimeException):
    """java.lang.SecurityException."""

    java_name = "java.lang.SecurityException"


class InputMismatchException(NoSuchElementException):
    """java.util.InputMismatchException."""

    java_name = "java.util.InputMismatchException"


class ZipException(IOException):
    """java.util.zip.ZipException."""

    java_name = "java.util.zip.ZipException"


class SAXException(JavaException):
    """org.xml.sax.SAXException."""

    java_name = "org.xml.sax.SAXException"


class UnsupportedEncodingException(IOException):
    """java.io.UnsupportedEncodingException."""

    java_name = "java.io.UnsupportedEncodingException"


class ParseException(JavaException):
    """java.text.ParseException."""

    java_name = "java.text.ParseException"


class SAXParseException(SAXException):
    """org.xml.sax.SAXParseException."""

    java_name = "org.xml.sax.SAXParseException"


class JavaAssertionError(JavaError):
    """An assertion does not hold."""

    java_name = "java.lang.AssertionError"


class GeneralSecurityException(JavaException):
    """java.security.GeneralSecurityException."""

    java_name = "java.security.GeneralSecurityException"


class NoSuchAlgorithmException(GeneralSecurityException):
    """java.security.NoSuchAlgorithmException."""

    java_name = "java.security.NoSuchAlgorithmException"


class InvalidKeyException(GeneralSecurityException):
    """java.security.InvalidKeyException."""

    java_name = "java.security.InvalidKeyException"


# The names that scripts use, with the classes that stand for them.
CLASSES: dict[str, type[Throwable]] = {
    **{
        kind.java_name.rpartition(".")[2]: kind
        for kind in (
            Throwable, JavaException, JavaError, JavaRuntimeException, IllegalArgumentException,
            NumberFormatException, NullPointerException, ArithmeticException, ClassCastException, GroovyCastException,
            IndexOutOfBoundsException, StringIndexOutOfBoundsException, ArrayIndexOutOfBoundsException,
            IllegalStateException, UnsupportedOperationException, NoSuchElementException, DateTimeException,
            DateTimeParseException, JsonException, MissingPropertyException, MissingMethodException,
            PatternSyntaxException, IOException, UnsupportedEncodingException, ParseException, SAXParseException,
            ConcurrentModificationException, StackOverflowError, FileNotFoundException, EmptyStackException,
            SecurityException, InputMismatchException, ZipException, SAXException, JavaAssertionError,
            GeneralSecurityException, NoSuchAlgorithmException, InvalidKeyException,
        )
    },
}  # fmt: skip
