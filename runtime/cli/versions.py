"""`nuclide history`, `rollback` and `diff`: the versions of bundles."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import clock_time, print_json, print_table, printable
from runtime.web.deployment_answers import DeploymentHistory, Differences, RolledBack

if TYPE_CHECKING:
    from runtime.cli.admin import Admin

SHOWN = 12  # characters of a digest

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.argument("bundle", required=False)
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="How many at most.")
@json_option
@asks_the_daemon
def history(admin: Admin, bundle: str | None, *, limit: int, as_json: bool) -> None:
    """Tell what was deployed, removed, refused and rolled back, the newest first; of one BUNDLE, or of all."""
    found = admin.get(DeploymentHistory, "history", bundle=bundle, limit=limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ("when", "what", "bundle", "version", "digest", "who", "why"),
        [
            (
                clock_time(event.at),
                event.what,
                event.bundle or event.source,
                event.version or "",
                (event.digest or "")[:SHOWN],
                event.who or "",
                event.reasons[0] if event.reasons else "",
            )
            for event in found.events
        ],
    )


@click.command()
@click.argument("bundle")
@click.option("--to", metavar="DIGEST", help="The version, by the first characters of its digest; else the one before.")
@json_option
@asks_the_daemon
def rollback(admin: Admin, bundle: str, *, to: str | None, as_json: bool) -> None:
    """Let an earlier version of a BUNDLE serve again, until another one is put into its place."""
    order = {"bundle": bundle, "who": getpass.getuser(), **({"to": to} if to is not None else {})}
    done = admin.post(RolledBack, "rollback", order)
    print_json(done) if as_json else click.echo(f"{done.bundle} serves {done.digest[:SHOWN]}")


@click.command()
@click.argument("bundle")
@click.argument("older", required=False)
@click.argument("newer", required=False)
@json_option
@asks_the_daemon
def diff(admin: Admin, bundle: str, older: str | None, newer: str | None, *, as_json: bool) -> None:
    """Show what differs between two versions of a BUNDLE, named by the first characters of their digests.

    Without them: between the last two that have served.
    """
    found = admin.get(Differences, "diff", bundle=bundle, older=older, newer=newer)
    if as_json:
        print_json(found)
        return
    for line in found.diff.splitlines():
        click.secho(printable(line), fg=_COLOURS.get(line[:1]))
