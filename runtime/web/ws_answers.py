"""From the documents that a process returned to the answer of a web service (behaviours 105 to 107)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import msgspec
import structlog

from runtime.engine.platform.xml_tree import bare
from runtime.errors import DocumentFault, ProcessFault
from runtime.flow.data_answers import Returned
from runtime.model.web_service import WebListener
from runtime.web.exchange import Answer, Headers
from runtime.web.ws_pages import Page, Pages

NAMESPACE = "http://www.boomi.com/connector/wss"
STATUS, HEADER = "outstatuscode", "outheader_"  # dynamic document properties of a single returned document

_JSON, _XML, _TEXT = b"application/json", b"application/xml", "text/plain"
_VALID = msgspec.json.Decoder(msgspec.Raw)
_NAME = re.compile(r"[!#$%&'*+.^`|~\w-]+", re.ASCII)
_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_OURS = frozenset({"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})
_LEAST_STATUS, _MOST_STATUS = 200, 599

_log = structlog.get_logger("nuclide.web")


def answer_of(listener: WebListener, returned: Sequence[Returned], pages: Pages, path: str) -> Answer:
    """Give the answer that returned documents make; further pages of several are kept in `pages`, for `path`.

    Raises:
        ProcessFault: a document is none of those that the listener gives, or sets a status or header that cannot be.
    """
    match listener.output:
        case "multiple json" | "multiple xml":
            return _several(listener, returned, pages, path)
        case "single data":
            content = b"".join(each.content for each in returned)
            media = (listener.content_type or _TEXT).encode("latin-1", "replace")
            return _single(content, media, returned)
        case "single json":
            return _single(_only(returned), _JSON, returned)
        case "single xml":
            empty = b"" if returned else f'<{_tag(listener, "Response")} xmlns:wss="{NAMESPACE}"/>'.encode()
            return _single(_only(returned) or empty, _XML, returned)
        case "none":
            return Answer(status=200)


def _only(returned: Sequence[Returned]) -> bytes:
    if len(returned) > 1:
        _log.warning("a web service answers with its first document only", documents=len(returned))
    return returned[0].content if returned else b""


def _single(content: bytes, media: bytes, returned: Sequence[Returned]) -> Answer:
    headers: list[tuple[bytes, bytes]] = []
    properties = returned[0].properties if returned else {}
    for name, value in properties.items():
        if name.startswith(HEADER):
            headers.append(_header(name.removeprefix(HEADER), value))
    if content and not any(name == b"content-type" for name, _ in headers):
        headers.insert(0, (b"content-type", media))
    return Answer(status=_status(properties.get(STATUS)), body=content, headers=tuple(headers))


def _header(name: str, value: str) -> tuple[bytes, bytes]:
    if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value) or name.lower() in _OURS:
        raise ProcessFault("web.header", f"'{name}' cannot be a header of an answer, or its value cannot.")
    return name.lower().encode(), value.strip().encode("latin-1")


def _status(text: str | None) -> int:
    if not text:
        return 200
    if not text.isascii() or not text.isdigit() or not _LEAST_STATUS <= int(text[:4]) <= _MOST_STATUS:
        raise ProcessFault("web.status", f"'{text[:20]}' cannot be the status of an answer ({STATUS}).")
    return int(text)


def _several(listener: WebListener, returned: Sequence[Returned], pages: Pages, path: str) -> Answer:
    is_json = listener.output == "multiple json"
    parts = [_json(each.content) if is_json else _xml(each.content) for each in returned]
    if is_json and not parts:
        return Answer(status=200)  # nothing returned is a blank answer (behaviour 107)
    cut = [parts[start : start + listener.most] for start in range(0, len(parts), listener.most)] or [[]]
    token: str | None = None
    for group in reversed(cut[1:]):
        token = pages.keep(path, _page(listener, group, token, path))
    page = _page(listener, cut[0], token, path)
    return Answer(status=200, body=page.body, headers=page.headers)


def _page(listener: WebListener, parts: Sequence[bytes], token: str | None, path: str) -> Page:
    headers: Headers = () if token is None else ((b"link", f'<{path}?moreDataToken={token}>; rel="next"'.encode()),)
    if listener.output == "multiple json":
        return Page(b"[" + b",".join(parts) + b"]", ((b"content-type", _JSON), *headers))
    tag, more = _tag(listener, "ResponseList"), "" if token is None else f' moreDataToken="{token}"'
    begin = f'<{tag} xmlns:wss="{NAMESPACE}"{more}>'.encode()
    return Page(begin + b"".join(parts) + f"</{tag}>".encode(), ((b"content-type", _XML), *headers))


def _tag(listener: WebListener, what: str) -> str:
    return f"wss:{escape(listener.object)}{what}"


def _json(content: bytes) -> bytes:
    try:
        _VALID.decode(content)
    except (ValueError, RecursionError) as error:
        raise ProcessFault("web.not-json", f"A returned document is no JSON: {error}.") from error
    return content


def _xml(content: bytes) -> bytes:
    try:
        return bare(content)
    except DocumentFault as fault:
        raise ProcessFault("web.not-xml", f"A returned document cannot be put into a list: {fault.message}.") from fault
