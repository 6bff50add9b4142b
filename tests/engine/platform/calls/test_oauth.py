"""OAuth 2.0 of exported HTTP and REST connections (component XML, section 7), over real sockets."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from runtime.model.journal import Status
from tests.bundle.components.exports import component, errors, process, read
from tests.connectors.http.server import Answer, Seen, Server, running_server
from tests.engine.platform.calls.exported import call, calling, ran
from tests.engine.platform.calls.test_http_client import action as http_action
from tests.engine.platform.calls.test_rest_client import REST, rest_call
from tests.engine.platform.calls.test_rest_client import action as rest_action

UNUSED = (
    '<OAuthSettings consumerKey="" realm="" signatureMethod="SHA256"/><AwsSettings/>'
    '<SSLOptions clientauth="false" trustServerCert="false"/>'
)


def oauth(tag: str, url: str, grant: str, more: str = "", parameters: str = "") -> str:
    """The element, with what the platform keeps for itself in it."""
    return (
        f'<{tag} grantType="{grant}"><credentials accessToken="00ff" accessTokenKey="k" clientId="shop"'
        f' clientSecret="00ff"/><authorizationTokenEndpoint url="https://login.example/authorize"><sslOptions/>'
        f'</authorizationTokenEndpoint><authorizationParameters><parameter name="prompt" value="consent"/>'
        f'</authorizationParameters><accessTokenEndpoint url="{url}/token"><sslOptions/></accessTokenEndpoint>'
        f"<accessTokenParameters>{parameters}</accessTokenParameters><scope>read write</scope>{more}</{tag}>"
    )


def http(url: str, inner: str, user: str = "") -> bytes:
    """A connection of the HTTP Client."""
    return component(
        "connector-settings",
        "connection",
        f'<HttpSettings xmlns="" authenticationType="OAUTH2" url="{url}"><AuthSettings user="{user}" password=""/>'
        f"{inner}{UNUSED}</HttpSettings>",
        name="Shop",
        more='subType="http"',
    )


def rest(url: str, auth: str, inner: str) -> bytes:
    """A connection of the REST client, with the fields that each has."""
    empty = "".join(f'<field id="{name}" type="string" value=""/>' for name in ("domain", "awsAccessKey", "maxTotal"))
    return component(
        "connector-settings",
        "connection",
        f'<GenericConnectionConfig xmlns=""><field id="url" type="string" value="{url}"/>'
        f'<field id="auth" type="string" value="{auth}"/>{empty}<field id="oauthContext" type="oauth">{inner}</field>'
        '<field id="privateCertificate" type="privatecertificate"/></GenericConnectionConfig>',
        name="Shop",
        more=f'subType="{REST}"',
    )


JWT = "<jwtParameters><expiration>0</expiration></jwtParameters>"
GIVEN = {
    "shop-clientsecret": "s3cr3t",
    "shop-refreshtoken": "kept-one",
    "shop-password": "pa55word",
    "shop-user": "ann",
}


def answering(server: Server) -> None:
    """Let a server give tokens, and take them."""

    def answer(seen: Seen) -> Answer:
        if seen.target == "/token":
            return Answer(body=b'{"access_token":"t","token_type":"bearer","expires_in":60}')
        return Answer(body=b"done") if seen.headers.get("authorization") == "Bearer t" else Answer(401)

    server.answer = answer


@pytest.mark.parametrize(
    ("grant", "form"),
    [
        ("client_credentials", {"grant_type": "client_credentials"}),
        ("password", {"grant_type": "password", "username": "ann", "password": "pa55word"}),
        ("code", {"grant_type": "refresh_token", "refresh_token": "kept-one"}),
    ],
)
async def test_http_connections_get_their_token(grant: str, form: dict[str, str]) -> None:
    """Secrets come from extensions; parameters and scope are sent with the request for the token."""
    extra = '<parameter name="audience" value="https://api"/>'
    wanted = {
        "client_credentials": ("shop-clientsecret",),
        "password": ("shop-clientsecret", "shop-user", "shop-password"),
        "code": ("shop-clientsecret", "shop-refreshtoken"),
    }
    async with running_server() as server:
        answering(server)
        made = await ran(
            calling(call("http", "Get")),
            http(server.url, oauth("OAuth2Settings", server.url, grant, parameters=extra)),
            http_action(),
            machine={name: GIVEN[name] for name in wanted[grant]},
        )
        asked, called = server.seen
    assert (made.status, made.texts) == (Status.COMPLETE, ("done",))
    assert dict(parse_qsl(asked.body.decode())) == {
        **form, "scope": "read write", "audience": "https://api", "client_id": "shop", "client_secret": "s3cr3t"
    }  # fmt: skip
    assert called.target == "/"


async def test_rest_connections_get_their_token() -> None:
    """The field that all of them have means something with this authentication alone."""
    inner = oauth("OAuth2Config", "", "code", JWT).replace("/token", "")
    for auth, tokens in (("NONE", 0), ("OAUTH2", 1)):
        async with running_server() as server:
            answering(server)
            if auth == "OAUTH2":
                more = JWT + "<credentialsAssertionType>client_secret</credentialsAssertionType>"
                scheme = 'refreshAuthScheme="basic_auth" grantType='
                inner = oauth("OAuth2Config", server.url, "client_credentials", more).replace("grantType=", scheme)
            made = await ran(
                calling(rest_call("GET")),
                rest(server.url, auth, inner),
                rest_action("GET"),
                machine={"shop-clientsecret": "s3cr3t"} if tokens else {},
            )
            asked = [seen for seen in server.seen if seen.target == "/token"]
        assert made.status is (Status.COMPLETE if tokens else Status.ERROR)
        assert [seen.headers["authorization"] for seen in asked] == ["Basic c2hvcDpzM2NyM3Q="] * tokens


def test_secrets_of_an_export_are_extensions_with_their_meaning() -> None:
    """What the platform holds encrypted is never taken for a value."""
    result, _ = read(
        process(call("http", "Get"), first="call"),
        http("https://shop.example", oauth("OAuth2Settings", "https://login.example", "code")),
        http_action(),
    )
    assert {name: (one.kind, one.required) for name, one in result.extensions.items()} == {
        "shop-clientsecret": ("secret", True),
        "shop-refreshtoken": ("secret", True),
    }
    assert "refresh token" in (result.extensions["shop-refreshtoken"].description or "")


@pytest.mark.parametrize(
    ("inner", "says"),
    [
        ("", "has no 'OAuth2Settings'"),
        ('<OAuth2Settings grantType="client_credentials"/>', "has no 'credentials'"),
        (oauth("OAuth2Settings", "https://a", "implicit"), "'grantType' of 'OAuth2Settings' is 'implicit'"),
        (
            oauth("OAuth2Settings", "https://a", "code", "<credentialsAssertionType>jwt</credentialsAssertionType>"),
            "not by an assertion",
        ),
        (oauth("OAuth2Settings", "https://a", "code", "<odd/>"), "'odd' in 'OAuth2Settings' is not understood"),
    ],
)
def test_what_gives_no_token_is_told(inner: str, says: str) -> None:
    """Nothing of the element is passed over."""
    told = errors(calling(call("http", "Get")), http("https://shop.example", inner), http_action())
    assert any(says in one for one in told), told
