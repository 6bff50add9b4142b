"""A map function as written: its name, its inputs, its own options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.keys import as_scalar
from runtime.model.maps import Call

if TYPE_CHECKING:
    from runtime.bundle.keys import Keys
    from runtime.model.maps import Source


def read_call(keys: Keys, inputs: tuple[Source, ...]) -> Call | None:
    """Read ``function: name`` with its options, which are literal texts, from a table whose ``of`` has been read."""
    name = keys.text("function", required=True)
    options: dict[str, str] = {}
    for key, node in keys.rest():
        scalar = as_scalar(node, key.text, keys.findings)
        if scalar is not None:
            options[key.text] = scalar.text
    return Call(name, inputs, options) if name is not None else None
