"""Durations and sizes for the settings of a connector: text with a unit, checked by lint, read by the connector."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from runtime.model.units import parse_duration, parse_size

__all__ = ["Duration", "Size", "parse_duration", "parse_size"]

Duration = Annotated[
    str,
    Meta(
        pattern=r"^\s*[0-9]+(\.[0-9]+)?\s*(ms|milliseconds?|s|seconds?|min|minutes?|h|hours?|d|days?)\s*$",
        description="a number and a unit, such as 30 s",
        max_length=40,
    ),
]
"""A text that `parse_duration` reads."""

Size = Annotated[
    str,
    Meta(
        pattern=r"^\s*[0-9]+(\.[0-9]+)?\s*(B|kB|KiB|MB|MiB|GB|GiB)\s*$",
        description="a number and a unit, such as 16 MiB",
        max_length=40,
    ),
]
"""A text that `parse_size` reads."""
