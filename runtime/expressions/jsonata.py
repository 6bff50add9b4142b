"""The border to JSONata: a map written as one expression over the document.

Numbers are those of JSONata: with a fraction they are binary, and not exact. Whatever it is given, an evaluation is
bounded in time and depth here; what the library cannot stop, such as a pattern or memory, ends with the process that it
runs in (`runtime.engine.scripts`).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import msgspec

from runtime.errors import DocumentFault

DEEPEST = 400  # evaluations within evaluations: each takes some frames of Python, of which a process has 5,000
MOST_NODES = 100  # brackets within brackets of an expression: far beyond what anybody reads
INVALID = "map.jsonata"

# What the library raises besides its own errors: for a wrong pattern, a division by zero, a value it did not expect.
_STUMBLES = (ArithmeticError, AssertionError, AttributeError, LookupError, NameError, TypeError, ValueError, re.error)


def mistake_in(source: str) -> tuple[str, int] | None:
    """Say why a text is no JSONata, and at which of its characters; None when it is."""
    if (at := _too_deep(source)) is not None:
        return f"brackets nest deeper than {MOST_NODES} levels", at
    try:
        _parsed(source)
    except _exceptions() as error:
        return _told(error), max(getattr(error, "location", 0) or 0, 0)
    except (RecursionError, *_STUMBLES) as error:
        return f"it cannot be read ({type(error).__name__}: {str(error)[:100]})", 0
    return None


def _too_deep(source: str) -> int | None:
    depth = 0
    for at, character in enumerate(source):
        depth += (character in "([{") - (character in ")]}")
        if depth > MOST_NODES:
            return at
    return None


def compile_jsonata(source: str) -> Callable[[bytes, Mapping[str, object], float], bytes]:
    """Give the function that makes a document of another: its content, what ``$name`` stands for, and seconds at most.

    The function raises DocumentFault: the document is no JSON, the expression fails on it, or takes too long or too
    deep. An empty content is what it gives where there is nothing.

    Raises:
        DocumentFault: the text is no JSONata.
    """
    mistake = mistake_in(source)
    if mistake is not None:
        raise DocumentFault(INVALID, mistake[0])

    expression, turn = _parsed(source), Lock()  # the library keeps what it evaluates in the expression

    def evaluate(content: bytes, bindings: Mapping[str, object], seconds: float) -> bytes:
        with turn:
            return bounded(content, bindings, seconds)

    def bounded(content: bytes, bindings: Mapping[str, object], seconds: float) -> bytes:
        frame = expression.create_frame()
        frame.set_runtime_bounds(int(seconds * 1_000), DEEPEST)
        for name, value in bindings.items():
            frame.bind(name, value)
        try:
            made = expression.evaluate(_decoded(content), frame)
            return b"" if made is None else _encoded(made)
        except _exceptions() as error:
            raise DocumentFault(INVALID, _told(error)) from error
        except RecursionError as error:
            raise DocumentFault(INVALID, "it calls itself too often") from error
        except _STUMBLES as error:
            raise DocumentFault(INVALID, f"{type(error).__name__}: {str(error)[:100]}") from error

    return evaluate


def _decoded(content: bytes) -> object:
    if not content.strip():
        return None
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DocumentFault("map.not-json", f"the document is not JSON: {error}") from error


def _encoded(made: object) -> bytes:
    """Give JSON; what an expression gives besides values of JSON, such as a function, is none."""
    try:
        return json.dumps(made, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError, UnicodeEncodeError) as error:
        raise DocumentFault(INVALID, f"what it gives is no JSON: {type(error).__name__}") from error


def _parsed(source: str) -> Any:  # noqa: ANN401 - the library is not typed
    return _library().Jsonata(source)


def _exceptions() -> type[Exception]:
    found: type[Exception] = _library().jexception.JException
    return found


def _library() -> Any:  # noqa: ANN401 - as above
    """Import the library, which lifts the limit of calls within calls for everybody: that is taken back."""
    limit = sys.getrecursionlimit()
    import jsonata  # type: ignore[import-untyped]  # noqa: PLC0415 - only such maps pay for it

    if sys.getrecursionlimit() != limit:
        sys.setrecursionlimit(limit)
    return jsonata


def _told(error: Exception) -> str:
    """Give the message without what it quotes of a document, which may be long."""
    return str(error)[:300]
