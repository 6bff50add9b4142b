"""bundle.yaml: what the bundle is called and what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.keys import Keys, as_scalar, as_table

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Node
    from runtime.sdk.connector import Catalogue


class Manifest(Struct, frozen=True, kw_only=True):
    """The head of a bundle. `needs` gives a version to each connector, `redaction` paths of fields never in clear."""

    name: str
    version: str
    description: str | None = None
    needs: dict[str, str] = {}
    redaction: tuple[str, ...] = ()


def read_manifest(node: Node, catalogue: Catalogue, findings: Findings) -> Manifest | None:
    """Read bundle.yaml; None when it has no name or no version, which is then among the findings."""
    table = as_table(node, "bundle.yaml", findings)
    if table is None:
        return None
    keys = Keys(table, findings, "a bundle")
    name, version = keys.text("name", required=True), keys.text("version", required=True)
    description = keys.text("description")
    needs, redaction = _needs(keys, catalogue), _redaction(keys)
    keys.done()
    if name is None or version is None:
        return None
    return Manifest(name=name, version=version, description=description, needs=needs, redaction=redaction)


def _needs(keys: Keys, catalogue: Catalogue) -> dict[str, str]:
    needs: dict[str, str] = {}
    for key, node in keys.table("needs") or ():
        if catalogue.get(key.text) is None:
            keys.findings.unknown("unknown-connector", "connector", key.text, catalogue.connectors, key.place)
        version = as_scalar(node, key.text, keys.findings)
        if version is not None:
            needs[key.text] = version.text
    return needs


def _redaction(keys: Keys) -> tuple[str, ...]:
    paths = keys.items("redaction")
    read = (as_scalar(node, "redaction", keys.findings) for node in (paths.items if paths is not None else ()))
    return tuple(path.text for path in read if path is not None)
