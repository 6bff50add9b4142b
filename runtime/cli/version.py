"""`nuclide version`."""

from __future__ import annotations

import platform

import click

from runtime.host.version import version as installed


@click.command()
def version() -> None:
    """Print the version of Nuclide and of the Python that runs it."""
    click.echo(f"nuclide {installed()} (Python {platform.python_version()})")
