"""`nuclide schema`: JSON Schemas of a bundle's files, with which an editor completes and checks them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from runtime.bundle.schema import Kind

KINDS = ("bundle", "process", "map", "connection", "flow service", "api service")


@click.command()
@click.argument("kind", type=click.Choice(KINDS), required=False)
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="A folder: writes all kinds there.")
def schema(kind: str | None, into: Path | None) -> None:
    """Print the JSON Schema of a KIND of file, or write all of them into a folder.

    They know the connectors that are installed. An editor with a YAML language server takes one by a first line such as
    `# yaml-language-server: $schema=../schemas/process.json`.
    """
    if (kind is None) == (into is None):
        raise click.UsageError("name a KIND, or a folder with --into")
    from runtime.bundle.schema import schema as schema_of
    from runtime.plugins import installed_connectors

    catalogue = installed_connectors()
    if into is None:
        click.echo(json.dumps(schema_of(cast("Kind", kind), catalogue), indent=2))
        return
    into.mkdir(parents=True, exist_ok=True)
    for known in KINDS:
        path = into / f"{known.replace(' ', '-')}.json"
        path.write_text(json.dumps(schema_of(cast("Kind", known), catalogue), indent=2) + "\n", encoding="utf-8")
        click.echo(str(path))
