"""A page for each kind of step: what it says, what it does, an example. Made from the tables that read and run it.

`STEPS.md` is made from here by `python -m runtime.bundle.pages`; a test keeps the page and the tables equal, and reads
every example.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping

from runtime.bundle.outline import KINDS
from runtime.bundle.pages.examples import EXAMPLES
from runtime.bundle.pages.structs import STRUCTS
from runtime.bundle.schema.others import Said
from runtime.bundle.schema.steps import CONNECTOR, SAID
from runtime.bundle.schema.words import Schema

_HEAD = """\
# Steps

Made by `python -m runtime.bundle.pages`; do not edit. `nuclide docs STEP` prints one of them. A number such as 1.4 is
the section of the platform's reference that the step follows. Any step may have a `label`, by which `go to`, tests and
logs name it; `${…}` holds one CEL expression over `document`, `properties`, `process`, `meta` and `execution`.

A step with `format: boomi` says what the step of the platform says, with its message format and its kinds of values,
and names components by id; it may have an `id`, which `go to` names, `notes`, and the place on the platform's `canvas`.
Such steps are what `nuclide convert` writes; `export` in a process says which component it is.
"""
_WORDS = {"integer": "whole number", "boolean": "true or false", "array": "list", "object": "table", "null": "nothing"}
_DEFINED = {
    "text": "text",
    "literal": "text",
    "template": "text with `${…}`",
    "filled": "text",
    "expression": "`${…}`",
    "duration": "duration",
    "steps": "list of steps",
}


def page() -> str:
    """Give the page of all steps, in Markdown."""
    return _HEAD + "".join(f"\n{page_of(kind)}" for kind in KINDS)


def page_of(kind: str) -> str:
    """Give the page of one kind of step, in Markdown.

    Raises:
        KeyError: there is no such step.
    """
    parts = [f"## {kind}\n\n{KINDS[kind].summary}\n"]
    struct = STRUCTS.get(kind)
    if struct is not None:
        parts.append(f"\n{inspect.cleandoc(struct.__doc__ or '')}\n")
    said = SAID.get(kind, CONNECTOR)
    rows = list(_rows(kind, said))
    if rows:
        parts.append("\n| key | what | |\n|---|---|---|\n")
        parts.extend(f"| `{name}` | {what} | {about} |\n" for name, what, about in rows)
    parts.append(f"\n```yaml\n{EXAMPLES[kind]}```\n")
    return "".join(parts)


def _rows(kind: str, said: Said) -> Iterator[tuple[str, str, str]]:
    """Give name, form and meaning of each key: the step's own, those beside it, those within its table."""
    yield kind, _form(said.value), said.value.get("description", "")
    for name, schema in said.beside.items():
        yield name, _form(schema), _about(name, schema, said.required)
    for schema in (said.value, *said.value.get("anyOf", ())):
        inner: Mapping[str, Schema] = schema.get("properties", {})
        for name, member in inner.items():
            yield f"{kind}: {{ {name} }}", _form(member), _about(name, member, schema.get("required", ()))


def _about(name: str, schema: Schema, required: object) -> str:
    needed = isinstance(required, list | tuple) and name in required
    default = schema.get("default")
    parts = [
        schema.get("description", ""),
        "Required." if needed else "",
        f"Default: `{_shown(default)}`." if default not in {None, False} else "",
    ]
    return " ".join(part for part in parts if part)


def _form(schema: Schema) -> str:
    if "$ref" in schema:
        return _DEFINED[schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return ", ".join(f"`{_shown(word)}`" for word in schema["enum"] if word is not None) or "nothing"
    if "anyOf" in schema:
        forms = list(dict.fromkeys(_form(one) for one in schema["anyOf"]))
        return " or ".join(forms)
    kind = schema.get("type", "")
    return _WORDS.get(kind, kind) if isinstance(kind, str) else "text"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
