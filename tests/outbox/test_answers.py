from __future__ import annotations

from itertools import pairwise

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.outbox.answers import BODY_LIMIT, HEAD_LIMIT, READ_LIMIT, Reader
from runtime.outbox.message import Response, Undelivered

BODIES = st.binary(max_size=200)
NAMES = st.sampled_from(["Server", "X-Long", "Set-Cookie"])
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Give an answer of any form that servers use, perhaps cut off or with something behind it."""
    status, body = draw(st.sampled_from([200, 201, 204, 304, 400, 401, 404, 429, 500, 503])), draw(BODIES)
    head = [f"{name}: {value}" for name, value in draw(st.lists(st.tuples(NAMES, VALUES), max_size=3))]
    head += draw(st.sampled_from([[], ["Connection: close"], ["Connection: keep-alive"]]))
    match draw(st.sampled_from(["length", "chunks", "both", "end"])):
        case "length":
            head.append(f"Content-Length: {len(body)}")
        case "end":
            pass
        case chosen:
            head.append("Transfer-Encoding: chunked")
            head += ["Content-Length: 1"] if chosen == "both" else []
            at = draw(st.integers(0, len(body)))
            body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:at], body[at:]) if part)
            body += b"0\r\n\r\n"
    if status in {204, 304}:  # they have no body, whatever they say (RFC 9112, 6.3)
        body = b""
    version = draw(st.sampled_from(["1.1", "1.1", "1.0"]))
    end = draw(st.sampled_from(["\r\n", "\n"]))
    lines = [f"HTTP/{version} {status} {draw(st.sampled_from(['OK', 'No way']))}", *head, "", ""]
    interim = draw(st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n"]))
    whole = interim + end.join(lines).encode() + body
    return whole[: draw(st.sampled_from([len(whole), len(whole), draw(st.integers(0, len(whole)))]))]


def by_h11(data: bytes) -> tuple[int, bytes, bool] | None:
    """Read an answer with the parser of common clients: status, body, and whether the connection is kept."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="POST", target="/", headers=[("Host", "x"), ("Content-Length", "0")]))
    parser.send(h11.EndOfMessage())
    status, body, ended = 0, b"", False
    parser.receive_data(data)
    try:
        for _ in range(50):
            event = parser.next_event()
            if event is h11.NEED_DATA:
                ended = True
                parser.receive_data(b"")
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                keeps = not ended and parser.our_state is h11.DONE and parser.their_state is h11.DONE
                return status, body, keeps
            elif isinstance(event, h11.ConnectionClosed):
                return None
    except h11.RemoteProtocolError:
        return None
    raise AssertionError


def read(pieces: list[bytes]) -> tuple[int, bytes, bool] | None:
    """Read an answer that comes in pieces, and then the end of the connection."""
    reader = Reader()
    try:
        for piece in pieces:
            if piece and (answer := reader.feed(piece)) is not None:
                return answer.status, answer.body, reader.keeps
        answer = reader.end()
    except Undelivered:
        return None
    return answer.status, answer.body, reader.keeps


@given(answers(), st.lists(st.integers(0, 400), max_size=6))
def test_an_answer_means_what_common_clients_take_it_for(data: bytes, cuts: list[int]) -> None:
    """Whatever form an answer has, and however it comes in pieces: it is the one that h11 reads, or none as there.

    But for a connection of HTTP/1.0 that is to be kept: here it is.
    """
    at = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    expected = by_h11(data)
    for pieces in ([data[a:b] for a, b in pairwise(at)], [bytes([byte]) for byte in data]):
        found = read(pieces)
        if found and expected and b"HTTP/1.0" in data:
            found = (*found[:2], False)
        assert found == expected


@given(st.binary(max_size=300))
def test_rubbish_is_no_answer(data: bytes) -> None:
    """Bytes of any kind are an answer or none, and never an error of another kind."""
    read([data])
    read([b"HTTP/1.1 200 OK\r\n" + data])


def test_one_after_the_other() -> None:
    """A reader that is told to expect the next answer has forgotten the last."""
    reader = Reader()
    for status, body in ((200, b'"SUCCESS"'), (503, b""), (200, b'"BUSY"')):
        reader.expect()
        assert not reader.begun
        answer = reader.feed(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))
        assert (answer, reader.keeps) == (Response(status, body), True)


@pytest.mark.parametrize("framing", [b"Content-Length: 99999999", b"Transfer-Encoding: chunked", b"X: y"])
def test_what_is_kept_and_read_is_bounded(framing: bytes) -> None:
    """Of a long body the beginning is kept, and not much more is read; chunks may not hide what has no end."""
    reader = Reader()
    answer = reader.feed(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n")
    chunk = b"1;%s\r\nx\r\n" % (b"y" * 1_000) if b"chunked" in framing else b"x" * 1_024
    fed = 0
    while answer is None:
        answer = reader.feed(chunk)
        fed += len(chunk)
    assert READ_LIMIT < fed <= READ_LIMIT + len(chunk)
    assert 0 < len(answer.body) <= BODY_LIMIT
    assert not reader.keeps


def test_a_head_is_bounded() -> None:
    """A head without end is no answer, and neither are interim ones without end."""
    for line in (b"X-Long: yes\r\n", b"\r\nHTTP/1.1 100 Continue\r\n"):
        reader = Reader()
        reader.feed(b"HTTP/1.1 100 Continue\r\n")
        for _ in range((HEAD_LIMIT - 100) // len(line)):
            assert reader.feed(line) is None
        with pytest.raises(Undelivered, match="head"):
            reader.feed(line * 20)
