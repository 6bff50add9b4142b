from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.web.exchange import Exchange
from runtime.web.front import Route
from runtime.web.hot.parsing import Head, Reader, State
from tests.web.hot.requests import odd_heads, requests

HEAD = b"POST /fs/x HTTP/1.1\r\nHost: a\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


async def nothing(_exchange: Exchange) -> None:
    """Serve nothing."""


ROUTE = Route(handler=nothing)


def reader(*, head_bytes: int = 16 * 1024, body_bytes: int = 1024) -> Reader:
    """Give a reader that wants whatever lies below /fs."""
    return Reader(
        lambda _method, path: ROUTE if path.startswith("/fs/") else None, head_bytes=head_bytes, body_bytes=body_bytes
    )


def ours(data: bytes) -> tuple[Head, bytes] | None:
    """Give the first request as the front door reads it; None where it is not taken."""
    mine = reader()
    mine.feed(data)
    head = mine.head()
    if not isinstance(head, Head):
        return None
    body = mine.body()
    return (head, body) if isinstance(body, bytes) else None


def theirs(data: bytes) -> tuple[h11.Request, bytes] | None:
    """Give the first request as hypercorn's parser reads it; None where that refuses it or wants more."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data)
    body = b""
    try:
        request = connection.next_event()
        while isinstance(event := connection.next_event(), h11.Data):
            body += event.data
    except h11.RemoteProtocolError:
        return None
    return (request, body) if isinstance(request, h11.Request) and isinstance(event, h11.EndOfMessage) else None


@given(st.one_of(requests(), odd_heads()))
def test_what_is_taken_means_the_same_to_hypercorn(data: bytes) -> None:
    """Law: a request that the front door takes is one that hypercorn takes, with the same parts."""
    taken = ours(data)
    if taken is None:
        return
    head, body = taken
    other = theirs(data)
    assert other is not None
    request, content = other
    assert (head.method.encode(), head.headers, body) == (request.method, tuple(request.headers), content)
    assert request.target == head.path.encode() + (b"?" + head.query if b"?" in request.target else b"")
    assert request.http_version == b"1.1"


@given(requests(hot=True), st.data())
def test_it_matters_not_where_bytes_are_cut(data: bytes, draws: st.DataObject) -> None:
    """Law: a request is the same, however its bytes arrive."""
    whole = ours(data)
    cuts = sorted(draws.draw(st.lists(st.integers(0, len(data)), max_size=5)))
    mine, head, body = reader(), None, None
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        mine.feed(data[start:end])
        if head is None and isinstance(found := mine.head(), Head):
            head = found
        if head is not None and body is None and isinstance(content := mine.body(), bytes):
            body = content
    assert whole == (head, body)


@given(requests(hot=True))
def test_no_answer_before_the_last_byte(data: bytes) -> None:
    """Law: a request is not taken for whole before its last byte is there."""
    for end in range(len(data)):
        assert ours(data[:end]) is None


@given(st.lists(requests(last=False, hot=True), min_size=2, max_size=4))
def test_pipelined_requests_come_out_one_by_one(several: list[bytes]) -> None:
    """Law: requests that arrive together are the same as alone, and what follows them is not touched."""
    mine = reader()
    mine.feed(b"".join(several) + b"\x00 rest")
    for data in several:
        assert (mine.head(), mine.body()) == ours(data)
    assert mine.head() is State.ELSEWHERE
    assert mine.rest() == b"\x00 rest"


@given(requests(last=False, hot=True), requests(last=False, hot=True), st.lists(st.integers(0, 1), max_size=5))
def test_heads_that_come_again_mean_the_same(one: bytes, other: bytes, order: list[int]) -> None:
    """Law: a head that was seen before is read as if it came for the first time, whatever body follows it."""
    mine = reader()
    for which in order:
        data = (one, other)[which]
        mine.feed(data)
        assert (mine.head(), mine.body()) == ours(data)
        assert mine.waiting == 0


def test_a_head_that_comes_again_is_asked_for_again() -> None:
    """Law: what is served may change between two requests: the second may be for elsewhere."""
    served: list[Route] = [ROUTE]
    mine = Reader(lambda _method, _path: served[0] if served else None, head_bytes=1024, body_bytes=1024)
    data = HEAD + b"Content-Length: 1\r\n\r\na"
    mine.feed(data + data)
    first = mine.head()
    assert isinstance(first, Head)
    assert mine.body() == b"a"
    served.clear()
    assert mine.head() is State.ELSEWHERE
    assert mine.rest() == data


def test_what_was_made_of_a_head_lasts_until_another_comes() -> None:
    """Law: requests with the same head share what was made of it; one with another head on the connection does not."""
    mine = reader()
    heads: list[Head] = []
    for path in (b"/fs/a", b"/fs/a", b"/fs/b", b"/fs/a"):
        mine.feed(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        head = mine.head()
        assert isinstance(head, Head)
        head.made.setdefault(str, path + b"%d" % len(heads))
        heads.append(head)
    assert [head.made[str] for head in heads] == [b"/fs/a0", b"/fs/a0", b"/fs/b2", b"/fs/a3"]


ELSEWHERE = {
    "another path": b"POST /api HTTP/1.1\r\nHost: a\r\n\r\n",
    "a target with a host": b"POST http://a/fs/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "HTTP/1.0": b"POST /fs/x HTTP/1.0\r\nHost: a\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "WebSocket": HEAD + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "an upgrade by its header alone": HEAD + b"Upgrade: h2c\r\n\r\n",
    "no host": b"POST /fs/x HTTP/1.1\r\n\r\n",
    "two hosts": HEAD + b"Host: b\r\n\r\n",
    "a small letter": b"post /fs/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "two blanks": b"POST  /fs/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "a blank line first": b"\r\nPOST /fs/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "bare ends of lines": b"POST /fs/x HTTP/1.1\nHost: a\n",
    "a fold": HEAD + b" b\r\n\r\n",
    "a length and chunks": HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\n",
    "a signed length": HEAD + b"Content-Length: +3\r\n\r\n",
    "an endless length": HEAD + b"Content-Length: 3333333333333333333333\r\n\r\n",
    "a body beyond the limit": HEAD + b"Content-Length: 1025\r\n\r\n",
    "another coding": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "a zero byte": HEAD + b"A: \x00\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01",
    "a head beyond the limit": HEAD + b"A: " + b"b" * 16 * 1024,
    "a whole head beyond the limit": HEAD + b"A: " + b"b" * 16 * 1024 + b"\r\n\r\n",
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_what_is_not_plain_goes_elsewhere_untouched(case: str) -> None:
    """Law: what the front door does not take is given up with every byte of it."""
    mine = reader()
    mine.feed(ELSEWHERE[case])
    assert mine.head() is State.ELSEWHERE
    assert mine.rest() == ELSEWHERE[case]


def test_a_part_of_a_head_is_waited_for() -> None:
    """Law: bytes that may become a request are kept until they are one."""
    mine = reader()
    for byte in HEAD + b"\r":
        mine.feed(bytes([byte]))
        assert mine.head() is State.MORE
    mine.feed(b"\n")
    assert isinstance(mine.head(), Head)


@pytest.mark.parametrize("chunks", [b"-1\r\n", b"3\nabc", b"3\r\nabcd", b"x\r\n\r\n", b"0x1\r\na\r\n0\r\n\r\n"])
def test_a_body_that_is_no_chunks_is_broken(chunks: bytes) -> None:
    """Law: chunks that the parser dislikes never become a body."""
    mine = reader()
    mine.feed(CHUNKED + chunks + b"\r\n\r\n\r\n")
    assert isinstance(mine.head(), Head)
    assert mine.body() is State.BROKEN


def test_chunks_beyond_the_limit_are_told_before_they_end() -> None:
    """Law: a body without a length is bounded while it is counted."""
    mine = reader(body_bytes=10)
    mine.feed(CHUNKED + b"5\r\nabcde\r\n9\r\nabcdefghi\r\n")
    assert isinstance(mine.head(), Head)
    assert mine.body() is State.TOO_LARGE


@pytest.mark.parametrize("endless", [b"1;" + b"a" * 3000, b"0\r\n" + b"a: b\r\n" * 600, b"0\r\na: " + b"b" * 3000])
def test_what_is_no_body_is_bounded_too(endless: bytes) -> None:
    """Law: extensions of a chunk, and lines behind the chunks, may be no larger than a head."""
    mine = reader(head_bytes=2000)
    mine.feed(CHUNKED + b"1\r\na\r\n")
    assert isinstance(mine.head(), Head)
    assert mine.body() is State.MORE
    states = []
    for start in range(0, len(endless), 100):
        mine.feed(endless[start : start + 100])
        states.append(mine.body())
    assert states[:10] == [State.MORE] * 10
    assert states[-1] is State.BROKEN


def test_trailers_are_no_headers() -> None:
    """Law: what stands behind the chunks changes nothing about the request."""
    taken = ours(CHUNKED + b"1\r\na\r\n0\r\nContent-Type: other\r\n\r\n")
    assert taken is not None
    assert (taken[0].headers, taken[1]) == (((b"host", b"a"), (b"transfer-encoding", b"chunked")), b"a")
