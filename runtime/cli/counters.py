"""`nuclide counters`: the numbers that processes count on with, from run to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json, print_table
from runtime.cli.who import who
from runtime.web.kept_answers import Counters

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


@click.group(invoke_without_command=True)
@json_option
@asks_the_daemon
@click.pass_context
def counters(ctx: click.Context, admin: Admin, *, as_json: bool) -> None:
    """List the counters, with the number that each gives next.

    Numbers are taken in blocks before a step runs, so that some may be left out, and none is given twice.
    """
    ctx.obj = admin
    if ctx.invoked_subcommand is not None:
        return
    found = admin.get(Counters, "counters")
    if as_json:
        print_json(found)
    else:
        print_table(("counter", "next"), [(each.counter, str(each.next)) for each in found.counters])


@counters.command(name="set")
@click.argument("counter")
@click.argument("following", metavar="NEXT", type=click.IntRange(1, 2_147_483_647))
@click.pass_obj
def set_(admin: Admin, counter: str, following: int) -> None:
    """Let a COUNTER give the number NEXT the next time it is asked."""
    admin.post(Counters, "counters/set", {"counter": counter, "next": following, "who": who()})
