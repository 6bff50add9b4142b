"""`nuclide flow listen`: take callbacks, and answer them as an engine does, or as one that is in trouble."""

from __future__ import annotations

import time
from itertools import count as counting
from typing import TYPE_CHECKING

import click
import msgspec

from runtime.cli.show import print_json
from runtime.testkit.player.callbacks import PORT, Policy, listening
from runtime.testkit.player.play import faults
from runtime.testkit.player.values import plain

if TYPE_CHECKING:
    from runtime.testkit.player.callbacks import Listener, Taken

WORDS = ("SUCCESS", "WAIT", "TOKEN_COMPLETED", "BUSY")


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any free one.")
@click.option("--answer", type=click.Choice(WORDS), default=WORDS[0], show_default=True, help="What each is told.")
@click.option("--fail", type=click.IntRange(0), default=0, metavar="N", help="Refuse the first N with status 503.")
@click.option("--count", type=click.IntRange(1), metavar="N", help="End after N callbacks.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON for each callback.")
def listen(port: int, answer: str, fail: int, count: int | None, *, as_json: bool) -> None:
    """Show callbacks as they arrive, until interrupted.

    `nuclide flow call --no-wait` sends its callbacks to the default port.
    """
    with listening(Policy(answer, fail), port) as listener:
        click.echo(f"callbacks are taken at {listener.url}", err=True)
        try:
            _show(listener, count, as_json=as_json)
        except KeyboardInterrupt:
            click.echo(err=True)


def _show(listener: Listener, count: int | None, *, as_json: bool) -> None:
    for number in counting(1):
        taken = listener.take()
        if taken is not None:
            _print_line(taken) if as_json else _print(taken)
        if number == count:
            return


def _print_line(taken: Taken) -> None:
    response = taken.response
    line = {
        "token": response.token,
        "invokeType": response.invoke_type,
        "waitMessage": response.wait_message,
        "outputs": plain(response.outputs or ()),
        "faults": faults(response),
        "answered": {"status": taken.status, "word": taken.word},
    }
    click.echo(msgspec.json.Encoder(decimal_format="number").encode(line).decode())


def _print(taken: Taken) -> None:
    response = taken.response
    failed = faults(response)
    kind = click.style(response.invoke_type, fg="red" if failed else "cyan" if response.waits else "green")
    click.echo(f"{time.strftime('%H:%M:%S')}  {kind}  token {response.token}, answered {taken.status} {taken.word}")
    if response.wait_message:
        click.echo(response.wait_message)
    for fault in failed:
        click.secho(fault, fg="red")
    if response.outputs:
        print_json(plain(response.outputs))
