"""`nuclide ps`: what runs, what waits, what needs a person, what Flow is still owed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import duration, print_json, print_table, since, until
from runtime.model.journal import CallbackState, Status
from runtime.web.admin_answers import (
    Callbacks,
    CallbackSummary,
    DaemonStatus,
    Executions,
    ExecutionSummary,
    WorkerStatus,
)

if TYPE_CHECKING:
    from runtime.cli.admin import Admin

UNFINISHED = (Status.PARKED, Status.RUNNING, Status.WAITING)


@click.command()
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Rows of each kind, at most."
)
@json_option
@asks_the_daemon
def ps(admin: Admin, limit: int, *, as_json: bool) -> None:
    """Show the work that is not finished, and the callbacks that Flow has not accepted.

    Executions that finish before their answer is due leave no trace in the journal: they are only counted.
    """
    status = admin.get(DaemonStatus, "status")
    executions = [
        execution
        for state in UNFINISHED
        if status.executions.get(state)
        for execution in admin.get(Executions, "executions", status=state, limit=limit).executions
    ]
    owed = any(status.callbacks.values())
    callbacks = admin.get(Callbacks, "callbacks", limit=limit).callbacks if owed else ()
    if as_json:
        print_json({"daemon": status, "executions": executions, "callbacks": callbacks})
        return
    _print_head(status)
    _print_executions(executions)
    _print_callbacks(callbacks)


def _print_head(status: DaemonStatus) -> None:
    colour = "green" if status.status == "running" else "yellow"
    state = click.style(status.status, fg=colour)
    where = ", ".join(status.addresses)
    click.echo(f"nuclide {status.version} {state} for {duration(status.uptime_seconds)}, process {status.pid}, {where}")
    for worker in status.workers:
        _print_worker(worker)
    journal = ", ".join(f"{status.executions.get(state, 0)} {state}" for state in UNFINISHED)
    click.echo(f"executions  {journal}, {status.in_memory.queued} wait for a place")
    callbacks = ", ".join(f"{status.callbacks.get(state, 0)} {state}" for state in CallbackState)
    oldest = f", the oldest for {duration(status.oldest_callback_seconds)}" if any(status.callbacks.values()) else ""
    click.echo(f"callbacks   {callbacks}{oldest}")


def _print_worker(worker: WorkerStatus) -> None:
    if worker.in_memory is None:
        click.echo(f"worker {worker.worker}    {click.style(worker.status, fg='yellow')}")
        return
    state = click.style(worker.status, fg="green" if worker.status == "running" else "yellow")
    memory = f"{worker.in_memory.live} in memory, {worker.in_memory.running} running"
    click.echo(
        f"worker {worker.worker}    {state} for {duration(worker.uptime_seconds)}, process {worker.pid}, {memory}"
    )


def _print_executions(executions: list[ExecutionSummary]) -> None:
    if executions:
        click.echo()
    print_table(
        ("status", "execution", "process", "bundle", "started", "note"),
        [
            (
                execution.status,
                execution.id,
                execution.process,
                f"{execution.bundle} {execution.version}",
                f"{since(execution.started)} ago",
                execution.message or (f"goes on {until(execution.due)}" if execution.due else ""),
            )
            for execution in executions
        ],
    )


def _print_callbacks(callbacks: tuple[CallbackSummary, ...]) -> None:
    if callbacks:
        click.echo()
    print_callbacks(callbacks)


def print_callbacks(callbacks: tuple[CallbackSummary, ...]) -> None:
    """Print callbacks as a table, each with when it is sent next and why it was not accepted."""
    print_table(
        ("callback", "execution", "to", "made", "next try", "tries", "error"),
        [
            (
                callback.state,
                callback.execution,
                callback.host,
                f"{since(callback.created)} ago",
                until(callback.due) if callback.state == CallbackState.DUE else "",
                str(callback.attempts),
                callback.error or "",
            )
            for callback in callbacks
        ],
    )
