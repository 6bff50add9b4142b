"""`nuclide flow tenant`: a stand-in for a Flow tenant, for processes that launch flows."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click
import msgspec

from runtime.cli.failures import Failed
from runtime.cli.flow_launch import TENANT
from runtime.cli.flow_options import DURATION
from runtime.testkit.player.callbacks import OneToken, listening
from runtime.testkit.player.description import fetch
from runtime.testkit.player.play import BASE, Call, faults, follow, make, service_url
from runtime.testkit.player.tenant import PORT, Tenant, Values, serving
from runtime.testkit.player.wire import EngineValue

if TYPE_CHECKING:
    from runtime.testkit.player.tenant import Act

CALLBACK_WITHIN = 3_600.0  # seconds: a flow waits for its service as long as a tester does


@click.command()
@click.argument("flows", metavar="NAME[=SERVICE/ACTION]...", nargs=-1, required=True)
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any free one.")
@click.option("--base-url", envvar="NUCLIDE_URL", default=BASE, show_default=True, help="Where the services live.")
@click.option("--login", metavar="USER:PASSWORD", help="The login that the flows want; none without.")
@click.option("--patience", type=DURATION, default="500 ms", show_default=True, help="After it a flow is in WAIT.")
@click.option("--busy", type=click.IntRange(0), default=0, metavar="N", help="Say BUSY to the first N invocations.")
def tenant(flows: tuple[str, ...], *, port: int, base_url: str, login: str | None, patience: float, busy: int) -> None:
    """Stand in for a Flow tenant until interrupted, so that flows can be launched without one.

    A flow called NAME ends at once, with its inputs as its outputs; one with an action calls that message action with
    its inputs, waits for the callback where it has to, and ends with its outputs.
    """
    acts = dict(_act(text, base_url) for text in flows)
    wanted = tuple(login.split(":", 1)) if login else None
    if wanted is not None and len(wanted) != 2:  # noqa: PLR2004 - a name and a password
        raise Failed("player.login", f"'{login}' is no login", hint="write USER:PASSWORD")
    standing_in = Tenant(acts, login=(wanted[0], wanted[1]) if wanted else None, patience=patience, busy=busy)
    with serving(standing_in, port) as url:
        click.echo(f"tenant {TENANT} is at {url}", err=True)
        for name, flow in standing_in.flows.items():
            click.echo(f"{flow.id}  {name}")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo(err=True)


def _act(text: str, base: str) -> tuple[str, Act]:
    name, equals, where = text.partition("=")
    if not equals:
        return name, _echo
    service, slash, action = where.partition("/")
    if not slash or not service or not action:
        raise Failed("player.flow", f"'{text}' names no action", hint="write NAME=SERVICE/ACTION")

    def call(inputs: Values) -> Values:
        return _called(service_url(service, base), action, inputs)

    return name, call


def _echo(inputs: Values) -> Values:
    return inputs


def _called(url: str, action: str, inputs: Values) -> Values:
    description, _ = fetch(url, [])
    token = str(uuid4())
    with listening(OneToken(token)) as listener:
        answer = make(
            Call(
                url=url,
                uri_part=description.action(action).uri_part,
                token=token,
                callback=listener.url,
                inputs=msgspec.convert(inputs, list[EngineValue], strict=False),
                configuration=[],
            )
        )
        if answer.waits:
            *_, answer = follow(token, listener, CALLBACK_WITHIN)
    failed = faults(answer)
    if failed:
        raise Failed("player.fault", "; ".join(failed))
    outputs: list[dict[str, Any]] = msgspec.to_builtins(answer.outputs or [])
    return outputs
