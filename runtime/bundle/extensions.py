"""``extensions:`` of bundle.yaml: the values that each machine gives for itself.

extensions:
  catalogue_url: { default: "https://catalogue.example", description: Where the catalogue answers }
  page_size: { type: number, default: 50 }
  token: secret                                            # without a default it has to be given
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runtime.bundle.keys import Keys, as_table
from runtime.bundle.nodes import Scalar, Table
from runtime.model.bundle import Extension, ExtensionKind

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Node

EXTENSION_NAME = r"^[A-Za-z_][A-Za-z0-9_-]*$"
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_FLAGS = frozenset({"true", "false"})


def read_extensions(table: Table | None, findings: Findings) -> dict[str, Extension | None]:
    """Read the extensions; None stands for one with a mistake of its own."""
    return {key.text: _extension(key, node, findings) for key, node in table or ()}


def reads_as(kind: ExtensionKind, text: str) -> bool:
    """Whether a text is a value of that kind."""
    match kind:
        case "number":
            return _NUMBER.fullmatch(text) is not None
        case "boolean":
            return text in _FLAGS
        case _:
            return True


def _extension(key: Scalar, node: Node, findings: Findings) -> Extension | None:
    if re.fullmatch(EXTENSION_NAME, key.text) is None:
        hint = "use letters, digits, '_' and '-': variables of the environment are called after it"
        findings.add("wrong-type", f"'{key.text}' cannot be the name of an extension", key.place, hint)
        return None
    if isinstance(node, Scalar):
        node = Table(entries=((Scalar(text="type", place=node.place), node),), place=node.place)
    table = as_table(node, key.text, findings)
    if table is None:
        return None
    before = len(findings)
    keys = Keys(table, findings, "an extension")
    kind: ExtensionKind = keys.choice("type", ExtensionKind, "string")
    description, default = keys.text("description"), keys.literal("default")
    required = keys.flag("required", default=default is None)
    keys.done()
    _check_default(kind, default, keys, required=required)
    if len(findings) > before:
        return None
    return Extension(
        name=key.text, kind=kind, description=description, default=default, required=required, place=key.place
    )


def _check_default(kind: ExtensionKind, default: str | None, keys: Keys, *, required: bool) -> None:
    if default is None:
        return
    place = keys.place_of("default")
    if kind == "secret":
        keys.findings.hide(place.file)
        keys.findings.add("secret", "a secret has no default", place, "each machine gives its own")
    elif not reads_as(kind, default):
        hint = "write true or false" if kind == "boolean" else "write digits, with a point where one is needed"
        keys.findings.add("extension", f"'{default}' is not a {kind}", place, hint)
    elif required:
        hint = "remove one of the two"
        keys.findings.add("extension", "an extension with a default is never missing", keys.place_of("required"), hint)
