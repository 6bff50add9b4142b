"""The methods of characters; they have those of texts as well."""

from __future__ import annotations

from runtime.groovy.support.tables import Table

CHAR = Table()
CHAR.methods["charValue"] = lambda char: char
for _name, _test in {
    "isDigit": str.isdigit, "isLetter": str.isalpha, "isLetterOrDigit": str.isalnum, "isUpperCase": str.isupper,
    "isLowerCase": str.islower, "isWhitespace": str.isspace,
}.items():  # fmt: skip
    CHAR.methods[_name] = _test
