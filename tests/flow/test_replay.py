from __future__ import annotations

import msgspec
import pytest

from tests.flow.replay import Surroundings, fill, message

AROUND = Surroundings(base="http://s/fs/X", engine="http://e", uri_parts={"Greet": "actions/Greet"})


def _body(body: object) -> bytes:
    return message({"method": "POST", "path": "/", "body": body}, AROUND).body


def test_placeholders() -> None:
    """Placeholders are filled in every text, at every depth, and nowhere else."""
    filled = fill({"a": ["${base}/${uriPart:Greet}", 7, None], "b": "${repeat:x:3}|${engine}|$base"}, AROUND)
    assert filled == {"a": ["http://s/fs/X/actions/Greet", 7, None], "b": "xxx|http://e|$base"}


@pytest.mark.parametrize("placeholder", ["${uriPart:Nope}", "${what}"])
def test_a_placeholder_for_nothing(placeholder: str) -> None:
    """A placeholder that stands for nothing is an error, never sent as it is."""
    with pytest.raises(KeyError):
        fill(placeholder, AROUND)


def test_bodies() -> None:
    """A body is JSON, exact bytes, or nothing."""
    assert _body(None) == b""
    assert _body({"$raw": "{bad"}) == b"{bad"
    assert msgspec.json.decode(_body({"a": "Zoë"})) == {"a": "Zoë"}


@pytest.mark.parametrize(
    ("quoted", "name"), [(True, b'name="file"; filename="a.txt"'), (False, b"name=file; filename=a.txt")]
)
def test_multipart(quoted: bool, name: bytes) -> None:  # noqa: FBT001 - an example
    """Parts have their names quoted or bare, and a content type only where one is given."""
    parts = [
        {"name": "file", "filename": "a.txt", "text": "hi"},
        {"name": "j", "contentType": "application/json", "json": 1},
    ]
    body = _body({"$multipart": {"boundary": "b0", "quoteNames": quoted, "parts": parts}})
    assert body.startswith(b"--b0\r\nContent-Disposition: form-data; " + name + b"\r\n\r\nhi\r\n--b0\r\n")
    assert body.endswith(b"\r\nContent-Type: application/json\r\n\r\n1\r\n--b0--\r\n")
