"""Texts as bytes: the character sets that every Java has, and no others."""

from __future__ import annotations

from runtime.groovy.support.errors import UnsupportedEncodingException
from runtime.groovy.support.values import JavaObject, Value

_CODECS = {
    "UTF-8": "utf-8", "UTF8": "utf-8", "UTF-16": "utf-16", "UTF-16BE": "utf-16-be", "UTF-16LE": "utf-16-le",
    "US-ASCII": "ascii", "ASCII": "ascii", "ISO-8859-1": "latin-1", "LATIN1": "latin-1", "ISO8859_1": "latin-1",
    "ISO-8859-15": "iso-8859-15", "WINDOWS-1252": "cp1252", "CP1252": "cp1252", "WINDOWS-1250": "cp1250",
    "IBM037": "cp037", "CP037": "cp037", "SHIFT_JIS": "shift_jis", "GB18030": "gb18030",
}  # fmt: skip


class Charset(JavaObject):
    """A character set, and the constants of ``StandardCharsets``."""

    java_name = "java.nio.charset.Charset"
    UTF_8: Charset
    UTF_16: Charset
    US_ASCII: Charset
    ISO_8859_1: Charset

    def __init__(self, name: str) -> None:
        self.codec = codec_of(name)
        self.label = name

    @staticmethod
    def forName(name: str) -> Charset:
        """Give the character set of that name."""
        return Charset(name)

    @staticmethod
    def defaultCharset() -> Charset:
        """Give UTF-8."""
        return Charset("UTF-8")

    def name(self) -> str:
        """Give its name."""
        return self.label

    def toString(self) -> str:
        """Give its name."""
        return self.label


def codec_of(charset: Value) -> str:
    """Give Python's name of a character set.

    Raises:
        UnsupportedEncodingException: it is not known.
    """
    if isinstance(charset, Charset):
        return charset.codec
    codec = _CODECS.get(str(charset).upper())
    if codec is None:
        raise UnsupportedEncodingException(str(charset))
    return codec


def encode(text: str, charset: Value = "UTF-8") -> bytes:
    """Give a text as bytes; a letter that the set does not have becomes ``?``."""
    return text.encode(codec_of(charset), "replace")


def decode(data: bytes | bytearray, charset: Value = "UTF-8") -> str:
    """Give bytes as a text; what is none becomes U+FFFD."""
    return data.decode(codec_of(charset), "replace")


Charset.UTF_8 = Charset("UTF-8")
Charset.UTF_16 = Charset("UTF-16")
Charset.US_ASCII = Charset("US-ASCII")
Charset.ISO_8859_1 = Charset("ISO-8859-1")
