"""What a machine gives: ``${extension.name}``, ``${secret.NAME}`` and ``${env.NAME}`` in connections.

They are no expressions: they are filled in once, when the bundle is deployed, and nothing is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from runtime.bundle.templates import read_template
from runtime.model.bundle import Extension
from runtime.model.values import Expression, Template

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Scalar
    from runtime.errors import Place

Root = Literal["extension", "secret", "env"]

_REFERENCE = re.compile(r"(extension|secret|env)\.([A-Za-z_][A-Za-z0-9_-]*)", re.ASCII)


class Reference(Struct, frozen=True):
    """The name of a value, and where the machine keeps values of its kind."""

    root: Root
    name: str
    place: Place


def reference_of(expression: Expression) -> Reference | None:
    """Give the reference that an expression is, or None when it is anything else."""
    match = _REFERENCE.fullmatch(expression.source)
    if match is None:
        return None
    root: Root = "extension" if match[1] == "extension" else "secret" if match[1] == "secret" else "env"
    return Reference(root, match[2], expression.place)


def references(template: Template) -> Iterator[Reference]:
    """Give the references of a template, in order."""
    for part in template.parts:
        reference = reference_of(part) if isinstance(part, Expression) else None
        if reference is not None:
            yield reference


class ReferenceReader:
    """Reads the texts that a machine completes, given the extensions of the bundle."""

    def __init__(self, extensions: Mapping[str, Extension | None], findings: Findings) -> None:
        self._extensions = extensions
        self._findings = findings

    def read(self, scalar: Scalar) -> Template:
        """Read a setting of a connection: it may name extensions, secrets and variables."""
        return read_template(scalar, self._findings, judge=self._in_connection)

    def read_public(self, scalar: Scalar) -> Template:
        """Read a text that is not kept secret: it may name extensions, but no secret one."""
        return read_template(scalar, self._findings, judge=self._in_public)

    def _in_connection(self, expression: Expression, findings: Findings) -> None:
        reference = reference_of(expression)
        if reference is None:
            message = f"'{expression.source}' is computed nowhere: settings are filled in before there is a document"
            hint = "name ${extension.…}, ${secret.…} or ${env.…}"
            findings.add("connection-reference", message, expression.place, hint)
        elif reference.root == "extension":
            self._known(reference)

    def _in_public(self, expression: Expression, findings: Findings) -> None:
        reference = reference_of(expression)
        if reference is None or reference.root != "extension":
            message = f"'{expression.source}' is no extension"
            findings.add("connection-reference", message, expression.place, "only ${extension.…} can stand here")
        elif self._known(reference):
            extension = self._extensions[reference.name]
            if extension is not None and extension.kind == "secret":
                message = f"the extension '{reference.name}' is secret, and properties are not"
                findings.add("connection-reference", message, expression.place, "use secrets in connections only")

    def _known(self, reference: Reference) -> bool:
        if reference.name in self._extensions:
            return True
        if self._extensions:
            known = self._extensions
            self._findings.unknown("unknown-reference", "extension", reference.name, known, reference.place)
        else:
            message, hint = (
                f"there is no extension '{reference.name}'",
                "declare it in bundle.yaml, under 'extensions:'",
            )
            self._findings.add("unknown-reference", message, reference.place, hint)
        return False
