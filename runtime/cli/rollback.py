"""`nuclide rollback`: an earlier version of a bundle serves again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import DIGEST_SHOWN, print_json
from runtime.cli.who import who
from runtime.web.deployment_answers import RolledBack

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


@click.command()
@click.argument("bundle")
@click.option("--to", metavar="DIGEST", help="The version, by the first characters of its digest; else the one before.")
@json_option
@asks_the_daemon
def rollback(admin: Admin, bundle: str, *, to: str | None, as_json: bool) -> None:
    """Let an earlier version of a BUNDLE serve again, until another one is put into its place."""
    order = {"bundle": bundle, "who": who(), **({"to": to} if to is not None else {})}
    done = admin.post(RolledBack, "rollback", order)
    print_json(done) if as_json else click.echo(f"{done.bundle} serves {done.digest[:DIGEST_SHOWN]}")
