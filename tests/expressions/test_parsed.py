"""The laws of parsed forms that are kept between steps."""

from __future__ import annotations

import pytest

from runtime.errors import DocumentFault
from runtime.expressions import Scope, json_values, parsed
from runtime.expressions.parsed import LEAST, MOST, MOST_BYTES, Parsed
from runtime.model.document import Document

BLANKS = b" " * LEAST


def test_a_content_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same content gives the same form, in every scope of the execution; another content its own."""
    decoded: list[bytes] = []
    known = json_values.decode

    def counting(content: bytes) -> object:
        decoded.append(content)
        return known(content)

    monkeypatch.setattr(parsed, "decode", counting)
    forms, content, other = Parsed(), BLANKS + b'{"a": 1}', BLANKS + b'{"a": 2}'
    scopes = [Scope(Document(b"1", content), {}, {}, parsed=forms) for _ in range(3)]
    assert [scope.document for scope in scopes] == [{"a": 1}] * 3
    assert Scope(Document(b"2", other), {}, {}, parsed=forms).document == {"a": 2}
    assert decoded == [content, other]


def test_forms_are_bounded() -> None:
    """However many contents are read, and however large they are, few are kept."""
    forms = Parsed()
    for number in range(3 * MOST):
        assert forms.value(BLANKS + b"%d" % number) == number
    assert len(forms._known) <= MOST
    for _ in range(10):
        forms.value(b" " * (MOST_BYTES // 3) + b"1")
    assert forms._bytes <= MOST_BYTES
    assert forms.value(b" " * (2 * MOST_BYTES) + b"1") == 1
    assert forms._bytes == sum(len(content) for content, _ in forms._known.values()) <= MOST_BYTES


def test_what_cannot_be_read_is_not_kept() -> None:
    """A content that is not JSON fails each time that it is asked for."""
    forms = Parsed()
    for _ in range(2):
        with pytest.raises(DocumentFault):
            forms.value(BLANKS + b"{")
    assert forms._bytes == 0


def test_small_contents_are_not_kept() -> None:
    """What costs more to keep than to decode is decoded."""
    forms = Parsed()
    assert forms.value(b'{"a": 1}') == {"a": 1}
    assert not forms._known
