"""What is wrong with a script before it runs: text that is no Groovy, or Groovy that is not covered."""

from __future__ import annotations

from msgspec import Struct

REPLACE = "write the step in Python: place scripts/<component name>.py with a function process(documents, context)"


class Finding(Struct, frozen=True, kw_only=True):
    """One construct that cannot be translated. Lines and columns count from 1.

    `construct` is a stable short name of what was met (``class``, ``method foo``), for counting and searching.
    """

    file: str
    line: int
    column: int
    construct: str
    message: str
    hint: str = REPLACE

    def __str__(self) -> str:
        """Give the finding as an editor shows it."""
        return f"{self.file}:{self.line}:{self.column}: {self.message} ({self.hint})"


class Refused(Exception):
    """Raised at a construct that is not covered."""

    def __init__(self, construct: str, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.construct = construct
        self.message = message
        self.line = line
        self.column = column


class NotGroovy(Refused):
    """Raised where the text is not Groovy, as far as this reader knows the language."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__("syntax", message, line, column)
