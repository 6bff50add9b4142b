"""Where a request goes: a path, a query and headers, made so that no document can lead it elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from connectors.http.settings import Settings
from runtime.sdk.faults import NotSent

_SAFE_IN_SEGMENT = "-._~!$&'()*+,=:@"  # RFC 3986, 3.3, without ";": servers take what follows it for parameters
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\U0010ffff]*")
_OURS = {"connection", "content-length", "host", "transfer-encoding"}  # never a document's to set
_AUTHORIZATION = "authorization"  # the connection's, where it has one

Scalars = dict[str, str | int | float | bool]


def request_target(url: str, path: str, query: str) -> str:
    """Give path and query of a request: the path is added to that of `url`, every segment percent-encoded.

    A path is plain text: ``%`` and ``?`` in it stand for themselves.

    Raises:
        NotSent: ``http.unsafe-path`` for a segment that climbs, ``http.invalid-field`` for a query that is no object.
    """
    segments = path.removeprefix("/").split("/")
    if any(segment in {".", ".."} for segment in segments):
        raise NotSent("http.unsafe-path", "a path may not climb: '.' and '..' are no segments")
    base = urlsplit(url).path
    if path:
        base = base.removesuffix("/") + "/" + "/".join(quote(segment, safe=_SAFE_IN_SEGMENT) for segment in segments)
    pairs = urlencode(list(texts_of(query, "query").items()), quote_via=quote)
    return f"{base or '/'}?{pairs}" if pairs else base or "/"


def headers_of(text: str) -> dict[str, str]:
    """Read an object of headers, names in lower case.

    Raises:
        NotSent: ``http.invalid-field``: it is no object of texts, or a name or value cannot stand in a header.
    """
    headers = {name.lower(): value for name, value in texts_of(text, "headers").items()}
    check_headers(headers)
    return headers


def is_authorized(settings: Settings) -> bool:
    """Tell whether the connection sends credentials of its own."""
    if settings.authentication == "oauth2":
        return True
    return bool(settings.username and settings.authentication != "custom") or _AUTHORIZATION in headers_of(
        settings.headers
    )


def headers_of_call(text: str, *, authorized: bool) -> dict[str, str]:
    """Read the headers of one call, which may not touch those that belong to the connection.

    Raises:
        NotSent: as `headers_of`.
    """
    return own_headers(texts_of(text, "headers"), authorized=authorized)


def own_headers(headers: Mapping[str, str], *, authorized: bool) -> dict[str, str]:
    """Give the headers of a call, names in lower case; `authorized` says that the connection has credentials.

    Raises:
        NotSent: as `headers_of`.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    taken = next((name for name in lowered if name in _OURS or (authorized and name == _AUTHORIZATION)), None)
    if taken is not None:
        raise NotSent("http.invalid-field", f"'headers': {taken!r} belongs to the connection")
    check_headers(lowered)
    return lowered


def check_headers(headers: dict[str, str]) -> None:
    """Make sure that no value can end its header and begin another.

    Raises:
        NotSent: ``http.invalid-field``.
    """
    for name, value in headers.items():
        if _HEADER_NAME.fullmatch(name) is None or _HEADER_VALUE.fullmatch(value) is None:
            raise NotSent("http.invalid-field", f"{name!r} or its value cannot stand in a header")


def texts_of(text: str, field: str) -> dict[str, str]:
    """Read a JSON object of texts, numbers and truth values; an empty text is an empty object.

    Raises:
        NotSent: ``http.invalid-field``.
    """
    if not text.strip():
        return {}
    try:
        values = _OBJECT.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise NotSent("http.invalid-field", f"'{field}' must be a JSON object of texts and numbers: {error}") from error
    return {name: _text(value) for name, value in values.items()}


def _text(value: str | float | bool) -> str:  # noqa: FBT001 - a JSON value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


_OBJECT = msgspec.json.Decoder(Scalars)
