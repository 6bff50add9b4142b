"""`nuclide cancel`: a person stops an execution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json
from runtime.cli.who import who
from runtime.web.record_answers import Cancelled

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


@click.command()
@click.argument("execution")
@click.option("--reason", default="", help="Told to whoever waits for it, and written down.")
@json_option
@asks_the_daemon
def cancel(admin: Admin, execution: str, reason: str, *, as_json: bool) -> None:
    """Stop an EXECUTION that runs, waits or is parked. Flow is told so: by the answer, or by a callback after WAIT.

    What it has done already is not undone.
    """
    order = {"execution": execution, "who": who(), "reason": reason}
    cancelled = admin.post(Cancelled, "cancel", order)
    print_json(cancelled) if as_json else click.echo(f"{cancelled.state}  {cancelled.execution}")
