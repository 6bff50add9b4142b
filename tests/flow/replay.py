"""Vectors as files: reading them, filling their placeholders, making the bytes of a request (vectors/README.md)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

VECTORS = Path(__file__).parent / "vectors"

_PLACEHOLDER = re.compile(r"\$\{([^{}]+)\}")


class Vector(Struct, frozen=True, kw_only=True):
    """One vector. `trigger`, `kind` and `response` belong to other directions than a request to the service."""

    name: str
    request: dict[str, Any] = {}
    expect: dict[str, Any] = {}
    direction: str = "engine-to-service"
    kind: str | None = None
    trigger: dict[str, Any] | None = None
    response: Any = None


class Surroundings(Struct, frozen=True, kw_only=True):
    """What placeholders stand for: base URLs, and the address of each action by its name."""

    base: str
    engine: str
    uri_parts: dict[str, str] = {}


class Message(Struct, frozen=True, kw_only=True):
    """A request, ready to be sent; `path` is below the service."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def read_vectors(folder: Path = VECTORS) -> list[Vector]:
    """Read every vector of a folder, in the order of names.

    Raises:
        msgspec.DecodeError: a file is not a vector.
    """
    return [msgspec.json.decode(path.read_bytes(), type=Vector) for path in sorted(folder.glob("*.json"))]


def fill(value: Any, surroundings: Surroundings) -> Any:  # noqa: ANN401 - JSON
    """Replace the placeholders in every text of a JSON value.

    Raises:
        KeyError: a placeholder stands for nothing, such as an action that is not described.
    """
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: _stand_in(found[1], surroundings), value)
    if isinstance(value, dict):
        return {key: fill(inner, surroundings) for key, inner in value.items()}
    return [fill(inner, surroundings) for inner in value] if isinstance(value, list) else value


def message(request: dict[str, Any], surroundings: Surroundings) -> Message:
    """Make the bytes of a request."""
    filled = fill(request, surroundings)
    return Message(
        method=filled["method"], path=filled["path"], headers=filled.get("headers", {}), body=_body(filled.get("body"))
    )


def _stand_in(placeholder: str, surroundings: Surroundings) -> str:
    word, _, rest = placeholder.partition(":")
    match word:
        case "base":
            return surroundings.base
        case "engine":
            return surroundings.engine
        case "uriPart":
            return surroundings.uri_parts[rest]
        case "repeat":
            character, _, times = rest.partition(":")
            return character * int(times)
        case _:
            raise KeyError(placeholder)


def _body(body: Any) -> bytes:  # noqa: ANN401 - JSON
    if body is None:
        return b""
    if isinstance(body, dict) and "$raw" in body:
        return str(body["$raw"]).encode()
    if isinstance(body, dict) and "$multipart" in body:
        return _multipart(**body["$multipart"])
    return msgspec.json.encode(body)


def _multipart(*, boundary: str, parts: list[dict[str, Any]], quoteNames: bool = True) -> bytes:  # noqa: N803 - JSON
    quote = '"' if quoteNames else ""
    lines: list[bytes] = []
    for part in parts:
        disposition = f"Content-Disposition: form-data; name={quote}{part['name']}{quote}"
        if "filename" in part:
            disposition += f"; filename={quote}{part['filename']}{quote}"
        lines += [f"--{boundary}".encode(), disposition.encode()]
        if "contentType" in part:
            lines.append(f"Content-Type: {part['contentType']}".encode())
        content = msgspec.json.encode(part["json"]) if "json" in part else str(part["text"]).encode()
        lines += [b"", content]
    return b"\r\n".join([*lines, f"--{boundary}--".encode(), b""])
