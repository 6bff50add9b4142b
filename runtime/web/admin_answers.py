"""What the admin API answers: one struct for each thing, shared with those who read it, such as the command line.

Nothing here holds a payload, a header or a secret. Times are in UTC; names are lower camel case on the wire.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from runtime.errors import Problem
from runtime.model.journal import CallbackState, Status

Time = Annotated[datetime, Meta(tz=True)]  # a point in time; a text without an offset is none


class Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of every answer and its parts."""


class ExecutionsInMemory(Answer, frozen=True, kw_only=True):
    """Executions that the process holds: all of them, those that run, those that wait for a place."""

    live: int
    running: int
    queued: int


class WorkerStatus(Answer, frozen=True, kw_only=True):
    """How one worker is. One that is being replaced has no process."""

    worker: int
    status: str
    pid: int | None = None
    uptime_seconds: float = 0.0
    in_memory: ExecutionsInMemory | None = None


class DaemonStatus(Answer, frozen=True, kw_only=True):
    """How the daemon is. `status` is "running" or why nothing is served: "starting", "stopping", a disk in trouble.

    `workers` are told where there are several (setting server.workers), and everything else is of all together.
    `in_memory` counts what this process works on; `executions` (by status) and `callbacks` (by state) count what the
    journal holds. `oldest_callback_seconds` is the age of the callback that waits longest, 0 without one.
    """

    status: str
    version: str
    pid: int
    uptime_seconds: float
    addresses: tuple[str, ...]
    in_memory: ExecutionsInMemory
    executions: dict[Status, int]
    callbacks: dict[CallbackState, int]
    oldest_callback_seconds: float
    workers: tuple[WorkerStatus, ...] = ()


class Begun(Answer, frozen=True, kw_only=True):
    """An execution that has begun."""

    execution: str


class Reloaded(Answer, frozen=True, kw_only=True):
    """What stands in files has been read again."""

    reloaded: bool = True


class ExecutionSummary(Answer, frozen=True, kw_only=True):
    """One execution. `due` is when a waiting one goes on; `message` says why it failed or is parked.

    `origin` is the execution that it replays, `parent` the one whose step has begun it.
    """

    id: str
    process: str
    bundle: str
    version: str
    status: Status
    started: Time
    finished: Time | None = None
    due: Time | None = None
    message: str | None = None
    origin: str | None = None
    parent: str | None = None


class Executions(Answer, frozen=True, kw_only=True):
    """Executions of the journal, newest first."""

    executions: tuple[ExecutionSummary, ...]


class CallbackSummary(Answer, frozen=True, kw_only=True):
    """One callback that Flow has not accepted. `number` orders those of one execution; `attempts` have failed."""

    id: int
    execution: str
    number: int
    host: str
    state: CallbackState
    created: Time
    due: Time
    expires: Time
    attempts: int
    error: str | None = None


class Callbacks(Answer, frozen=True, kw_only=True):
    """Callbacks, oldest first."""

    callbacks: tuple[CallbackSummary, ...]


class TrackedField(Answer, frozen=True, kw_only=True):
    """A tracked property or field with the values that it had; of very many the first `MOST_VALUES`, of so many."""

    name: str
    values: tuple[str, ...]
    count: int


class ExecutionDetail(ExecutionSummary, frozen=True, kw_only=True):
    """One execution with what an operator asks next: its version to the byte, who holds it, what Flow is owed.

    `released` says whether its callbacks may be sent; `epoch` counts how often it was claimed; `replays` are the
    executions that replay it, newest first; `tracked` are the fields by which it is found, each with its values.
    """

    digest: str
    mode: str
    epoch: int
    owner: str | None
    released: bool
    callbacks: tuple[CallbackSummary, ...]
    replays: tuple[str, ...] = ()
    tracked: tuple[TrackedField, ...] = ()


class ServiceSummary(Answer, frozen=True, kw_only=True):
    """A Flow service that is served, by its external name, with the names of its actions."""

    name: str
    actions: tuple[str, ...]


class DeployedBundle(Answer, frozen=True, kw_only=True):
    """A live version of a bundle; `digest` is the SHA-256 over its files."""

    bundle: str
    version: str
    digest: str
    services: tuple[ServiceSummary, ...]
    processes: tuple[str, ...]


class RefusedBundle(Answer, frozen=True, kw_only=True):
    """A folder that is not live, with everything that is wrong in it."""

    folder: str
    problems: tuple[Problem, ...]


class Deployments(Answer, frozen=True, kw_only=True):
    """What the watched folder holds."""

    deployed: tuple[DeployedBundle, ...]
    refused: tuple[RefusedBundle, ...]


class ProblemDetails(Struct, frozen=True, kw_only=True):
    """Why a request was refused (RFC 9457); `detail` is for a person, `problems` are those of a refused bundle."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    problems: tuple[Problem, ...] = ()


class ScheduleSummary(Answer, frozen=True, kw_only=True):
    """A schedule. `next` are the next times, none while it is paused; `last` is the due time of its last run."""

    schedule: str
    process: str
    cron: str
    zone: str
    overlap: str
    missed: str
    paused: bool
    next: tuple[Time, ...]
    last: Time | None
    execution: str | None


class Schedules(Answer, frozen=True, kw_only=True):
    """The schedules of what is live, by name."""

    schedules: tuple[ScheduleSummary, ...]
