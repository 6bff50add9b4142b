"""`nuclide trace`: the documents of an execution as they were at each of its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json, printable
from runtime.web.record_answers import ExecutionTrace

if TYPE_CHECKING:
    from runtime.cli.admin import Admin
    from runtime.model.record import SeenDocument


@click.command()
@click.argument("execution")
@click.option("--step", help="Only at steps of this id or label.")
@click.option("--document", help="Only the document of this id, or of an id that begins so.")
@json_option
@asks_the_daemon
def trace(admin: Admin, execution: str, step: str | None, document: str | None, *, as_json: bool) -> None:
    """Print the first documents that reached each step of an EXECUTION, with their properties.

    What the bundle marks as secret is masked. How much is shown depends on the process' mode, and on what
    its call asked for: `nuclide execute --trace`, or the header X-Nuclide-Trace: documents.
    """
    found = admin.get(ExecutionTrace, "executions", execution, "trace")
    seen = tuple(each for each in found.seen if step in {None, each.step, each.name})
    if as_json:
        print_json(found)
        return
    for each in seen:
        shown = [one for one in each.documents if document is None or one.id.startswith(document)]
        if not shown and document is not None:
            continue
        more = "" if each.count == len(each.documents) else f", the first {len(each.documents)}"
        click.secho(f"{printable(each.process)} / {printable(each.name)}: {each.count} document(s){more}", bold=True)
        for one in shown:
            _print(one)
    if not found.seen:
        click.echo("No documents were kept of this execution.", err=True)
    if found.left_out:
        click.echo(f"{found.left_out} later runs of steps were too many to keep.", err=True)


def _print(document: SeenDocument) -> None:
    click.echo(f"  {document.id}  {document.size} bytes")
    for name, text in sorted((*document.properties.items(), *((f"meta {n}", t) for n, t in document.meta.items()))):
        click.echo(f"    {printable(name)} = {printable(text)}")
    if document.content is None:
        click.echo("    (not shown: it may hold what the bundle has marked)")
    elif document.content:
        click.echo(f"    {printable(document.content)}{'…' if document.cut else ''}")
