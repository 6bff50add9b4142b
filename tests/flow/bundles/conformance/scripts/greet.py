"""Greets, as often as asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runtime.sdk.script import ScriptContext, ScriptDocument


def process(documents: Iterable[ScriptDocument], context: ScriptContext) -> Iterator[ScriptDocument]:
    """Give a greeting for each document."""
    for document in documents:
        call = document.json()
        name, times = call.get("Name") or "", call.get("Times")
        document.set_json({"Message": ", ".join([f"Hello {name}"] * (1 if times is None else int(times)))})
        yield document
