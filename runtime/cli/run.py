"""`nuclide run`: start the daemon and serve until SIGTERM or SIGINT."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from runtime.cli.options import config_option
from runtime.settings import load

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.option("--safe", is_flag=True, help="Deploy and recover nothing until `nuclide reload`.")
@config_option
@click.pass_context
def run(ctx: click.Context, config: Path | None, *, safe: bool) -> None:
    """Start the daemon."""
    settings, _ = load(config, os.environ)
    from runtime.daemon import main as serve

    ctx.exit(serve(settings, safe=safe))
