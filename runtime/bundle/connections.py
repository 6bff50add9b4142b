"""connections/*.yaml: a kind of connector with its settings. The fields of operations are checked here too.

connector: http
url: https://catalogue.example
password: ${secret.catalogue}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from runtime.bundle.findings import suggest
from runtime.bundle.keys import Keys, as_scalar, as_table, has_value
from runtime.bundle.references import ReferenceReader
from runtime.bundle.templates import read_template
from runtime.model.bundle import Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Node, Scalar
    from runtime.errors import Place
    from runtime.model.bundle import Extension
    from runtime.model.values import Template
    from runtime.sdk.connector import Catalogue, ConnectorSpec


def read_connection(
    name: str, node: Node, catalogue: Catalogue, extensions: Mapping[str, Extension | None], findings: Findings
) -> Connection | None:
    """Read one connection; its name is the file's, without the ending."""
    table = as_table(node, "a connection", findings)
    if table is None:
        return None
    keys = Keys(table, findings, "a connection")
    keys.text("description")
    connector = keys.scalar("connector", required=True)
    if connector is None:
        return None
    spec = catalogue.get(connector.text)
    if spec is None:
        findings.unknown("unknown-connector", "connector", connector.text, catalogue.connectors, connector.place)
        return None
    what = f"the connector '{spec.name}'"
    entries, read = keys.rest(), ReferenceReader(extensions, findings).read
    settings = read_fields(entries, spec.settings, what, table.place, findings, read=read, secrets=spec.secrets)
    _check_secrets(entries, settings, spec, findings)
    return Connection(name=name, connector=spec.name, settings=settings, place=table.place)


def read_fields(
    entries: Iterable[tuple[Scalar, Node]],
    struct: type[Any],
    what: str,
    place: Place,
    findings: Findings,
    *,
    read: Callable[[Scalar], Template] | None = None,
    secrets: tuple[str, ...] = (),
) -> dict[str, Template]:
    """Read the values of the fields of `struct`, a connector's own type. Its ``_`` are written as spaces.

    A literal is converted as the engine will convert it, so that a wrong one is told here and not at the first call.
    `read` reads one text; without it ``${…}`` holds an expression. The values of `secrets` are in no message.
    """
    fields = {field.encode_name.replace("_", " "): field for field in msgspec.structs.fields(struct)}
    values: dict[str, Template] = {}
    for key, node in entries:
        field = fields.get(key.text)
        if field is None:
            findings.add("unknown-field", f"{what} has no field '{key.text}'", key.place, suggest(key.text, fields))
            continue
        scalar = as_scalar(node, key.text, findings) if has_value(key, node, findings) else None
        if scalar is None:
            continue
        template = values[field.encode_name] = read(scalar) if read is not None else read_template(scalar, findings)
        if template.literal is not None and field.encode_name not in secrets:
            _check_literal(template.literal, field.type, key.text, scalar.place, findings)
    for name, field in fields.items():
        if field.required and all(key.text != name for key, _ in entries):
            findings.add("missing-key", f"{what} needs '{name}'", place, f"add '{name}: …'")
    return values


def _check_secrets(
    entries: Iterable[tuple[Scalar, Node]], settings: Mapping[str, Template], spec: ConnectorSpec, findings: Findings
) -> None:
    """Refuse secrets that stand in the bundle, and show no line of their file."""
    for key, node in entries:
        name = key.text.replace(" ", "_")
        template = settings.get(name)
        if name in spec.secrets and template is not None and template.literal:
            findings.hide(node.place.file)
            hint = "write ${secret.NAME}, or an extension of the type secret"
            findings.add("secrets.in-clear", f"'{key.text}' is secret and stands here in clear", node.place, hint)


def _check_literal(text: str, kind: object, name: str, place: Place, findings: Findings) -> None:
    try:
        msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError as error:
        message = str(error)
        findings.add("wrong-type", f"'{name}': {message[:1].lower()}{message[1:]}", place, wanted(kind))


def wanted(kind: object) -> str | None:
    """Give what the connector's author says of a field, from its ``Annotated`` type."""
    described = (note.description for note in getattr(kind, "__metadata__", ()) if isinstance(note, msgspec.Meta))
    description = next((text for text in described if text is not None), None)
    return f"write {description}" if description is not None else None
