"""The connectors that ship, found where the distribution announces them; nothing has to be installed."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path

from runtime.sdk.connector import Catalogue, ConnectorSpec

CHECKOUT = Path(__file__).parents[2]


def shipped_connectors() -> Catalogue:
    """Give every connector that pyproject.toml names as an entry point."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return Catalogue({name: _load(where) for name, where in project["entry-points"]["nuclide.connectors"].items()})


def _load(where: str) -> ConnectorSpec:
    module, _, name = where.partition(":")
    spec = getattr(import_module(module), name)
    assert isinstance(spec, ConnectorSpec)
    return spec
