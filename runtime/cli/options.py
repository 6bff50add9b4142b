"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path

import click

config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="NUCLIDE_CONFIG",
    help="The settings file (TOML); without it the defaults and NUCLIDE_<SECTION>_<KEY> variables hold.",
)
