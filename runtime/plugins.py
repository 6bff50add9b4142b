"""Connectors that are installed: found by entry point, once, when the daemon starts."""

from __future__ import annotations

from importlib.metadata import entry_points

from runtime.errors import HostError
from runtime.sdk.connector import Catalogue, ConnectorSpec

GROUP = "nuclide.connectors"


def installed_connectors() -> Catalogue:
    """Load every connector that a distribution on this machine announces.

    Raises:
        HostError: a connector cannot be imported, is not a specification, or two have one name.
    """
    found: dict[str, ConnectorSpec] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            spec = entry.load()
        except ImportError as error:
            hint = "install what it needs, or remove it"
            raise HostError("plugins.import", f"connector '{entry.name}': {error}", hint=hint) from error
        if not isinstance(spec, ConnectorSpec):
            raise HostError("plugins.not-a-connector", f"{entry.value} is a {type(spec).__name__}, not a ConnectorSpec")
        if spec.name in found:
            raise HostError("plugins.name-taken", f"two connectors are called '{spec.name}'")
        found[spec.name] = spec
    return Catalogue(found)
