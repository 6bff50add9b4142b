"""``URLEncoder`` and ``URLDecoder``: texts as forms write them into addresses."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

from runtime.groovy.support.charsets import decode, encode
from runtime.groovy.support.errors import IllegalArgumentException, NullPointerException
from runtime.groovy.support.values import JavaObject, Value

_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+|%|\+")


class URLEncoder(JavaObject):
    """Letters and digits of ASCII and ``*-._`` stay, a space becomes ``+``, the rest its bytes as ``%XX``."""

    java_name = "java.net.URLEncoder"

    @staticmethod
    def encode(text: str | None, charset: Value = "UTF-8") -> str:
        """Write a text as part of an address."""
        if text is None:
            raise NullPointerException(None)
        return quote_plus(encode(text, charset), safe="*").replace("~", "%7E")


class URLDecoder(JavaObject):
    """Reads what ``URLEncoder`` writes."""

    java_name = "java.net.URLDecoder"

    @staticmethod
    def decode(text: str | None, charset: Value = "UTF-8") -> str:
        """Read a text from an address.

        Raises:
            IllegalArgumentException: a ``%`` without its two digits.
        """
        if text is None:
            raise NullPointerException(None)

        def plain(match: re.Match[str]) -> str:
            if match[0] == "+":
                return " "
            if match[0] == "%":
                raise IllegalArgumentException(f"URLDecoder: Illegal escape (%) pattern in '{text}'")
            return decode(bytes.fromhex(match[0].replace("%", "")), charset)

        return _ESCAPED.sub(plain, text)
