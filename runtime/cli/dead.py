"""`nuclide dead`: callbacks that nobody took, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.failures import Failed
from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json, print_table, since
from runtime.cli.who import who
from runtime.web.admin_answers import Callbacks

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


@click.group(invoke_without_command=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Rows at most.")
@json_option
@asks_the_daemon
@click.pass_context
def dead(ctx: click.Context, admin: Admin, limit: int, *, as_json: bool) -> None:
    """List the dead letters: callbacks that Flow refused for good, or that expired, oldest first."""
    if ctx.invoked_subcommand is not None:
        return
    found = admin.get(Callbacks, "callbacks", state="dead", limit=limit)
    if as_json:
        print_json(found)
    elif found.callbacks:
        _print(found)
    else:
        click.echo("There is no dead letter.", err=True)


_letters = click.argument("letters", nargs=-1, type=int, metavar="LETTER...")
_all = click.option("--all", "every", is_flag=True, help="All of them.")


@dead.command()
@_letters
@_all
@json_option
@asks_the_daemon
def redeliver(admin: Admin, letters: tuple[int, ...], *, every: bool, as_json: bool) -> None:
    """Send dead LETTERs again, with as much time as new ones have."""
    _order(admin, "redeliver", letters, every=every, as_json=as_json)


@dead.command()
@_letters
@_all
@json_option
@asks_the_daemon
def dismiss(admin: Admin, letters: tuple[int, ...], *, every: bool, as_json: bool) -> None:
    """Give dead LETTERs up: they are erased, and whoever waited for them is not told."""
    _order(admin, "dismiss", letters, every=every, as_json=as_json)


def _order(admin: Admin, what: str, letters: tuple[int, ...], *, every: bool, as_json: bool) -> None:
    if every == bool(letters):
        raise Failed("cli.letters", "name the letters, or give --all", hint="nuclide dead lists them")
    done = admin.post(Callbacks, f"dead/{what}", {"who": who(), "callbacks": letters, "all": every})
    print_json(done) if as_json else click.echo(f"{len(done.callbacks)} letters: {what}")


def _print(found: Callbacks) -> None:
    print_table(
        ("letter", "execution", "to", "made", "tries", "error"),
        [
            (
                str(each.id),
                each.execution,
                each.host,
                f"{since(each.created)} ago",
                str(each.attempts),
                each.error or "",
            )
            for each in found.callbacks
        ],
    )
