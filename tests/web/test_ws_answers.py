"""What a web service answers with the documents that its process returned."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from runtime.errors import ProcessFault
from runtime.flow.data_answers import Returned
from runtime.model.web_service import Exchanged, WebListener
from runtime.web.exchange import Answer
from runtime.web.ws_answers import answer_of
from runtime.web.ws_pages import Page, PageLimits, Pages

PATH = "/ws/rest/shop/orders"
WSS = b' xmlns:wss="http://www.boomi.com/connector/wss"'


class Clock:
    """A time that a test sets, and how often a page was left out."""

    def __init__(self) -> None:
        self.now = 0.0
        self.left_out = 0

    def read(self) -> float:
        """Give the time."""
        return self.now

    def leave_out(self) -> None:
        """Count a page."""
        self.left_out += 1


def pages(clock: Clock, *, time: float = 60.0, size: int = 1_000) -> Pages:
    """Give a place for pages."""
    return Pages(PageLimits(time=time, size=size), clock.read, clock.leave_out)


def answered(
    output: Exchanged, *contents: bytes, most: int = 100, media: str = "", properties: dict[str, str] | None = None
) -> Answer:
    """Give the answer that contents make."""
    listener = WebListener(object="Contact", output=output, most=most, content_type=media)
    returned = [Returned(content, properties or {}) for content in contents]
    return answer_of(listener, returned, pages(Clock()), PATH)


GIVEN: dict[str, tuple[Exchanged, Sequence[bytes], bytes, bytes | None]] = {
    "data is put together": ("single data", [b"a", b"b"], b"ab", b"text/plain"),
    "one object": ("single json", [b"{}"], b"{}", b"application/json"),
    "an array": ("multiple json", [b"{}", b"[1]"], b"[{},[1]]", b"application/json"),
    "one element": ("single xml", [b"<a/>"], b"<a/>", b"application/xml"),
    "a list": (
        "multiple xml",
        [b"<?xml version='1.0'?>\n<C>1</C>", '<?xml version="1.0" encoding="ISO-8859-1"?><C>é</C>'.encode("latin-1")],
        b"<wss:ContactResponseList" + WSS + "><C>1</C><C>é</C></wss:ContactResponseList>".encode(),
        b"application/xml",
    ),
    "no data": ("single data", [], b"", None),
    "no object": ("single json", [], b"", None),
    "no objects": ("multiple json", [], b"", None),
    "no element": ("single xml", [], b"<wss:ContactResponse" + WSS + b"/>", b"application/xml"),
    "no elements": (
        "multiple xml",
        [],
        b"<wss:ContactResponseList" + WSS + b"></wss:ContactResponseList>",
        b"application/xml",
    ),
}


@pytest.mark.parametrize("name", GIVEN)
def test_documents_become_an_answer(name: str) -> None:
    """By the output type: put together, alone, in an array or list; nothing is blank or an empty element (106, 107)."""
    output, contents, body, media = GIVEN[name]
    answer = answered(output, *contents)
    assert (answer.status, answer.body, dict(answer.headers).get(b"content-type")) == (200, body, media)


def test_a_document_says_status_and_headers() -> None:
    """Of a single document: its properties, as the platform names them; the type of the listener is the default."""
    properties = {"outstatuscode": "201", "outheader_Location": "/x", "outheader_Content-Type": "a/b", "other": "1"}
    answer = answered("single data", b"x", media="text/csv", properties=properties)
    assert (answer.status, answer.headers) == (201, ((b"location", b"/x"), (b"content-type", b"a/b")))
    assert dict(answered("single data", b"x", media="text/csv").headers) == {b"content-type": b"text/csv"}


@pytest.mark.parametrize(
    "properties",
    [
        {"outstatuscode": "99"},
        {"outstatuscode": "1" * 5_000},
        {"outstatuscode": "ok"},
        {"outheader_X": "a\r\nSet-Cookie: b"},
        {"outheader_X: a\r\nY": "b"},
        {"outheader_Content-Length": "1"},
        {"outheader_Transfer-Encoding": "chunked"},
        {"outheader_X": "\u2028"},
    ],
)
def test_what_would_break_the_answer_is_a_fault(properties: dict[str, str]) -> None:
    """No document can end the head of an answer, nor say where its body ends."""
    with pytest.raises(ProcessFault):
        answered("single json", b"{}", properties=properties)


@pytest.mark.parametrize(("output", "content"), [("multiple json", b"{"), ("multiple xml", b"<a>")])
def test_what_does_not_fit_into_a_list_is_a_fault(output: Exchanged, content: bytes) -> None:
    """A document that would break the list is told instead."""
    with pytest.raises(ProcessFault):
        answered(output, content)


@pytest.mark.parametrize("output", ["multiple json", "multiple xml"])
def test_a_long_answer_comes_in_pages(output: Exchanged) -> None:
    """Each but the last links to the next; together they hold every document once, in order (106)."""
    kept = pages(Clock())
    listener = WebListener(object="Contact", output=output, most=2)
    contents = [f"<n>{n}</n>".encode() if output == "multiple xml" else str(n).encode() for n in range(5)]
    answer = answer_of(listener, [Returned(content) for content in contents], kept, PATH)
    bodies, page = [answer.body], Page(answer.body, answer.headers)
    while b"link" in dict(page.headers):
        link = dict(page.headers)[b"link"].decode()
        token = link.partition("moreDataToken=")[2].partition(">")[0]
        assert link == f'<{PATH}?moreDataToken={token}>; rel="next"'
        assert (token.encode() in page.body) is (output == "multiple xml")
        assert kept.take("/ws/simple/other", token) is None
        found = kept.take(PATH, token)
        assert found is not None
        page = found
        bodies.append(page.body)
    assert len(bodies) == 3
    joined = b"".join(bodies)
    assert sorted(contents, key=joined.index) == contents
    assert all(joined.count(content) == 1 for content in contents if output == "multiple xml")


def test_pages_are_forgotten_by_age_and_size() -> None:
    """What nobody asks for goes after its time, the oldest sooner where there is no room, which is counted."""
    clock = Clock()
    kept = pages(clock, time=10.0, size=10)
    first, second = kept.keep(PATH, Page(b"x" * 6)), kept.keep(PATH, Page(b"y" * 4))
    assert (kept.take(PATH, first) is None, kept.take(PATH, second) is None) == (False, False)
    third = kept.keep(PATH, Page(b"z" * 4))
    assert [kept.take(PATH, token) is None for token in (first, second, third)] == [True, False, False]
    assert clock.left_out == 1
    clock.now = 10.0
    assert [kept.take(PATH, token) is None for token in (second, third)] == [True, True]
    kept.keep(PATH, Page(b"x" * 11))
    assert clock.left_out == 2
