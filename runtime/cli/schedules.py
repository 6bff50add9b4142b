"""`nuclide schedules`: when processes run by themselves, and how to stop and start that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json, print_table, zone_time
from runtime.web.admin_answers import Begun, Schedules

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


@click.group(invoke_without_command=True)
@json_option
@asks_the_daemon
@click.pass_context
def schedules(ctx: click.Context, admin: Admin, *, as_json: bool) -> None:
    """List the schedules of what is live with their next times, in their own time zones.

    A schedule is named bundle/schedule.
    """
    if ctx.invoked_subcommand is None:
        found = admin.get(Schedules, "schedules")
        print_json(found) if as_json else _print(found)


@schedules.command()
@click.argument("schedule")
@asks_the_daemon
def pause(admin: Admin, schedule: str) -> None:
    """Stop a SCHEDULE; it stays so through restarts and new versions."""
    admin.post(Schedules, "schedules/state", {"schedule": schedule, "state": "paused"})


@schedules.command()
@click.argument("schedule")
@asks_the_daemon
def resume(admin: Admin, schedule: str) -> None:
    """Let a SCHEDULE go on from now; what passed meanwhile is not made up for."""
    admin.post(Schedules, "schedules/state", {"schedule": schedule, "state": "active"})


@schedules.command()
@click.argument("schedule")
@asks_the_daemon
def run(admin: Admin, schedule: str) -> None:
    """Run what a SCHEDULE runs, now; print the execution."""
    click.echo(admin.post(Begun, "schedules/run", {"schedule": schedule}).execution)


def _print(found: Schedules) -> None:
    print_table(
        ("schedule", "process", "cron", "zone", "next", "last"),
        [
            (
                each.schedule,
                each.process,
                each.cron,
                each.zone,
                "paused" if each.paused else zone_time(each.next[0], each.zone) if each.next else "never",
                zone_time(each.last, each.zone) if each.last else "",
            )
            for each in found.schedules
        ],
    )
