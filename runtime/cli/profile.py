"""`nuclide profile`: profiles of documents."""

from __future__ import annotations

import json
from pathlib import Path

import click

from runtime.cli.failures import FAILED
from runtime.cli.verbs import Verbs

VERBS = {"from-sample": "runtime.cli.profile:from_sample"}


@click.group(cls=Verbs, verbs=VERBS)
def profile() -> None:
    """Make profiles: the shapes of documents that Flow and processes exchange."""


@click.command("from-sample")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--into", type=click.Path(dir_okay=False, path_type=Path), help="The file to write, such as profiles/x.json."
)
@click.pass_context
def from_sample(ctx: click.Context, files: tuple[str, ...], into: Path | None) -> None:
    """Print the profile that sample documents fit: JSON FILES, or - for what is typed.

    Several samples make one profile with the members of all. Exit status 1 when Flow could not express it.
    """
    from runtime.bundle.samples import schema_of

    samples: list[object] = []
    for file in files:
        try:
            with click.open_file(file, encoding="utf-8") as opened:
                samples.append(json.load(opened))
        except (ValueError, RecursionError) as error:
            click.echo(f"{file}: this is not JSON: {error}", err=True)
            ctx.exit(FAILED)
    schema, findings = schema_of(samples)
    for finding in findings:
        kind = "note: " if finding.note else ""
        click.echo(f"{kind}{finding.pointer or 'the document'}: {finding.message}", err=True)
    if any(not finding.note for finding in findings):
        ctx.exit(FAILED)
    text = json.dumps(schema, indent=2, ensure_ascii=False)
    if into is None:
        click.echo(text)
    else:
        into.write_text(f"{text}\n", encoding="utf-8")
