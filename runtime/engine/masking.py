"""Masking: what a bundle has marked, and what its name tells to be secret, is not in clear in what people read."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from runtime.observe.redaction import MASK, is_secret_name

LARGEST = 64 * 1024  # bytes of a content that is masked: decoding it takes a fraction of a millisecond

_ERRORS = {"catcherrorsmessage", "message", "businessrulesmessage", "cleansemessage"}
_SECRETS = re.compile(rb"(?i)pass|secret|token|key|credential|cookie|authorization")  # what `is_secret_name` looks for

_decoder = msgspec.json.Decoder()


class Masking:
    """Masks by the paths that a bundle names: ``customer.iban``, ``lines[].card``, or a name wherever it stands."""

    def __init__(self, paths: Iterable[str]) -> None:
        parts = [tuple(path.replace("[]", "").strip("/").replace("/", ".").split(".")) for path in paths]
        self._paths = [path for path in parts if len(path) > 1]
        self._names = {path[0] for path in parts if len(path) == 1}
        self._marks = {path[-1] for path in parts}

    @property
    def is_needed(self) -> bool:
        """Whether anything is marked."""
        return bool(self._marks)

    def properties(self, values: dict[str, str]) -> dict[str, str]:
        """Give properties with those masked that are marked, or secret by their name."""
        return {name: MASK if name in self._marks or is_secret_name(name) else text for name, text in values.items()}

    def meta(self, values: dict[str, str]) -> dict[str, str]:
        """Give what steps tell of a document; the texts of errors may hold what is marked."""
        return {name: self.text(text) if name in _ERRORS else text for name, text in self.properties(values).items()}

    def text(self, text: str) -> str:
        """Give a text that a process has made: where anything is marked, nobody knows what is in it."""
        return MASK if self.is_needed else text

    def content(self, content: bytes) -> bytes | None:
        """Give a content with its secret members masked.

        Where anything is marked, None for one that is not JSON, or too large to look into.
        """
        if not content:
            return content
        if not self.is_needed and not (content[:1] in {b"{", b"["} and _SECRETS.search(content, 0, LARGEST)):
            return content
        if len(content) > LARGEST:
            return None
        try:
            value = _decoder.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None if self.is_needed else content
        return msgspec.json.encode(self._value(value, ()))

    def _value(self, value: object, path: tuple[str, ...]) -> object:
        if isinstance(value, dict):
            return {name: self._member(name, inner, (*path, name)) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner, path) for inner in value]
        return value

    def _member(self, name: str, value: object, path: tuple[str, ...]) -> object:
        if name in self._names or is_secret_name(name) or any(path[-len(marked) :] == marked for marked in self._paths):
            return MASK
        return self._value(value, path)
