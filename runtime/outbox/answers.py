"""Answers out of bytes, without I/O. In here nothing else knows httptools."""

from __future__ import annotations

from typing import Final

import httptools

from runtime.outbox.message import Response, Undelivered

BODY_LIMIT: Final = 64 * 1024  # bytes kept of an answer: one word is expected, a proxy's error page may come instead
READ_LIMIT: Final = 4 * BODY_LIMIT  # bytes read of an answer: for more than that a new connection is cheaper
HEAD_LIMIT: Final = 100 * 1024  # bytes before the body, interim answers (1xx) included; as much as h11 takes

_FINAL: Final = 200  # statuses below are interim answers


class Reader:
    """Reads the answers of one connection, each begun by `expect`: `feed` it what comes until it gives one.

    `begun` says whether any byte of the answer has come, `keeps` whether another request may follow it.
    """

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        # As h11 does: lines may end with LF alone, and a length beside chunks is ignored (RFC 9112, 6.3).
        self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True, lenient_chunked_length=True)
        self.expect()

    def expect(self) -> None:
        """Begin with the next answer."""
        self.begun = self.keeps = False
        self._body = bytearray()
        self._status = self._head_bytes = self._read_bytes = 0
        self._headed = self._framed = self._complete = False

    def feed(self, data: bytes) -> Response | None:
        """Take in what has come; give the answer once it is whole, or so long that its rest does not matter.

        Raises:
            Undelivered: it is no answer.
        """
        self.begun = True
        headed = self._headed
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.keeps = False
            if not self._complete:  # else it is in what follows, which answers nothing
                raise Undelivered(f"no answer: it is no HTTP: {error}") from error
        except httptools.HttpParserUpgrade as error:
            raise Undelivered("no answer: the server changes the protocol") from error
        if headed:
            self._read_bytes += len(data)
        elif not self._headed:
            self._head_bytes += len(data)
        if self._head_bytes > HEAD_LIMIT:
            raise Undelivered(f"no answer: its head has more than {HEAD_LIMIT} bytes")
        if self._complete or self._read_bytes > READ_LIMIT:
            return self._response()
        return None

    def end(self) -> Response:
        """Give the answer that ends with its connection.

        Raises:
            Undelivered: it has not ended.
        """
        self.keeps = False
        if self._headed and not self._framed:
            return self._response()
        raise Undelivered("no answer: the server closed the connection " + ("within one" if self.begun else "before"))

    def _response(self) -> Response:
        return Response(self._status, bytes(self._body))

    # --- what the parser calls ---

    def on_message_begin(self) -> None:
        """Note a second answer to one request: the connection is out of step."""
        if self._complete:
            self.keeps = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note whether the answer says where it ends; other codings than chunked end with the connection."""
        if not self._complete:
            name = name.lower()
            chunked = name == b"transfer-encoding" and value.lower().endswith(b"chunked")
            self._framed = self._framed or chunked or name == b"content-length"

    def on_headers_complete(self) -> None:
        """Note that the head is there, of the answer or of an interim one."""
        if not self._complete:
            self._status = self._parser.get_status_code()
            self._headed = self._status >= _FINAL

    def on_body(self, data: bytes) -> None:
        """Keep the beginning."""
        if not self._complete:
            self._body += data[: BODY_LIMIT - len(self._body)]

    def on_message_complete(self) -> None:
        """Note that the answer is whole, or only an interim one."""
        if self._headed and not self._complete:
            self._complete = True
            self.keeps = self._parser.should_keep_alive()
        else:
            self._framed = False
