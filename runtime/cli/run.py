"""`nuclide run`: start the daemon and serve until SIGTERM or SIGINT."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from runtime.cli.options import config_option
from runtime.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STARTING = 1_000_000  # objects: more than a start makes, and as all of it lives on, to look at it is in vain


@click.command()
@click.option("--safe", is_flag=True, help="Deploy and recover nothing until `nuclide reload`.")
@config_option
@click.pass_context
def run(ctx: click.Context, config: Path | None, *, safe: bool) -> None:
    """Start the daemon."""
    settings, _ = load(config, os.environ)
    with _not_collecting():
        from runtime.daemon import main as serve

        ctx.exit(serve(settings, safe=safe))


@contextmanager
def _not_collecting() -> Iterator[None]:
    """Spare the garbage collector a start, a tenth of whose time it takes; the daemon gives it its settings then."""
    before = gc.get_threshold()
    gc.set_threshold(STARTING)
    try:
        yield
    finally:
        gc.set_threshold(*before)
