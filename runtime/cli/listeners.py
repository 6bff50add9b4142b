"""`nuclide listeners`: who can be called, how each is and why; and how to pause, resume and restart them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import duration, print_json, print_table
from runtime.cli.who import who
from runtime.web.listener_answers import Listeners

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.cli.admin import Admin


@click.group(invoke_without_command=True)
@json_option
@asks_the_daemon
@click.pass_context
def listeners(ctx: click.Context, admin: Admin, *, as_json: bool) -> None:
    """List the listeners of what is live: state, why, and how long ago the last call came.

    A listener is named bundle/process.
    """
    if ctx.invoked_subcommand is None:
        found = admin.get(Listeners, "listeners")
        print_json(found) if as_json else _print(found)


def _which(verb: Callable[..., None]) -> Callable[..., None]:
    argument = click.argument("listener", required=False)
    every = click.option("--all", "every", is_flag=True, help="All listeners that are live.")
    return argument(every(verb))


@listeners.command()
@_which
@click.option("--reason", default="", help="Why, for whoever looks at the list.")
@asks_the_daemon
def pause(admin: Admin, listener: str | None, *, every: bool, reason: str) -> None:
    """Pause a LISTENER or --all: callers get 503 with Retry-After, work that runs goes on.

    It stays so through restarts and new versions.
    """
    order = {**_order(listener, every=every), "state": "paused", "reason": reason}
    _print(admin.post(Listeners, "listeners/state", order), listener)


@listeners.command()
@_which
@asks_the_daemon
def resume(admin: Admin, listener: str | None, *, every: bool) -> None:
    """Let a LISTENER or --all go on."""
    order = {**_order(listener, every=every), "state": "listening"}
    _print(admin.post(Listeners, "listeners/state", order), listener)


@listeners.command()
@_which
@asks_the_daemon
def restart(admin: Admin, listener: str | None, *, every: bool) -> None:
    """Open the connections of a LISTENER's bundle anew, or of --all; nobody is refused meanwhile.

    A paused listener stays paused. Executions that run end on the connections that they began with.
    """
    _print(admin.post(Listeners, "listeners/restart", _order(listener, every=every)), listener)


def _order(listener: str | None, *, every: bool) -> dict[str, str]:
    if every == (listener is not None):
        raise click.UsageError("name one listener (bundle/process), or say --all")
    return {"who": who()} if listener is None else {"who": who(), "listener": listener}


def _print(found: Listeners, only: str | None = None) -> None:
    print_table(
        ("listener", "kind", "state", "calls", "last call", "why"),
        [
            (
                each.listener,
                each.kind,
                each.state,
                str(each.calls),
                "none yet" if each.age_seconds is None else f"{duration(each.age_seconds)} ago",
                each.reason,
            )
            for each in found.listeners
            if only in {None, each.listener}
        ],
    )
