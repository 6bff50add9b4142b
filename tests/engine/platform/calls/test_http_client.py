"""The platform's HTTP Client (component XML, sections 6 and 7; behaviour 100), over real sockets."""

from __future__ import annotations

from functools import partial

from runtime.model.journal import Status
from tests.bundle.components.exports import component, errors, process, read
from tests.connectors.http.server import Answer, Seen, running_server
from tests.engine.platform.calls.exported import call, calling, literal, operation, ran, saying, setting


def connection(
    url: str, kind: str = "NONE", auth: str = '<AuthSettings user="" password=""/>', more: str = ""
) -> bytes:
    """A connection, with the blocks of all other authentications beside it, as the editor writes them."""
    return component(
        "connector-settings",
        "connection",
        f'<HttpSettings xmlns="" authenticationType="{kind}" url="{url}" {more}>{auth}'
        '<OAuthSettings consumerKey="" realm="" signatureMethod="SHA256"/><OAuth2Settings grantType="code">'
        '<credentials clientId=""/><scope/></OAuth2Settings><AwsSettings><credentials><accessKeyId/></credentials>'
        '</AwsSettings><SSLOptions clientauth="false" clientsslalias="" trustServerCert="false" trustedcertalias=""/>'
        "</HttpSettings>",
        name="Shop",
        more='subType="http"',
    )


def action(tag: str = "HttpGetAction", attributes: str = 'methodType="GET"', parts: str = "") -> bytes:
    """An operation."""
    return component(
        "connector-action",
        "operation",
        operation(
            f'<{tag} dataContentType="application/json" followRedirects="false" requestProfileType="NONE"'
            f' responseProfileType="JSON" returnMimeResponse="false" {attributes}>{parts}<reflectHeaders/></{tag}>',
        ),
        more='subType="http"',
    )


SEGMENTS = (
    '<pathElements><element key="2000000" name="orders/"/><element isVariable="true" key="2000001" name="ID"/>'
    '<element key="2000002" name="?full=yes"/></pathElements>'
)
HEADERS = (
    '<requestHeaders><header headerName="X-Source" headerValue="shop" key="1000001"/>'
    '<header headerName="Authorization" headerValue="TOKEN" isVariable="true" key="1000002"/></requestHeaders>'
)
MAPPED = (
    '<responseHeaderMapping><header headerFieldName="ETag" key="3" targetPropertyName="TAG"/></responseHeaderMapping>'
)


async def test_path_and_headers_are_joined_of_texts_and_variables_as_they_are() -> None:
    """Variables are dynamic document properties of their names; nothing is encoded; a Get sends no body."""
    async with running_server() as server:
        server.answer = lambda _: Answer(200, {"ETag": "7"}, b'{"a":1}')
        made = await ran(
            calling(
                saying("x", to="set"),
                setting(("dynamicdocument.ID", "a%20b"), ("dynamicdocument.TOKEN", "Bearer t")),
                call("http", "Get"),
                first="say",
            ),
            connection(server.url + "/api"),
            action(parts=SEGMENTS + HEADERS + MAPPED),
        )
        (seen,) = server.seen
    assert (seen.method, seen.target, seen.body) == ("GET", "/api/orders/a%20b?full=yes", b"")
    assert (seen.headers["x-source"], seen.headers["authorization"]) == ("shop", "Bearer t")
    assert made.texts == ('{"a":1}',)
    assert made.documents[0].properties["TAG"] == "7"


async def test_a_send_gives_the_answer_or_the_document_that_was_sent() -> None:
    """Without Return HTTP Responses the document that was sent goes on."""
    for returns, text in (("true", "answer"), ("false", "sent")):
        async with running_server() as server:
            server.answer = lambda _: Answer(200, body=b"answer")
            made = await ran(
                calling(saying("sent"), call("http", "Send"), first="say"),
                connection(server.url),
                action("HttpSendAction", f'methodType="PUT" returnResponses="{returns}"'),
            )
            (seen,) = server.seen
        assert (seen.method, seen.target, seen.body) == ("PUT", "/", b"sent")
        assert seen.headers["content-type"] == "application/json"
        assert made.texts == (text,)


async def test_parameters_of_the_step_fill_in_and_leave_no_body() -> None:
    """They set the elements with their keys (component XML, section 2.3)."""
    async with running_server() as server:
        made = await ran(
            calling(
                saying("sent"),
                call("http", "Send", parameters=literal("2000001", "9") + literal("1000001", "step")),
                first="say",
            ),
            connection(server.url),
            action("HttpSendAction", 'methodType="POST" returnResponses="true"', SEGMENTS + HEADERS),
        )
        (seen,) = server.seen
    assert made.status is Status.COMPLETE
    assert (seen.target, seen.body, seen.headers["x-source"]) == ("/orders/9?full=yes", b"", "step")


async def test_an_error_is_told_in_the_platforms_words_or_goes_on() -> None:
    """From 300 on a status is an error; Return HTTP Errors lets its body through."""
    for returns, status, text in (("false", Status.ERROR, ()), ("true", Status.COMPLETE, ("gone",))):
        async with running_server() as server:
            server.answer = lambda _: Answer(404, body=b"gone", reason="Not Found")
            made = await ran(
                calling(call("http", "Get")),
                connection(server.url),
                action(attributes=f'methodType="GET" returnErrors="{returns}"'),
            )
        assert (made.status, made.texts) == (status, text)
        if status is Status.ERROR:
            assert "Error message received from Http Server, Code 404: Not Found" in (made.message or "")
        else:
            assert made.documents[0].meta["status"] == "404"


def _redirecting(location: str, seen: Seen) -> Answer:
    return Answer(body=b"there") if seen.target == "/b" else Answer(302, {"location": location})


async def test_redirects_are_followed_where_the_operation_says_so_and_on_one_server() -> None:
    """Otherwise an answer that leads elsewhere is an error."""
    for follows, location, text in (
        ("true", "/b", ("there",)),
        ("false", "/b", ()),
        ("true", "http://o.example/b", ()),
    ):
        async with running_server() as server:
            server.answer = partial(_redirecting, location)
            attributes = f'methodType="GET" followRedirects="{follows}"'
            made = await ran(
                calling(call("http", "Get")),
                connection(server.url),
                component(
                    "connector-action",
                    "operation",
                    operation(f"<HttpGetAction {attributes}/>"),
                    more='subType="http"',
                ),
            )
        assert made.texts == text


async def test_passwords_are_the_machines_and_may_stand_in_variables() -> None:
    """With custom authentication they stand where the operation has variables called ``username`` or ``password``."""
    auth = '<AuthSettings user="ann" password="0123abcd"/>'
    parts = (
        '<requestHeaders><header headerName="X-Key" headerValue="password" isVariable="true" key="1"/></requestHeaders>'
    )
    for kind, header, value in (("CUSTOM", "x-key", "s3cret-1"), ("BASIC", "authorization", "Basic YW5uOnMzY3JldC0x")):
        async with running_server() as server:
            made = await ran(
                calling(call("http", "Get")),
                connection(server.url, kind, auth),
                action(parts=parts),
                machine={"shop-password": "s3cret-1"},
            )
            (seen,) = server.seen
        assert made.status is Status.COMPLETE
        assert seen.headers[header] == value


async def test_digest_answers_the_servers_challenge() -> None:
    """The password itself is never sent."""
    async with running_server() as server:
        server.answer = lambda seen: (
            Answer(body=b"in")
            if "authorization" in seen.headers
            else Answer(401, {"www-authenticate": 'Digest realm="r", nonce="n", qop="auth"'})
        )
        made = await ran(
            calling(call("http", "Get")),
            connection(server.url, "PASSWORD_DIGEST", '<AuthSettings user="ann" password="00"/>'),
            action(),
            machine={"shop-password": "s3cret-1"},
        )
    assert made.texts == ("in",)
    assert server.seen[-1].headers["authorization"].startswith('Digest username="ann"')


def test_what_each_machine_gives_is_named_by_the_path_of_the_override() -> None:
    """The path binds, not the id; a password is required and has no default."""
    overrides = (
        '<bns:processOverrides><Overrides xmlns=""><Connections><ConnectionOverride id="connection">'
        '<field id="anything" label="URL" overrideable="true" xpath="HttpSettings/@url"/></ConnectionOverride>'
        "</Connections></Overrides></bns:processOverrides>"
    )
    result, problems = read(
        process(call("http", "Get"), rest=overrides, first="call"),
        connection("https://shop.example", "BASIC", '<AuthSettings user="ann" password="00"/>'),
        action(),
    )
    assert [problem for problem in problems if problem.severity == "error" and "'end'" not in problem.message] == []
    assert {name: (one.kind, one.default) for name, one in result.extensions.items()} == {
        "shop-url": ("string", "https://shop.example"),
        "shop-password": ("secret", None),
    }


def test_what_is_not_made_here_is_refused_with_its_name() -> None:
    """Other authentications, MIME answers, headers that are sent again."""
    told = errors(
        calling(call("http", "Get")),
        connection("https://shop.example", "OAUTH"),
        action(attributes='methodType="GET" returnMimeResponse="true"')
        .replace(b'returnMimeResponse="false" ', b"")
        .replace(b"<reflectHeaders/>", b'<reflectHeaders><header headerName="X-CSRF"/></reflectHeaders>'),
    )
    assert any("'OAUTH' is not made here" in one for one in told)
    assert any("MIME" in one for one in told)
    assert any("not sent again" in one for one in told)
