"""Parsed forms of contents, kept between the steps of one execution, so that what stays the same is decoded once.

A content is known by identity: documents hand the same bytes on from step to step. Small ones are decoded again, which
was measured to cost less than to keep them. Whoever gets a parsed form reads it and changes nothing.
"""

from __future__ import annotations

from runtime.expressions.json_values import decode

LEAST = 1_024  # bytes of a content that is kept: decoding less takes a microsecond or two, keeping it as long
MOST = 256  # contents: a chunk of a batch
MOST_BYTES = 512 * 1024  # of contents; their parsed forms take some ten times as much


class Parsed:
    """The parsed forms of the contents read lately."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[bytes, object]] = {}
        self._bytes = self._refused = 0

    @property
    def is_used(self) -> bool:
        """Whether forms are kept, or were refused."""
        return bool(self._known or self._refused)

    def value(self, content: bytes) -> object:
        """Give the parsed form of a content.

        Raises:
            DocumentFault: it is not JSON.
        """
        if len(content) < LEAST:
            return decode(content)
        known = self._known.get(id(content))
        if known is not None and known[0] is content:
            return known[1]
        value = decode(content)
        self._keep(content, value)
        return value

    def _keep(self, content: bytes, value: object) -> None:
        """Keep a form while there is room; what a batch has left no room for would go before it is asked for again."""
        if self._bytes + len(content) > MOST_BYTES or len(self._known) == MOST:
            self._refused += 1
            if self._refused == MOST:  # what is kept has become old
                self._known.clear()
                self._bytes = self._refused = 0
            return
        self._known[id(content)] = (content, value)  # kept alive with its form, so that its id stays its own
        self._bytes += len(content)
