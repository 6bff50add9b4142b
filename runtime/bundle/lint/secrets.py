"""Secrets that fill settings which are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.references import references

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.model.bundle import Bundle, Connection
    from runtime.sdk.connector import Catalogue


def check_exposed(connection: Connection, bundle: Bundle, catalogue: Catalogue, findings: Findings) -> None:
    """Note each secret in a setting that its connector does not keep secret."""
    spec = catalogue.get(connection.connector)
    kept = spec.secrets if spec is not None else ()
    for name, template in connection.settings.items():
        for reference in references(template):
            extension = bundle.extensions.get(reference.name) if reference.root == "extension" else None
            is_secret = reference.root == "secret" or (extension is not None and extension.kind == "secret")
            if is_secret and name not in kept:
                message = f"'{name.replace('_', ' ')}' is shown to people, and a secret fills it"
                hint = f"kept secret: {', '.join(kept).replace('_', ' ')}" if kept else None
                findings.add("secrets.exposed", message, reference.place, hint)
