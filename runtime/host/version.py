"""The version of the distribution that is installed."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """Give the installed version, e.g. ``0.1.0``; ``unknown`` when the source runs without being installed."""
    try:
        return metadata.version("nuclide")
    except metadata.PackageNotFoundError:
        return "unknown"
