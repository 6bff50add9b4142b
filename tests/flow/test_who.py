from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote, quote_plus, unquote_to_bytes

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.flow.who import (
    PUBLIC_USER,
    UNKNOWN_USER,
    WHO_KEYS,
    AuthenticatedWho,
    BasicCredentials,
    _decoded,
    parse_authorization,
    parse_who,
)

ADA = "ManyWhoToken=QUJDRA%3D%3D&Email=ada+test@example.com&Token=t0k&UserId=U-42&FirstName=Ada Augusta"
BASIC = "Basic " + b64encode(b"conf:pass").decode()


class TestUser:
    """The encoded user."""

    @pytest.mark.parametrize("encode", [lambda text: quote(text, safe=""), quote_plus])
    def test_both_encodings(self, encode: object) -> None:
        """The .NET and the Java way of encoding a blank and a plus sign are both understood."""
        assert callable(encode)
        who = parse_who(encode(ADA))
        assert (who.email, who.first_name, who.user_id) == ("ada+test@example.com", "Ada Augusta", "U-42")

    def test_decoded_once(self) -> None:
        """The tenant's token keeps the escapes inside it."""
        assert parse_who(quote(ADA, safe="")).many_who_token == "QUJDRA%3D%3D"

    def test_the_first_equals_sign_splits(self) -> None:
        """Padding at the end of a token stays with it."""
        assert parse_who(quote("Token=abc==&UserId=U", safe="")).token == "abc=="

    def test_ampersand_in_a_value(self) -> None:
        """A part without an equals sign belongs to the value before it."""
        assert parse_who(quote("TenantName=Salt & Sons & Co&UserId=U", safe="")).tenant_name == "Salt & Sons & Co"

    def test_absent_values(self) -> None:
        """The word null, and nothing at all, both mean that there is no value."""
        who = parse_who(quote("FirstName=null&LastName=&Email=x", safe=""))
        assert (who.first_name, who.last_name, who.email) == (None, None, "x")

    def test_keys_in_any_case_and_once(self) -> None:
        """Keys are matched whatever their case, unknown ones are skipped, and the first of equal keys counts."""
        who = parse_who(quote("USERID=a&Token2=b&x&userId=c&Role=d", safe=""))
        assert who == AuthenticatedWho(user_id="a")

    @given(st.text())
    def test_nothing_raises(self, text: str) -> None:
        """Whatever stands in the header, it is read."""
        parse_authorization(text)
        parse_who(text)

    @given(
        st.dictionaries(st.sampled_from(sorted(WHO_KEYS)), st.text("abc=+% ü", min_size=1).filter(lambda t: t != ""))
    )
    def test_round_trip(self, user: dict[str, str]) -> None:
        """Every key reaches its own attribute, whatever its value holds but an ampersand."""
        who = parse_who(quote("&".join(f"{key}={value}" for key, value in user.items()), safe=""))
        assert {key: getattr(who, WHO_KEYS[key]) for key in user} == user


class TestAuthorization:
    """The header, or headers."""

    def test_absent(self) -> None:
        """Without the header the public user calls, and nothing is sent back."""
        for authorization in (parse_authorization(), parse_authorization("")):
            assert authorization.who == PUBLIC_USER
            assert authorization.who.is_public
            assert authorization.replay is None

    def test_the_user_is_replayed(self) -> None:
        """The header goes back byte for byte."""
        header = quote(ADA, safe="")
        assert parse_authorization(header).replay == header

    def test_basic(self) -> None:
        """The connector's credentials are given to be checked, tell nothing of the user, and are never sent back."""
        authorization = parse_authorization(BASIC)
        assert authorization.basic == BasicCredentials("conf", "pass")
        assert authorization.who == UNKNOWN_USER
        assert authorization.replay is None

    @pytest.mark.parametrize("other", ["Bearer abc", "Digest username=x, realm=y", "basic !!!", "Basic eA=="])
    def test_other_schemes(self, other: str) -> None:
        """Any other scheme, or unreadable credentials, are neither credentials nor a user, and never sent back."""
        authorization = parse_authorization(other)
        assert (authorization.basic, authorization.who) == (None, UNKNOWN_USER)
        assert authorization.replay is None or "username" not in authorization.replay

    def test_two_headers_in_either_order(self) -> None:
        """Credentials and user may come together, in two headers or one, in either order."""
        who = quote(ADA, safe="")
        for headers in ((BASIC, who), (who, BASIC), (f"{BASIC}, {who}",), (f"{who},{BASIC}",)):
            authorization = parse_authorization(*headers)
            assert authorization.basic == BasicCredentials("conf", "pass")
            assert authorization.who.user_id == "U-42"
            assert authorization.replay == who

    def test_secrets_do_not_show(self) -> None:
        """Neither a token nor a password is in what a log line would print."""
        authorization = parse_authorization(quote(ADA, safe=""), BASIC)
        shown = repr(authorization) + str(authorization) + f"{authorization.who}{authorization.basic}"
        assert "t0k" not in shown
        assert "QUJDRA" not in shown
        assert "pass" not in shown

    def test_a_user_can_be_journalled(self) -> None:
        """A user survives being written down."""
        who = parse_who(quote(ADA, safe=""))
        assert msgspec.json.decode(msgspec.json.encode(who), type=AuthenticatedWho) == who


@given(st.text(alphabet=st.sampled_from("a%25+&= 3D40Bé")))
def test_the_quick_way_is_the_same_way(text: str) -> None:
    """Whatever is escaped, once or twice, decoding it gives what the standard library gives."""
    for written in (text, quote(text, safe=""), quote_plus(text), quote(quote(text, safe=""), safe="")):
        octets = unquote_to_bytes(written.replace("+", " ").encode("latin-1"))
        assert _decoded(written) == octets.decode("utf-8", "replace")
