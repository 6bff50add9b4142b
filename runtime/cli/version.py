"""`nuclide version`."""

from __future__ import annotations

import platform

import click

from runtime.cli.options import json_option
from runtime.host.version import version as installed


@click.command()
@json_option
def version(*, as_json: bool) -> None:
    """Print the version of Nuclide and of the Python that runs it."""
    if as_json:
        from runtime.cli.show import print_json

        print_json({"nuclide": installed(), "python": platform.python_version()})
    else:
        click.echo(f"nuclide {installed()} (Python {platform.python_version()})")
