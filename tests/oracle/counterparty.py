"""The counterparty of a case: an HTTP server on a loopback socket that answers as the case says and notes calls."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import trio
from lxml import etree
from msgspec import Struct

from tests.connectors.http.server import Answer, Seen, running_server
from tests.oracle.cases import Response, Rule

_SERVER = re.compile("^https?://[^/]*")


class Heard(Struct, frozen=True):
    """A request as it came; `at` is in seconds on trio's clock."""

    method: str
    path: str
    body: str
    at: float


class Counterparty:
    """Where it listens and what it heard, in order."""

    def __init__(self, url: str, rules: Sequence[Rule]) -> None:
        self.url = url
        self.heard: list[Heard] = []
        self._rules = rules

    def answer(self, seen: Seen) -> Answer:
        """Note a request and answer it by the first rule that matches; 404 where none does."""
        self.heard.append(Heard(seen.method, seen.target, seen.body.decode(errors="replace"), trio.current_time()))
        response = next((rule.response for rule in self._rules if _fits(rule, seen)), Response(404, "Not Found"))
        return Answer(
            status=response.status,
            reason=response.reason,
            headers={"content-type": response.content_type},
            body=response.body.encode(),
        )

    def pointed_at(self, component: bytes) -> bytes:
        """Give a component whose connection, if it is one over HTTP, leads to this counterparty."""
        try:
            root = etree.fromstring(component, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError:
            return component  # reading the bundle will say so
        addresses = [(field, "value") for field in root.iter("field") if field.get("id") == "url"]
        addresses += [(settings, "url") for settings in root.iter("HttpSettings")]
        for element, attribute in addresses:
            element.set(attribute, _SERVER.sub(self.url, element.get(attribute, "")))
        return etree.tostring(root) if addresses else component


def _fits(rule: Rule, seen: Seen) -> bool:
    match = rule.match
    return match.any or (
        (match.method is None or match.method == seen.method)
        and (match.path is None or match.path in {seen.target, seen.target.partition("?")[0]})
    )


@asynccontextmanager
async def running_counterparty(rules: Sequence[Rule]) -> AsyncGenerator[Counterparty]:
    """Run a counterparty until the block is left."""
    async with running_server() as server:
        counterparty = Counterparty(server.url, rules)
        server.answer = counterparty.answer
        yield counterparty
