"""What is secret never reaches a log: by type where the code knows, by name where only the name tells."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import MutableMapping

MASK: Final = "***"

# Masks what the fields of documents hold that are declared secret; set while such documents are worked on.
masking: ContextVar[Callable[[str], str]] = ContextVar("masking")

# A name that contains one of these is secret. Rather one value too many:
# a masked word is a nuisance, a leaked one stays leaked.
_SECRET_NAMES: Final = (
    "apikey",
    "authorization",
    "cookie",
    "credential",
    "passphrase",
    "password",
    "passwd",
    "privatekey",
    "secret",
    "token",
)
_DEEPEST: Final = 8  # levels of nesting; what lies deeper is masked whole, so a value that contains itself ends, too
_SHORT: Final = 64  # characters of a name that is remembered
_PAIR: Final = 2  # a header is a name and a value


class Secret:
    """A text that shows itself only when asked by name: its repr, str and format are masked."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the text in clear, for the one place that sends or compares it."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def __str__(self) -> str:
        return MASK

    def __format__(self, form: str) -> str:
        return format(MASK, form)

    def __eq__(self, other: object) -> bool:
        """Compare in constant time, so that the time taken tells nothing of the text."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))


def is_secret_name(name: str) -> bool:
    """Say whether values under `name` are masked; case and separators do not matter (``X-Api-Key``, ``api_key``)."""
    return _known_to_be_secret(name) if len(name) <= _SHORT else _is_secret(name)


def _is_secret(name: str) -> bool:
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return any(secret in plain for secret in _SECRET_NAMES)


_known_to_be_secret = lru_cache(maxsize=1_024)(_is_secret)  # the same few names stand in every line of the log


def masked(value: object, *, depth: int = 0) -> object:
    """Give `value` with every secret inside it masked: in mappings, Structs, sequences and pairs of name and value."""
    if isinstance(value, str | bytes | int | float | None):
        return value
    if isinstance(value, Secret) or depth >= _DEEPEST:
        return MASK
    if isinstance(value, Mapping):
        return {name: _masked_under(name, inner, depth=depth + 1) for name, inner in value.items()}
    if isinstance(value, msgspec.Struct):
        return masked(msgspec.structs.asdict(value), depth=depth)
    if isinstance(value, tuple) and len(value) == _PAIR:
        return (masked(value[0], depth=depth + 1), _masked_under(value[0], value[1], depth=depth + 1))
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(inner, depth=depth + 1) for inner in value]
    return value


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask the secrets of one log event (a structlog processor); runs after the context has been merged in."""
    for name, value in event.items():
        event[name] = _masked_under(name, value, depth=0)
    return event


def redact_values(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask the secret fields of documents in one log event, its traceback included (a structlog processor)."""
    mask = masking.get(None)
    if mask is not None:
        for name, value in event.items():
            event[name] = _with_texts(value, mask)
    return event


def _with_texts(value: object, mask: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {name: _with_texts(inner, mask) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_with_texts(inner, mask) for inner in value]
    return value if value is None or isinstance(value, bool | int | float) else mask(str(value))


def _masked_under(name: object, value: object, *, depth: int) -> object:
    if isinstance(name, bytes):
        name = name.decode("latin-1")
    if isinstance(name, str) and is_secret_name(name) and value is not None:
        return MASK
    return masked(value, depth=depth)
