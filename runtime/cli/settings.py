"""`nuclide settings`: what is in force, and where it comes from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from runtime.cli.options import config_option, json_option
from runtime.cli.show import print_json
from runtime.observe.redaction import MASK, is_secret_name
from runtime.settings import entries, load

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@config_option
@json_option
def settings(config: Path | None, *, as_json: bool) -> None:
    """Print each setting with its value and its origin; secrets are masked."""
    values, origins = load(config, os.environ)
    rows = [(name, MASK if is_secret_name(name) else value) for name, value in entries(values)]
    if as_json:
        print_json({name: {"value": value, "origin": origins[name]} for name, value in rows})
        return
    longest_name = max(len(name) for name, _ in rows)
    longest_value = max(len(value) for _, value in rows)
    for name, value in rows:
        click.echo(f"{name:{longest_name}}  {value:{longest_value}}  {origins[name]}")
