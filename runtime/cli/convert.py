"""`nuclide convert`: exported processes as native YAML that runs the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.failures import FAILED, Failed
from runtime.cli.options import json_option
from runtime.cli.show import print_json, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.importing.native import Conversion


@click.command()
@click.argument("path", metavar="BUNDLE", type=click.Path(exists=True, path_type=Path))
@click.option("--process", "names", multiple=True, help="Only the process of this name or component id; repeatable.")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Write the whole bundle, converted, to this folder."
)
@json_option
@click.pass_context
def convert(ctx: click.Context, path: Path, *, names: tuple[str, ...], folder: Path | None, as_json: bool) -> None:
    """Print the exported processes of a bundle as native YAML, with the same names, labels, order and meaning.

    What is printed has been read again and is the same process. Maps, profiles, connections and other components are
    used as they are. A process that YAML cannot say whole is named with the reasons and stays an export. Exit status 1
    when there is such a process, 2 when the bundle is refused.
    """
    from runtime.importing.native import convert as converted_bundle
    from runtime.importing.native import write
    from runtime.plugins import installed_connectors

    converted = converted_bundle(path, installed_connectors(), only=frozenset(names))
    if not converted.processes:
        wanted = f" called {', '.join(names)}" if names else ""
        raise Failed("convert.nothing", f"there is no exported process{wanted} in {path}", hint="see 'nuclide lint'")
    if folder is not None:
        write(converted, folder)
    print_json(converted.processes) if as_json else _print(converted.processes, folder)
    if any(one.yaml is None for one in converted.processes):
        ctx.exit(FAILED)


def _print(processes: Sequence[Conversion], folder: Path | None) -> None:
    for number, one in enumerate(processes):
        if one.yaml is None:
            click.secho(printable(f"{one.name} ({one.file}) stays an export:"), fg="yellow", err=True)
            for reason in one.reasons:
                click.echo(printable(f"    {reason}"), err=True)
        elif folder is not None:
            click.echo(printable(f"{folder / one.file}: {one.name}"))
        else:
            click.echo(f"{'---' if number else ''}\n# {printable(one.file)}".lstrip("\n"))
            click.echo(one.yaml, nl=False)
