"""`nuclide docs`: the page of a step, as STEPS.md has it."""

from __future__ import annotations

import click


@click.command()
@click.argument("step", nargs=-1)
def docs(step: tuple[str, ...]) -> None:
    """Print the page of a STEP, such as `try` or `set properties`; without one, the pages of all."""
    from runtime.bundle.outline import KINDS
    from runtime.bundle.pages import page, page_of

    kind = " ".join(step).lower()
    if kind and kind not in KINDS:
        raise click.UsageError(f"there is no step '{kind}'; the steps are {', '.join(KINDS)}")
    click.echo(page_of(kind) if kind else page(), nl=False)
