"""What a process starts with when a web service is called."""

from __future__ import annotations

from typing import cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.live_services import Bound
from runtime.engine.live_web import Endpoint
from runtime.errors import RequestError
from runtime.model.headers import PASSED, passed_headers
from runtime.model.web_service import Exchanged, WebListener
from runtime.web.exchange import Headers, Request
from runtime.web.ws_requests import Called, documents_of, pairs_of, properties_of, user_of, wait_of

MOST = 5
HEADERS: Headers = ((b"content-type", b"application/json"), (b"authorization", b"Basic YWRhOnB3"))


def request(body: bytes = b"", query: str = "", headers: Headers = HEADERS, certificate: str | None = None) -> Request:
    """Give a request."""
    return Request(
        method="POST",
        path="/ws/simple/createOrder",
        query=query.encode("latin-1"),
        headers=headers,
        body=body,
        client=None,
        arrived=0.0,
        certificate=certificate,
    )


def endpoint(kind: Exchanged) -> Endpoint:
    """Give what takes this kind of input."""
    return Endpoint(cast("Bound", None), WebListener(input=kind))


async def contents(body: bytes, kind: Exchanged) -> list[bytes]:
    """Give the contents that a body becomes."""
    documents = await documents_of(request(body), endpoint(kind), passed_headers(*PASSED), MOST)
    return [cast("bytes", document.content) for document in documents]


TAKEN: dict[str, tuple[Exchanged, bytes, list[bytes]]] = {
    "nothing": ("none", b"ignored", [b""]),
    "any data": ("single data", b"\x00\xff", [b"\x00\xff"]),
    "an empty body": ("single data", b"", [b""]),
    "one object": ("single json", b'{"a": 1}', [b'{"a": 1}']),
    "an array": ("multiple json", b'[{"a": 1.0}, {"b": []}]', [b'{"a": 1.0}', b'{"b": []}']),
    "an object where an array may be": ("multiple json", b' {"a": 1} ', [b'{"a": 1}']),
    "an empty array": ("multiple json", b"[]", []),
    "a list of elements": (
        "multiple xml",
        b'<CList xmlns:p="u"><!-- c --><C><N>\xc3\xa9</N></C>\n<p:C a="1"/></CList>',
        [
            "<?xml version='1.0' encoding='UTF-8'?>\n<C xmlns:p=\"u\"><N>é</N></C>".encode(),
            b"<?xml version='1.0' encoding='UTF-8'?>\n<p:C xmlns:p=\"u\" a=\"1\"/>",
        ],
    ),
}


@pytest.mark.parametrize("name", TAKEN)
async def test_a_body_becomes_documents(name: str) -> None:
    """One as it is, or one for each object; a process that takes nothing starts with one empty document (103, 108)."""
    kind, body, made = TAKEN[name]
    assert await contents(body, kind) == made


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multiple json", b'[{"a":'),
        ("multiple json", b"\xff"),
        ("multiple json", b"[" + b"1," * MOST + b"1]"),
        ("multiple xml", b"<a><b></a>"),
        ("multiple xml", b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'),
        ("multiple xml", b"<a>" + b"<b/>" * (MOST + 1) + b"</a>"),
    ],
)
async def test_what_cannot_be_taken_apart_is_told(kind: Exchanged, body: bytes) -> None:
    """The caller learns that it must change its request: 400."""
    with pytest.raises(RequestError) as caught:
        await contents(body, kind)
    assert caught.value.status == 400


async def test_headers_are_properties_of_documents() -> None:
    """Those that may pass, on each document; credentials never, and none where a process takes nothing."""
    passed = passed_headers(*PASSED)
    (document,) = await documents_of(request(b"x"), endpoint("single data"), passed, MOST)
    assert document.properties == {"inheader_Content-Type": "application/json"}
    (empty,) = await documents_of(request(b"x"), endpoint("none"), passed, MOST)
    assert empty.properties == {}


def test_the_request_is_properties_of_the_process() -> None:
    """Method, path, user, parameters of the path and of the query: decoded, names as they are, the first of two."""
    called = Called(endpoint("none"), "/shop/orders/7", {"id": "7"})
    sent = request(query="my-key=x&id=a%20b+c&id=2&empty=&_boomi_debug=true")
    assert properties_of(sent, called, "ada") == {
        "inmethod": "POST",
        "inpath": "/shop/orders/7",
        "inuser": "ada",
        "param_id": "7",
        "query_my-key": "x",
        "query_id": "a b c",
        "query_empty": "",
        "query__boomi_debug": "true",
    }


def test_only_a_user_that_was_checked_is_told() -> None:
    """A name that anybody may write into a header says nothing where nobody has looked at it."""
    sent = request(certificate="flow")
    assert [user_of(sent, kind) for kind in ("none", "basic", "certificate")] == ["", "ada", "flow"]


@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_any_query_is_read(query: str) -> None:
    """Nothing that a caller writes behind the question mark is an error of ours, and all of it are texts."""
    for name, value in pairs_of(request(query=query)):
        assert msgspec.json.decode(msgspec.json.encode([name, value])) == [name, value]


WAITS = {
    "": None,
    "x-max-wait: 1500": 1.5,
    "x-max-wait: 0": 0.0,
    "x-max-wait: soon": None,
    "x-max-wait: 99999999999": 900.0,
    "prefer: respond-async": 0.0,
    "prefer: respond-async, wait=10": 10.0,
    "prefer: wait=10": None,
}


@pytest.mark.parametrize("header", WAITS)
def test_a_caller_says_how_long_it_waits(header: str) -> None:
    """In the platform's words or in those of the standard."""
    name, _, value = header.partition(": ")
    headers: Headers = ((name.encode(), value.encode()),) if name else ()
    assert wait_of(request(headers=headers)) == WAITS[header]
