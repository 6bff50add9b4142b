"""From a request of a web service to what its process starts with (behaviours 103, 104, 108; the page on requests)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from urllib.parse import parse_qsl, unquote

from msgspec import Struct

from runtime.engine.json_parts import split
from runtime.engine.live_web import Endpoint
from runtime.engine.platform.xml_tree import parts_of
from runtime.errors import DocumentFault, RequestError
from runtime.flow.who import parse_authorization
from runtime.model.document import Document, Properties, root_identity
from runtime.model.headers import PassedHeaders
from runtime.web.exchange import Request

QUERY, PARAMETER = "query_", "param_"  # before the names of dynamic process properties
MAX_WAIT = "X-Max-Wait"
_LONGEST_WAIT = 900.0  # seconds that a caller may ask to wait before it is told 202


class Called(Struct, frozen=True):
    """What is called: where the path begins to be the caller's (`inpath`), and the values of its parameters."""

    endpoint: Endpoint
    path: str
    parameters: Mapping[str, str] = {}


def properties_of(request: Request, called: Called, user: str) -> dict[str, str]:
    """Give the dynamic process properties of a call; of a query parameter that comes twice, the first."""
    properties = {"inmethod": request.method, "inpath": called.path, "inuser": user}
    properties |= {PARAMETER + name: value for name, value in called.parameters.items()}
    for name, value in pairs_of(request):
        properties.setdefault(QUERY + name, value)
    return properties


def pairs_of(request: Request) -> list[tuple[str, str]]:
    """Give the parameters of a query, decoded; the size of a request head bounds how many there are."""
    return parse_qsl(request.query.decode("latin-1"), keep_blank_values=True, errors="replace")


def user_of(request: Request, authentication: str) -> str:
    """Give the name of a user whom the gate has let in; empty where anybody may come."""
    match authentication:
        case "certificate":
            return request.certificate or ""
        case "basic":
            values = [value.decode("latin-1") for name, value in request.headers if name == b"authorization"]
            credentials = parse_authorization(*values).basic
            return "" if credentials is None else credentials.username
        case _:
            return ""


async def documents_of(request: Request, endpoint: Endpoint, passed: PassedHeaders, most: int) -> tuple[Document, ...]:
    """Give the documents of a call: one empty one where it takes nothing, one for each object of several.

    Raises:
        RequestError: what should be a list of objects cannot be read, or has more than `most`.
    """
    if endpoint.listener.input == "none":
        return (Document(root_identity(0)),)
    contents = await _contents(request.body, endpoint.listener.input, most)
    properties: Properties = passed.of(request.headers, endpoint.also, endpoint.spelt)
    return tuple(Document(root_identity(number), content, properties) for number, content in enumerate(contents))


async def _contents(body: bytes, kind: str, most: int) -> list[bytes]:
    try:
        if kind == "multiple json":
            return await _objects(body, most)
        if kind == "multiple xml":
            return parts_of(body, most)
    except DocumentFault as fault:
        raise RequestError("web.unreadable", f"The request cannot be read: {fault.message}.") from fault
    return [body]


async def _objects(body: bytes, most: int) -> list[bytes]:
    found: list[bytes] = []
    async with aclosing(split(body, ())) as parts:
        async for part in parts:
            found.append(part)
            if len(found) > most:
                raise DocumentFault("web.too-many", f"it has more than {most} objects (setting web.objects)")
    return found


def wait_of(request: Request) -> float | None:
    """Give for how many seconds a caller wants to wait; None where it waits as long as it takes.

    The platform's own header counts milliseconds; ``Prefer: respond-async, wait=10`` says the same (RFC 7240).
    """
    text = (request.header(MAX_WAIT) or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text) / 1_000, _LONGEST_WAIT)
    words = [word.strip().lower() for word in (request.header("Prefer") or "").split(",")]
    if "respond-async" not in words:
        return None
    seconds = next((word[5:] for word in words if word.startswith("wait=") and word[5:].isdigit()), "0")
    return min(float(seconds), _LONGEST_WAIT)


def segments_in(path: str) -> tuple[str, ...]:
    """Give the segments of a raw path, decoded; empty ones say nothing."""
    return tuple(unquote(segment) for segment in path.split("/") if segment)
