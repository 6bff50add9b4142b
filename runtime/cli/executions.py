"""`nuclide executions`: the journal's executions, or one of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from runtime.cli.admin import NotThere
from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.ps import print_callbacks
from runtime.cli.show import clock_time, duration, print_json, print_pairs, print_table, since
from runtime.model.journal import Status
from runtime.web.admin_answers import ExecutionDetail, Executions, ExecutionSummary, TrackedField

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


class _Moment(click.ParamType[str]):
    """A point in time as a person writes it; without an offset it is this machine's."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give it as RFC 3339."""
        try:
            return datetime.fromisoformat(value).astimezone().isoformat()
        except ValueError:
            self.fail(f"'{value}' is no time: write 2026-11-28, or 2026-11-28T08:30", param, ctx)


MOMENT = _Moment()
MOST_LOOKED_AT = 1_000  # executions among which a misspelt id is looked for


@click.command()
@click.argument("identity", metavar="[ID]", required=False)
@click.option("--status", type=click.Choice([status.value for status in Status]), help="Only those.")
@click.option("--process", help="Only those of this process.")
@click.option("--since", type=MOMENT, help="Only those that began then or later (local time, or with an offset).")
@click.option("--until", type=MOMENT, help="Only those that began before.")
@click.option("--text", help="Only those with this text in their message.")
@click.option("--tracked", metavar="NAME=VALUE", help="Only those with this value of a tracked property or field.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Rows at most.")
@json_option
@asks_the_daemon
def executions(admin: Admin, identity: str | None, limit: int, *, as_json: bool, **search: str | None) -> None:
    """List the executions of the journal, newest first; or show the one of this ID with its callbacks.

    What is searched for must hold all together.
    """
    if identity is not None:
        detail = _find(admin, identity)
        if as_json:
            print_json(detail)
        else:
            _print_detail(detail)
        return
    listed = admin.get(Executions, "executions", **search, limit=limit)
    if as_json:
        print_json(listed)
    elif listed.executions:
        _print_list(listed.executions)
    else:
        click.echo("The journal holds no such execution.", err=True)


def _find(admin: Admin, identity: str) -> ExecutionDetail:
    try:
        return admin.get(ExecutionDetail, "executions", identity)
    except NotThere as error:
        from runtime.bundle.findings import suggest

        known = admin.get(Executions, "executions", limit=MOST_LOOKED_AT).executions
        hint = suggest(identity, [execution.id for execution in known])
        raise NotThere("cli.unknown-execution", f"there is no execution '{identity}'", hint=hint) from error


def _print_list(listed: tuple[ExecutionSummary, ...]) -> None:
    print_table(
        ("status", "execution", "process", "bundle", "started", "took", "message"),
        [
            (
                each.status,
                each.id,
                each.process,
                f"{each.bundle} {each.version}",
                f"{since(each.started)} ago",
                _took(each),
                each.message or "",
            )
            for each in listed
        ],
    )


def _print_detail(detail: ExecutionDetail) -> None:
    print_pairs(
        (
            ("execution", detail.id),
            ("status", detail.status),
            ("process", detail.process),
            ("bundle", f"{detail.bundle} {detail.version} (digest {detail.digest[:12]})"),
            ("mode", detail.mode),
            ("started", f"{clock_time(detail.started)}, {since(detail.started)} ago"),
            ("finished", f"{clock_time(detail.finished)}, after {_took(detail)}" if detail.finished else ""),
            ("goes on", clock_time(detail.due) if detail.due else ""),
            ("message", detail.message or ""),
            ("replays", detail.origin or ""),
            ("begun by", detail.parent or ""),
            ("replayed by", ", ".join(detail.replays)),
            ("claimed", f"{detail.epoch} times, now by {detail.owner}" if detail.owner else f"{detail.epoch} times"),
        )
    )
    if detail.tracked:
        click.echo()
        print_table(("tracked", "values"), [(each.name, _values(each)) for each in detail.tracked])
    if detail.callbacks:
        click.echo()
        print_callbacks(detail.callbacks)


def _values(field: TrackedField) -> str:
    more = field.count - len(field.values)
    return ", ".join(field.values) + (f" and {more} more" if more else "")


def _took(execution: ExecutionSummary) -> str:
    if execution.finished is None:
        return ""
    return duration((execution.finished - execution.started).total_seconds())
