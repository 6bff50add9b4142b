"""Requests as the HTTP Client of the Boomi platform composes them, and what it makes of the answers.

Path and query are joined of texts as they are (component XML, section 6); a status of 300 or more is an error with a
text that processes take apart: ``Error message received from Http Server, Code 404: Not Found``.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from connectors.http.border import Exchanger, Request, Response
from connectors.http.operations import Composing, Follows
from connectors.http.redirects import check_target, followed
from connectors.http.settings import Settings
from connectors.http.target import is_authorized, own_headers, texts_of
from runtime.sdk.connector import Reply
from runtime.sdk.faults import ApplicationFault

ERRORS_FROM = 300  # an answer that only leads elsewhere is none (platform behaviour 100)


class Composer:
    """Composes requests of one connection."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.url
        self._origin = "{0.scheme}://{0.netloc}".format(urlsplit(settings.url))
        self._custom = {"username": settings.username, "password": settings.password}
        self._is_custom = settings.authentication == "custom"
        self._authorized = is_authorized(settings)

    async def exchange(self, client: Exchanger, fields: Composing, content: bytes, deadline: float) -> Reply:
        """Send a request and give its answer; `content` is the document.

        Raises:
            ApplicationFault: the server answered with a status of 300 or more.
            NotSent, OutcomeUnknown: as `Client.exchange`.
        """
        properties = texts_of(fields.properties, "properties")
        request = self.request(fields, content)
        follows: Follows = "all" if fields.follow_redirects else "none"
        request, response = await followed(client, self._base, request, deadline, follows)
        told = "" if self._is_custom else request.target  # with custom authentication a password may be in it
        return _reply(response, fields, properties, self._origin + told)

    def request(self, fields: Composing, content: bytes) -> Request:
        """Give the request.

        Raises:
            NotSent: ``http.unsafe-path`` for a path that climbs, ``http.invalid-field`` for what no request can hold.
        """
        segments, headers = texts_of(fields.segments, "segments"), texts_of(fields.headers, "headers")
        if self._is_custom:
            for place, name in texts_of(fields.credentials, "credentials").items():
                for table in (segments, headers):
                    if place in table:
                        table[place] = self._custom.get(name, "")
        made = {"accept": "*/*", **own_headers(headers, authorized=self._authorized)}
        body = content if fields.send_document and content else None
        if body is not None and fields.content_type:
            made.setdefault("content-type", fields.content_type)
        return Request(
            method=fields.method.upper(),
            target=_target(self._base, "".join(segments.values())),
            headers=made,
            content=body,
        )


def _target(url: str, path: str) -> str:
    """Give path and query: base and path are joined by one slash, and the path keeps a slash of its own."""
    base = urlsplit(url).path.removesuffix("/")
    target = (f"{base}/{path}" if path else base or "/").partition("#")[0]  # a fragment is never sent
    check_target(target)
    return target


def _reply(response: Response, fields: Composing, properties: dict[str, str], url: str) -> Reply:
    meta = response.meta
    if response.status >= ERRORS_FROM:
        message = f"Error message received from Http Server, Code {response.status}: {response.reason}"
        status = str(response.status)
        raise ApplicationFault(message.rstrip(), status=status, body=response.content, meta=meta)
    taken = {
        name: response.headers[header.lower()]
        for header, name in properties.items()
        if header.lower() in response.headers
    }
    unchanged = fields.returns == "document"
    meta = {**meta, "connector.url": url}  # what processes tell a success by
    return Reply(b"" if unchanged else response.content, meta, unchanged=unchanged, properties=taken)
