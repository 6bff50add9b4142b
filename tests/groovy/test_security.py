from __future__ import annotations

import base64
import hashlib
import hmac
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import DocumentFault
from tests.groovy.support import value, value_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("URLEncoder.encode('a b&c~*-._+é', 'UTF-8')", "a+b%26c%7E*-._%2B%C3%A9"),
        ("URLEncoder.encode('é', 'ISO-8859-1')", "%E9"),
        ("java.net.URLEncoder.encode('/')", "%2F"),
        ("URLEncoder.encode('ü', java.nio.charset.StandardCharsets.UTF_8.name())", "%C3%BC"),
        ("URLDecoder.decode('a+b%26c%C3%A9%2b', 'UTF-8')", "a b&cé+"),
        ("URLDecoder.decode('%E9', 'ISO-8859-1')", "é"),
    ],
)
def test_a_text_goes_into_an_address_as_forms_write_it(expression: str, expected: str) -> None:
    """Letters, digits and ``*-._`` stay, a space is ``+``, the rest are bytes in the character set that is named."""
    assert value(expression) == expected


@given(TEXTS)
def test_what_was_encoded_is_decoded(text: str) -> None:
    """Decoding gives what was encoded, and in between only letters that an address may have."""
    source = "made = URLEncoder.encode(text, 'UTF-8')\nresult = [made, URLDecoder.decode(made, 'UTF-8')]"
    made, back = value_of(source, text=text)
    assert back == text
    assert set(made) <= {*ascii_letters, *digits, *"*-._+%"}


def test_an_escape_without_its_digits_is_an_error() -> None:
    """A ``%`` must have two digits behind it."""
    with pytest.raises(DocumentFault, match="IllegalArgumentException"):
        value("URLDecoder.decode('a%2', 'UTF-8')")


@pytest.mark.parametrize("name", ["MD5", "SHA1", "SHA256", "SHA384", "SHA512"])
def test_a_keyed_digest_is_that_of_the_standard(name: str) -> None:
    """``Mac`` gives the HMAC of what it took up, and begins anew after each."""
    source = f"""
        import javax.crypto.Mac
        import javax.crypto.spec.SecretKeySpec
        Mac mac = Mac.getInstance('Hmac{name}')
        mac.init(new SecretKeySpec('key'.getBytes('UTF-8'), 'Hmac{name}'))
        mac.update('a'.bytes)
        def first = mac.doFinal('b'.bytes).encodeHex().toString()
        result = [first, mac.doFinal('c'.bytes).encodeBase64().toString(), mac.macLength]
    """
    made, again, size = value_of(source)
    assert made == hmac.new(b"key", b"ab", name.lower()).hexdigest()
    assert again == base64.b64encode(hmac.new(b"key", b"c", name.lower()).digest()).decode()
    assert size == hashlib.new(name.lower(), usedforsecurity=False).digest_size


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("Mac.getInstance('HmacNone')", "NoSuchAlgorithmException"),
        ("Mac.getInstance('HmacMD5').doFinal('a'.bytes)", "IllegalStateException"),
        ("Mac.getInstance('HmacMD5').init(null)", "InvalidKeyException"),
        ("new SecretKeySpec(''.bytes, 'HmacMD5')", "IllegalArgumentException"),
        ("java.security.MessageDigest.getInstance('none')", "NoSuchAlgorithmException"),
    ],
)
def test_a_wrong_use_of_a_key_raises_what_java_raises(source: str, kind: str) -> None:
    """A script can catch the exception by the name that it has in Java."""
    assert value_of(f"try {{ {source} }} catch ({kind} e) {{ result = 'caught' }}") == "caught"
