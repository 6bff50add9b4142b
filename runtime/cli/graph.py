"""`nuclide graph`: a process as a picture, or as the functions that it became."""

from __future__ import annotations

from pathlib import Path

import click

from runtime.cli.failures import FAILED


@click.command()
@click.argument("bundle", type=click.Path(exists=True, path_type=Path))
@click.argument("process")
@click.option("--source", is_flag=True, help="Print the functions that run it, instead of its picture.")
@click.pass_context
def graph(ctx: click.Context, bundle: Path, process: str, *, source: bool) -> None:
    """Print a PROCESS of a BUNDLE as a Mermaid flowchart.

    Exit status 1 with --source when the process has no function; why is told instead, or why it has several.
    """
    from runtime.bundle.read import read_bundle
    from runtime.engine.compile import compile_bundle
    from runtime.engine.graph import picture
    from runtime.plugins import installed_connectors

    catalogue = installed_connectors()
    processes = compile_bundle(read_bundle(bundle, catalogue), catalogue).processes
    if process not in processes:
        raise click.UsageError(f"there is no process '{process}'; the processes are {', '.join(sorted(processes))}")
    compiled = processes[process]
    if not source:
        click.echo(picture(compiled), nl=False)
    elif compiled.generated is not None:
        click.echo(compiled.generated.source, nl=False)
    elif compiled.runs:
        click.echo("\n\n".join(run.source for run in compiled.runs.values()), nl=False)
        click.echo(f"The driver runs what is between: {compiled.not_generated}.", err=True)
    else:
        click.echo(f"The driver runs this process: {compiled.not_generated}.", err=True)
        ctx.exit(FAILED)
