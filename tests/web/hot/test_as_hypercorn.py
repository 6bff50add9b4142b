"""The front door answers as hypercorn does, but for differences that are listed here, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
import trio
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.web.hot.requests import odd_heads, requests
from tests.web.hot.world import Reply, Talk, handlers, talk

BARE_400 = Reply(400, (("connection", "close"), ("content-length", "0")), b"")


def _bytes_behind_the_end(door: Talk, alone: Talk) -> bool:
    """Bytes behind a request that ends its connection.

    Hypercorn's parser takes them for an error: whether its caller gets the answer, a bare 400 or nothing depends on the
    order of hypercorn's tasks. The front door answers the request and leaves the bytes alone.
    """
    said, lost = _without_the_end(door), _without_the_end(alone)
    telling = [end for _, end in (said, lost) if end not in {None, BARE_400}]
    return door.closed and alone.closed and said[0] == lost[0] and len(telling) <= 1


def _without_the_end(talk: Talk) -> tuple[tuple[Reply, ...], Reply | None]:
    if talk.replies and ("connection", "close") in talk.replies[-1].headers:
        return talk.replies[:-1], talk.replies[-1]
    return talk.replies, None


def _refused_with_its_chunks(door: Talk, alone: Talk) -> bool:
    """A request that is refused at the gate, and whose chunks have all arrived.

    Hypercorn hands them over one by one, so the front cannot tell whether they are all there, and ends the connection.
    The front door can, and keeps it.
    """
    kept, ended = _until_refused(door), _until_refused(alone)
    return alone.closed and bool(kept) and kept == ended


def _until_refused(talk: Talk) -> list[tuple[int, bytes]]:
    told = [(reply.status, reply.body) for reply in talk.replies]
    return told[: told.index(REFUSED) + 1] if REFUSED in told else []


def _half_an_end_among_chunks(several: Sequence[bytes], door: Talk, alone: Talk) -> bool:
    """A line behind the chunks that ends with a line feed alone, or a carriage return alone in the size of a chunk.

    Hypercorn's parser bears both. The front door's refuses them, as it does in chunks: what one parser takes for the
    end of a line and another does not is how requests are smuggled.
    """
    bodies = [data.partition(b"\r\n\r\n") for data in several]
    half = any(b"chunked" in head.lower() and _HALF.search(b"\r\n" + rest) for head, _, rest in bodies)
    return half and door.replies[-1:] == (BARE_400,) and door.replies[:-1] == alone.replies[: len(door.replies) - 1]


_HALF = re.compile(rb"[^\r]\n|\n[0-9A-Fa-f]+;[^\n]*\r[^\n]")
REFUSED = (401, b"no")
DIFFERENCES = (_bytes_behind_the_end,)


def alike(door: Talk, alone: Talk) -> bool:
    """Tell whether two servers have said the same, but for the listed differences."""
    return door == alone or any(differs(door, alone) for differs in DIFFERENCES)


def both(pieces: Sequence[bytes], *, odd: bool = False) -> tuple[Talk, Talk]:
    """Say the same to the front door and to hypercorn alone; with and without a watch the door says the same.

    Where what is said is `odd`, the door may hand it to hypercorn, whose own differences are then the door's.
    """

    async def say() -> tuple[Talk, Talk, Talk]:
        door, alone = handlers(trio.Event())
        return await talk(door, pieces, watched=True), await talk(door, pieces), await talk(alone, pieces)

    with capture_logs():
        watched, tasked, alone = trio.run(say)
    assert watched == tasked or (odd and alike(watched, tasked))
    return watched, alone


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    """Cut bytes at places."""
    cuts = sorted(place % (len(data) + 1) for place in places)
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True) if start < end]


@given(st.lists(requests(last=False), max_size=2), requests(), st.lists(st.integers(0, 10_000), max_size=3))
def test_plain_requests_get_the_same_answers(before: list[bytes], last: bytes, places: list[int]) -> None:
    """Law: well-formed requests, alone or pipelined and cut anywhere, are answered as hypercorn answers them."""
    door, alone = both(cut(b"".join((*before, last)), places))
    assert door == alone or _refused_with_its_chunks(door, alone), (door, alone)


@given(
    st.lists(st.one_of(requests(welcome=True), odd_heads()), min_size=1, max_size=2),
    st.lists(st.integers(0, 10_000), max_size=2),
)
def test_odd_requests_get_the_same_refusals(several: list[bytes], places: list[int]) -> None:
    """Law: what is malformed, ambiguous or strange is refused, or answered, as hypercorn does it.

    All of them pass the gate: of a request that is refused there, and malformed too, hypercorn tells what its tasks
    find first, and the front door always asks the gate first.
    """
    door, alone = both(cut(b"".join(several), places), odd=True)
    assert alike(door, alone) or _half_an_end_among_chunks(several, door, alone), (door, alone)


@given(
    st.sampled_from([b"", b"X-Refuse: 1\r\n", b"Connection: close\r\n"]),
    st.lists(st.lists(st.sampled_from([b"abc", b"bcd"]), min_size=1, max_size=2), max_size=4),
)
def test_a_head_may_come_again_and_again(line: bytes, packets: list[list[bytes]]) -> None:
    """Law: requests that differ in their bodies alone, one or two in a packet, are answered as any others."""
    head = b"POST /fs/x HTTP/1.1\r\nHost: a\r\n%bContent-Length: 3\r\n\r\n" % line
    door, alone = both([b"".join(head + body for body in bodies) for bodies in packets])
    assert alike(door, alone)
    if not line:
        said = [msgspec.json.decode(reply.body)["body"].encode() for reply in door.replies]
        assert said == [body for bodies in packets for body in bodies]


def test_half_an_end_in_the_size_of_a_chunk_is_refused() -> None:
    """Law: a carriage return alone does not belong into the line of a chunk's size, though hypercorn bears one."""
    data = b"POST /fs/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;\ra=b\r\nx\r\n0\r\n\r\n"
    door, alone = both([data])
    assert door.replies == (BARE_400,)
    assert _half_an_end_among_chunks([data], door, alone)


def test_half_a_body_gets_the_same_refusal() -> None:
    """Law: a caller that closes its half amid a body is told so, as hypercorn tells it."""
    for body in (b"Content-Length: 3\r\n\r\nab", b"Transfer-Encoding: chunked\r\n\r\n3\r\nab"):
        door, alone = both([b"POST /fs/x HTTP/1.1\r\nHost: a\r\n" + body])
        assert door == alone
        assert [reply.status for reply in door.replies] == [400]


def test_a_request_may_be_cut_at_every_byte() -> None:
    """Law: where the network cuts a request changes nothing."""
    data = b"POST /fs/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcPUT /fs/y HTTP/1.1\r\nhost: a\r\n\r\n"
    whole = both([data])[0]
    assert [reply.status for reply in whole.replies] == [200, 200]
    for place in range(1, len(data)):
        assert both([data[:place], data[place:]])[0] == whole
    assert both([data[place : place + 1] for place in range(len(data))])[0] == whole


def test_a_bare_end_among_trailers_is_refused() -> None:
    """Law: behind chunks, too, a line ends with both characters, though hypercorn bears one."""
    data = b"POST /fs/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum:\n\r\n"
    door, alone = both([data])
    assert door.replies == (BARE_400,)
    assert _half_an_end_among_chunks([data], door, alone)
