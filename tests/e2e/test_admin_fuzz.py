"""Anything may be asked of the admin API: it answers as it says, or with a problem that is no mistake of ours."""

from __future__ import annotations

import io
import shutil
import zipfile
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import trio
from hypothesis import given
from hypothesis import strategies as st

from runtime.cli.unix_http import UnixConnection
from runtime.web.admin_answers import ProblemDetails
from tests.e2e.daemon import BUNDLES, installed

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "get", "TRACE")
WORDS = ("trial", "Quick", "trial/Quick", "ex-1", "paused", "Light", "../..", "%00", "\x00", "é", "'; --", "")
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30)
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
TEXT = st.text(max_size=30) | st.sampled_from(WORDS)
HEADERS = {
    "Content-Type": st.sampled_from(
        ("application/json", "text/plain", "multipart/form-data", "application/json; x=\xff")
    ),
    "Last-Event-ID": st.sampled_from(("0", "-1", "9" * 30, "x", "")),
    "Accept": st.sampled_from(("*/*", "text/event-stream", "application/xml")),
    "Expect": st.just("100-continue"),
    "Authorization": st.sampled_from(("Bearer x", "Basic !", "")),
    "X-Forwarded-For": st.sampled_from(("127.0.0.1", ", ,", "é")),
}
WAITS = "/api/tail"  # it answers after seconds where there is nothing to tell
PATIENCE = 20.0  # seconds for an answer on a machine that is busy

Json = Any


class Described:
    """A daemon as its own description has it, and whoever asks it."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        description = msgspec.json.decode(self.ask("GET", "/api/openapi.json")[2])
        self.operations = [
            (method.upper(), path, operation)
            for path, methods in description["paths"].items()
            for method, operation in methods.items()
            if path != WAITS
        ]

    def ask(
        self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, bytes]:
        """Give status, kind and content of an answer; of a stream the first bytes alone."""
        connection = UnixConnection(self._socket, PATIENCE)
        try:
            sent = {name: value.encode("latin-1", "replace") for name, value in (headers or {}).items()}
            connection.request(method, target, body, sent)
            response = connection.getresponse()
            kind = response.headers.get("Content-Type", "")
            content = response.read(1) if kind == "text/event-stream" else response.read()
            return response.status, kind, content
        finally:
            connection.close()

    def assert_sound(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> int:
        """Ask, and hold the answer to the law; gives its status."""
        status, kind, content = self.ask(method, target, body, headers)
        told = f"{method} {target} {body!r} {headers}: {status} {content[:300]!r}"
        assert status != 500, told
        if status == 200:
            assert kind in {"application/json", "text/event-stream"}, told
        elif method != "HEAD" and status != 204:
            assert kind == "application/problem+json", told
            problem = msgspec.json.decode(content, type=ProblemDetails)
            assert problem.status == status, told
            assert "Traceback" not in problem.detail, told
        return status


def values(schema: Json) -> st.SearchStrategy[Json]:
    """Give what fits a schema, now and then what does not."""
    if "enum" in schema:
        fitting: st.SearchStrategy[Json] = st.sampled_from(schema["enum"])
    elif "anyOf" in schema:
        fitting = st.one_of(*(values(each) for each in schema["anyOf"]))
    else:
        kinds: dict[str, st.SearchStrategy[Json]] = {
            "string": TEXT,
            "integer": st.integers(-(2**70), 2**70) | st.integers(0, 100),
            "number": st.floats(),
            "boolean": st.booleans(),
            "null": st.none(),
        }
        kind = schema.get("type")
        if kind == "array":
            fitting = st.lists(values(schema.get("items", {})), max_size=3)
        elif kind == "object":
            fitting = bodies(schema)
        else:
            fitting = kinds.get(kind, ANYTHING)
    return st.one_of(fitting, fitting, fitting, ANYTHING)


def bodies(schema: Json) -> st.SearchStrategy[Json]:
    """Give objects of a schema, most of them whole."""
    known = {name: values(each) for name, each in schema.get("properties", {}).items()}
    needed = set(schema.get("required", ()))
    others = {name: each for name, each in known.items() if name not in needed}
    return st.fixed_dictionaries({name: known[name] for name in needed}, optional=others)


def orders(content: Json) -> st.SearchStrategy[bytes]:
    """Give bodies of the kind that an operation takes: objects, or archives that hold nearly a bundle."""
    if "application/zip" not in content:
        return bodies(content["application/json"]["schema"]).map(encoded)
    names = st.sampled_from(("bundle.yaml", "processes/a.yaml", "../out", "/etc/x", "b/bundle.yaml", "")) | TEXT
    texts = st.sampled_from((b"name: x\nversion: 1\n", b"name: Quick\n", b"\x00")) | st.binary(max_size=30)
    return st.dictionaries(names, texts, max_size=4).map(archive)


def archive(contents: dict[str, bytes]) -> bytes:
    """Give an archive of these files, whatever their names are."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in contents.items():
            file.writestr(zipfile.ZipInfo(name.encode(errors="replace").decode()), content)
    return packed.getvalue()


def encoded(value: Json) -> bytes:
    """Give JSON, of numbers that it knows."""
    return msgspec.json.encode(value)


@st.composite
def questions(draw: st.DrawFn, described: Described) -> tuple[str, str, bytes | None, dict[str, str]]:
    """Give a question that nearly fits one of the operations."""
    method, path, operation = draw(st.sampled_from(described.operations))
    query: list[tuple[str, str]] = []
    for parameter in operation.get("parameters", ()):
        given = str(draw(values(parameter["schema"])))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(given, safe=""))
        elif draw(st.booleans()):
            query += [(parameter["name"], given)] * draw(st.sampled_from((1, 1, 1, 2)))
    if draw(st.integers(0, 9)) == 0:
        query.append((draw(TEXT), draw(TEXT)))
    body = None
    if "requestBody" in operation:
        order = orders(operation["requestBody"]["content"])
        body = draw(st.one_of(order, order, order, ANYTHING.map(encoded), st.binary(max_size=50)))
    if draw(st.integers(0, 9)) == 0:
        method = draw(st.sampled_from(METHODS))
    headers = draw(st.fixed_dictionaries({}, optional=HEADERS))
    headers.pop("Expect", None) if body is None else None
    return method, f"{path}?{urlencode(query)}" if query else path, body, headers


def paths(described: Described) -> st.SearchStrategy[str]:
    """Give paths below the API that nobody has written down."""
    part = st.sampled_from(["api", "status", "executions", "events", *WORDS]) | st.text(max_size=10)
    wild = st.lists(part, min_size=1, max_size=5).map(lambda parts: "/api/" + "/".join(quote(each) for each in parts))
    known = st.sampled_from([path for _, path, _ in described.operations])
    return wild | known.map(lambda path: f"{path}/") | known.map(str.upper).map(lambda path: "/api" + path[4:])


def fuzz(socket: Path) -> set[int]:
    """Ask everything; gives the statuses that were answered."""
    described, seen = Described(socket), set[int]()

    @given(st.data())
    def nearly_right(data: st.DataObject) -> None:
        seen.add(described.assert_sound(*data.draw(questions(described))))

    @given(st.sampled_from(METHODS), paths(described), st.binary(max_size=50) | st.none())
    def quite_wrong(method: str, path: str, body: bytes | None) -> None:
        seen.add(described.assert_sound(method, path, body, {}))

    for method, path, operation in described.operations:  # each with nothing, and with an empty order, at least once
        for order in (None, b"{}", b"[]", b'{"who":"a","listener":null}'):
            described.assert_sound(method, path, order if "requestBody" in operation else None, {})
    described.assert_sound("GET", f"{WAITS}?after=-1&after=x", None, {})
    nearly_right()
    quite_wrong()
    return seen


async def test_nothing_that_is_asked_is_our_mistake(tmp_path: Path) -> None:
    """Over the API's own description, whatever the method, path, headers and body: no 500, and problems say what."""
    shutil.copytree(BUNDLES, tmp_path / "bundles")  # what is asked may take bundles away
    async with installed(tmp_path, {"bundles": {"folder": str(tmp_path / "bundles")}}) as daemon:
        await daemon.start()
        seen = await trio.to_thread.run_sync(partial(fuzz, daemon.state / "admin.sock"))
        assert {200, 400, 404, 405} <= seen
        assert "Traceback" not in daemon.logged()
        assert await daemon.stop() == 0
