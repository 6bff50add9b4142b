from __future__ import annotations

import msgspec
import pytest
import trio
import trio.testing

from connectors.http import CONNECTOR
from connectors.http.operations import Deleting, Reading, Replacing, Requesting, Writing
from connectors.http.settings import Settings
from runtime.sdk.contract import a_call, expect_fault, expect_replies
from runtime.sdk.effect import Effect
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown
from tests.connectors.http.server import Answer, Seen, Server, running_server


async def once(
    server: Server, operation: str, fields: object, content: bytes = b"", **settings: object
) -> tuple[Seen, bytes, dict[str, str]]:
    """Make one call that succeeds; give what the server saw, and what came back."""
    made = msgspec.convert({"url": server.url + "/api", **settings}, Settings)
    async with CONNECTOR.open(made) as connection:
        (reply,) = await expect_replies(connection, operation, a_call(fields, content))
    return server.seen[-1], reply.content, reply.meta


async def test_the_answer_becomes_the_document_and_its_meta() -> None:
    """The body is the content; status, reason and headers stand in meta, names in lower case."""
    async with running_server() as server:
        server.answer = lambda _: Answer(201, {"X-Trace": "7"}, b'{"a":1}', reason="Created")
        seen, content, meta = await once(server, "get", Reading(path="/items/7"))
    assert (seen.method, seen.target, seen.body) == ("GET", "/api/items/7", b"")
    assert content == b'{"a":1}'
    assert meta["status"] == "201"
    assert meta["message"] == "Created"
    assert meta["header.x-trace"] == "7"


@pytest.mark.parametrize(
    ("operation", "fields", "method", "sends"),
    [
        ("get", Reading(), "GET", False),
        ("head", Reading(), "HEAD", False),
        ("post", Writing(), "POST", True),
        ("post", Writing(send_document=False), "POST", False),
        ("put", Replacing(), "PUT", True),
        ("patch", Writing(content_type="application/merge-patch+json"), "PATCH", True),
        ("delete", Deleting(), "DELETE", False),
        ("delete", Deleting(send_document=True), "DELETE", True),
        ("request", Requesting(method="report"), "REPORT", True),
    ],
)
async def test_what_is_sent(operation: str, fields: Reading, method: str, sends: bool) -> None:  # noqa: FBT001
    """The document is the body where the method has one, with its type; an empty document is no body."""
    async with running_server() as server:
        seen, _, _ = await once(server, operation, fields, b'{"a":1}')
        assert (seen.method, seen.target) == (method, "/api")
        assert seen.body == (b'{"a":1}' if sends else b"")
        if sends:
            assert isinstance(fields, Replacing | Deleting)
            assert seen.headers["content-type"] == fields.content_type
        seen, _, _ = await once(server, operation, fields, b"")
        assert seen.body == b""
        assert "content-type" not in seen.headers


async def test_credentials_headers_and_query() -> None:
    """Basic credentials, the connection's headers, the call's headers over them, and an encoded query."""
    async with running_server() as server:
        fields = Reading(query='{"q":"a&b=c d","n":1.50,"on":true}', headers='{"X-One":"call","X-Two":"2"}')
        seen, _, _ = await once(
            server, "get", fields, username="ann", password="s3cret", headers='{"X-One":"all","X-Three":"3"}'
        )
    assert seen.target == "/api?q=a%26b%3Dc%20d&n=1.5&on=true"
    assert seen.headers["authorization"] == "Basic YW5uOnMzY3JldA=="
    assert (seen.headers["x-one"], seen.headers["x-two"], seen.headers["x-three"]) == ("call", "2", "3")


async def test_a_keyed_call_carries_its_key() -> None:
    """In the header that the author names; without one there is none."""
    async with running_server() as server:
        seen, _, _ = await once(server, "post", Writing(idempotency_header="Idempotency-Key"))
        assert seen.headers["idempotency-key"] == "key-1"
        seen, _, _ = await once(server, "post", Writing())
        assert "idempotency-key" not in seen.headers


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("items/a b", "/api/items/a%20b"),
        ("/items/ü?x=1#y", "/api/items/%C3%BC%3Fx%3D1%23y".replace("%3D", "=")),
        ("//evil.example/x", "/api//evil.example/x"),
        ("/%2e%2e/x", "/api/%252e%252e/x"),
        ("/a\\..\\b", "/api/a%5C..%5Cb"),
        ("/a\r\nHost: evil", "/api/a%0D%0AHost:%20evil"),
        ("/..;/x", "/api/..%3B/x"),
        ("/@evil.example", "/api/@evil.example"),
        ("/a/", "/api/a/"),
    ],
)
async def test_a_path_cannot_lead_elsewhere(path: str, target: str) -> None:
    """Each segment is plain text: it changes neither host nor query, and smuggles nothing."""
    async with running_server() as server:
        seen, _, _ = await once(server, "get", Reading(path=path))
        assert seen.target == target
        assert seen.headers["host"] in server.url


@pytest.mark.parametrize("path", ["..", "/a/../b", "/a/..", "./a", "/a/./b"])
async def test_a_path_cannot_climb(path: str) -> None:
    """It is refused before anything is sent."""
    async with running_server() as server, CONNECTOR.open(Settings(url=server.url)) as connection:
        fault = await expect_fault(connection, "get", a_call(Reading(path=path)), NotSent)
        assert fault.code == "http.unsafe-path"
        assert server.seen == []


@pytest.mark.parametrize(
    "fields",
    [
        Reading(query="a=b"),
        Reading(query="[1]"),
        Reading(query='{"a":{"b":1}}'),
        Reading(headers='{"X":"a\\r\\nY: b"}'),
        Reading(headers='{"X Y":"a"}'),
        Reading(headers='{"host":"evil.example"}'),
        Reading(accept="a\r\nb: c"),
        Writing(idempotency_header="no header"),
        Writing(content_type="a\nb"),
    ],
)
async def test_fields_that_make_no_request_are_refused(fields: Reading) -> None:
    """Nothing in a value can become a header or a parameter of another name."""
    async with running_server() as server, CONNECTOR.open(Settings(url=server.url)) as connection:
        fault = await expect_fault(connection, "post", a_call(fields, b"{}"), NotSent)
        assert fault.code == "http.invalid-field"
        assert server.seen == []


async def test_a_call_authorizes_itself_only_where_the_connection_does_not() -> None:
    """A document's token may be a header; it never takes the place of the connection's credentials."""
    fields = Reading(headers='{"Authorization":"Bearer t"}')
    async with running_server() as server:
        seen, _, _ = await once(server, "get", fields)
        assert seen.headers["authorization"] == "Bearer t"
        for settings in (Settings(url=server.url, username="ann"), Settings(url=server.url, headers=fields.headers)):
            async with CONNECTOR.open(settings) as connection:
                fault = await expect_fault(connection, "get", a_call(fields), NotSent)
            assert fault.code == "http.invalid-field"
        assert len(server.seen) == 1


async def test_a_call_may_say_what_its_body_is() -> None:
    """A header of the call goes before the operation's type of content."""
    async with running_server() as server:
        seen, _, _ = await once(server, "post", Writing(headers='{"Content-Type":"text/csv"}'), b"a,b")
    assert seen.headers["content-type"] == "text/csv"


async def test_an_error_status_is_the_applications_own() -> None:
    """Its words are the platform's; the body and the meta come along."""
    async with running_server() as server, CONNECTOR.open(Settings(url=server.url)) as connection:
        server.answer = lambda _: Answer(404, {"x-a": "1"}, b'{"error":"gone"}', reason="Not Found")
        fault = await expect_fault(connection, "get", a_call(Reading()), ApplicationFault)
    assert fault.message == "[404] Not Found"
    assert (fault.status, fault.body) == ("404", b'{"error":"gone"}')
    assert fault.meta["header.x-a"] == "1"


async def test_a_redirect_is_an_answer() -> None:
    """It is not followed: credentials stay with the server that they are for."""
    async with running_server() as server:
        server.answer = lambda _: Answer(302, {"location": "http://evil.example/"})
        _, _, meta = await once(server, "get", Reading())
    assert (meta["status"], meta["header.location"]) == ("302", "http://evil.example/")


async def test_a_refused_connection_sent_nothing() -> None:
    """So does a name that is not known."""
    async with running_server() as server:
        gone = server.url
    for url in (gone, "http://name.invalid"):
        async with CONNECTOR.open(Settings(url=url)) as connection:
            fault = await expect_fault(connection, "post", a_call(Writing()), NotSent)
            assert fault.code == "http.not-sent"


async def test_a_connection_cut_after_sending_leaves_doubt() -> None:
    """The server may have done what it was asked; the connection can be used again."""
    async with running_server() as server, CONNECTOR.open(Settings(url=server.url)) as connection:
        server.answer = lambda _: Answer(cut=True)
        fault = await expect_fault(connection, "post", a_call(Writing(), b"{}"), OutcomeUnknown)
        assert fault.code == "http.outcome-unknown"
        server.answer = lambda _: Answer(body=b"again")
        (reply,) = await expect_replies(connection, "post", a_call(Writing(), b"{}"))
        assert reply.content == b"again"


@pytest.mark.parametrize("chunked", [True, False])
async def test_an_answer_that_is_too_large_is_not_read_to_its_end(chunked: bool) -> None:  # noqa: FBT001
    """It is a known outcome: the server did answer. The connection can be used again."""
    async with running_server() as server:
        server.answer = lambda _: Answer(body=b"x" * 1_000_000, chunked=chunked)
        settings = Settings(url=server.url, response_limit="1 KiB", connections=1)
        async with CONNECTOR.open(settings) as connection:
            fault = await expect_fault(connection, "get", a_call(Reading()), ApplicationFault)
            assert fault.code == "http.response-too-large"
            server.answer = lambda _: Answer(body=b"small", chunked=chunked)
            (reply,) = await expect_replies(connection, "get", a_call(Reading()))
            assert reply.content == b"small"


async def test_the_total_time_of_a_call_is_bounded(mock_clock: trio.testing.MockClock) -> None:
    """By the connection's own time-out where the execution has no deadline."""
    async with running_server() as server:
        server.answer = lambda _: Answer(silent=True)
        settings = Settings(url=server.url, timeout="30 s", read_timeout="1 h")
        async with CONNECTOR.open(settings) as connection, trio.open_nursery() as nursery:
            nursery.start_soon(expect_fault, connection, "get", a_call(Reading()), OutcomeUnknown)
            await server.arrived.wait()
            mock_clock.jump(31)


async def test_admission_bounds_what_is_under_way_and_what_waits() -> None:
    """Two at once, two waiting; the fifth is refused at once, and nothing of it was sent."""
    async with running_server() as server:
        server.release = trio.Event()
        settings = Settings(url=server.url, connections=2, queue=2)
        async with CONNECTOR.open(settings) as connection, trio.open_nursery() as nursery:
            for _ in range(4):
                nursery.start_soon(expect_replies, connection, "get", a_call(Reading()))
            await trio.testing.wait_all_tasks_blocked()
            fault = await expect_fault(connection, "get", a_call(Reading()), NotSent)
            assert fault.code == "http.queue-full"
            server.release.set()
        assert len(server.seen) == 4
        assert server.most_at_once <= 2
        assert server.connections <= 2


async def test_connections_are_used_again() -> None:
    """One after the other, calls need one connection."""
    async with running_server() as server, CONNECTOR.open(Settings(url=server.url)) as connection:
        for _ in range(5):
            await expect_replies(connection, "post", a_call(Writing(), b"{}"))
        assert server.connections == 1


@pytest.mark.parametrize(
    ("operation", "fields", "effect"),
    [
        ("get", {}, Effect.PURE),
        ("head", {}, Effect.PURE),
        ("put", {}, Effect.IDEMPOTENT),
        ("delete", {}, Effect.IDEMPOTENT),
        ("post", {}, Effect.ONCE),
        ("patch", {}, Effect.ONCE),
        ("post", {"idempotency_header": "Idempotency-Key"}, Effect.KEYED),
        ("post", {"idempotency_header": None}, Effect.ONCE),
        ("request", {"method": None}, Effect.ONCE),
        ("request", {"method": "get"}, Effect.PURE),
        ("request", {"method": "PUT"}, Effect.IDEMPOTENT),
        ("request", {"method": "POST", "idempotency_header": "K"}, Effect.KEYED),
    ],
)
def test_effects(operation: str, fields: dict[str, str | None], effect: Effect) -> None:
    """What is not known in the bundle gets the most careful word."""
    spec = CONNECTOR.operation(operation)
    assert spec is not None
    assert spec.effect(fields) is effect


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "ftp://a"},
        {"url": "http://user:pw@a"},
        {"url": "http://a?x=1"},
        {"url": "http://a", "timeout": "30"},
        {"url": "http://a", "response_limit": "1 XB"},
        {"url": "http://a", "connections": 0},
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object]) -> None:
    """By their types alone, so that lint says so."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(settings, Settings, strict=False)


def test_settings_do_not_show_their_secrets() -> None:
    """Not even in a traceback."""
    assert "s3cret" not in repr(Settings(url="http://a", password="s3cret", headers='{"X":"s3cret"}'))
