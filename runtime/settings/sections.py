"""What can be set, by section: frozen structs, each member with its default and its unit.

`conf/nuclide.toml` lists every setting with its reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from runtime.clock import DAYS, HOURS, MINUTES, SECONDS
from runtime.model.headers import PASSED

KIB = 1024  # bytes
MIB = 1024 * KIB
GIB = 1024 * MIB

# A marker in `extra` says in which unit a text is read; the limits hold for the number that comes out.
Seconds = Annotated[float, Meta(gt=0, extra={"unit": "duration"})]
Bytes = Annotated[int, Meta(gt=0, extra={"unit": "size"})]
Count = Annotated[int, Meta(ge=1)]


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of one section of the settings."""


class Server(Section, frozen=True, kw_only=True):
    """The listener that Flow and other callers reach, and the socket of the command line.

    `workers` processes serve it together; each limit is for each of them. `body_limit` is in bytes, the three times are
    in seconds, `connections` counts open sockets. `front_door`: requests to Flow services are read and answered by the
    connection's own task. A relative `admin_socket` counts from the state folder. `pass_headers` are those of a request
    that processes see: names, or beginnings and ``*``.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 9090
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    body_limit: Bytes = 16 * MIB
    header_timeout: Seconds = 10 * SECONDS
    body_timeout: Seconds = 30 * SECONDS
    keep_alive: Seconds = 75 * SECONDS
    connections: Count = 10_000
    front_door: bool = True
    admin_socket: Path = Path("admin.sock")
    pass_headers: tuple[str, ...] = PASSED


class Admin(Section, frozen=True, kw_only=True):
    """The admin API on a port, when a `port` is given: it wants the token that stands in the file `bearer`.

    A relative `bearer` counts from the state folder. TLS is that of the listener. `streams` counts live views at once.
    `uploads`: bundles may be sent, and ordered away.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] | None = None
    bearer: Path = Path("admin-token")
    streams: Count = 32
    uploads: bool = True


class Access(Section, frozen=True, kw_only=True):
    """Who may call the Flow services: `users` is a file, a relative one counts from the state folder.

    `trusted_proxies` are networks whose forwarded addresses are believed. `failures_per_minute` and `failures_at_once`
    count wrong credentials from one address.
    """

    authentication: Literal["none", "basic", "certificate"] = "none"
    users: Path = Path("users.json")
    trusted_proxies: tuple[str, ...] = ()
    failures_per_minute: Count = 10
    failures_at_once: Count = 10


class Tls(Section, frozen=True, kw_only=True):
    """TLS on the listener, when a `certificate` is given: PEM files. `client_ca` signs the certificates of callers."""

    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None


class State(Section, frozen=True, kw_only=True):
    """Where the daemon keeps what must survive it; a relative folder counts from the working directory."""

    folder: Path = Path(".state")


class Bundles(Section, frozen=True, kw_only=True):
    """Where deployments arrive, and the values that this machine gives to their extensions.

    A relative `folder` counts from the working directory, a relative `extensions` from the folder that holds `folder`.
    The times are in seconds, `trial_failures` is a percentage.
    """

    folder: Path = Path("bundles")
    extensions: Path = Path("extensions.toml")
    quiet: Seconds = 0.3 * SECONDS
    rescan: Seconds = 1 * MINUTES
    together: Seconds = 30 * SECONDS
    open_within: Seconds = 30 * SECONDS
    tests_within: Seconds = 30 * SECONDS
    trial: Seconds = 10 * MINUTES
    trial_executions: Count = 20
    trial_failures: Annotated[int, Meta(ge=1, le=100)] = 50


class Executions(Section, frozen=True, kw_only=True):
    """How many executions run, how many wait for a place, and how they stop and come back; times in seconds."""

    at_once: Count = 200
    queued: Annotated[int, Meta(ge=0)] = 1000
    parts_at_once: Count = 10
    drain: Seconds = 20 * SECONDS
    suspend_after: Seconds = 5 * SECONDS
    lease: Seconds = 30 * SECONDS
    recovery_interval: Seconds = 1 * SECONDS
    park_answer_after: Seconds = 10 * MINUTES
    steps_limit: Count = 1_000_000


class Documents(Section, frozen=True, kw_only=True):
    """How much of a batch stays in memory; `in_memory` and `per_execution` count documents, the others are bytes."""

    in_memory: Count = 2_000
    in_memory_bytes: Bytes = 8 * MIB
    per_execution: Count = 5_000_000
    payload_in_memory: Bytes = 1 * MIB
    compute_at_once: Bytes = 1 * MIB


class FlowService(Section, frozen=True, kw_only=True):
    """The Flow Services Server: how many answers are remembered for repeated tokens, and for how many seconds.

    `objects` counts those of one answer, `answer_limit` is in bytes; of uploads, `upload_limit` is in bytes, the two
    times are in seconds, `upload_parts` counts within one, and `uploads_at_once` counts uploads.
    """

    repeated_answers: Count = 10_000
    repeated_answers_for: Seconds = 5 * MINUTES
    objects: Count = 10_000
    answer_limit: Bytes = 64 * MIB
    upload_limit: Bytes = 2 * GIB
    upload_timeout: Seconds = 30 * MINUTES
    upload_pause: Seconds = 30 * SECONDS
    upload_parts: Count = 64
    uploads_at_once: Count = 16


class Web(Section, frozen=True, kw_only=True):
    """The Web Services Server: `objects` counts those of one request, `answer_limit` and `pages_size` are in bytes.

    `pages_for` is how long further pages of an answer wait to be asked for, in seconds.
    """

    objects: Count = 10_000
    answer_limit: Bytes = 64 * MIB
    pages_for: Seconds = 10 * MINUTES
    pages_size: Bytes = 64 * MIB


class Callbacks(Section, frozen=True, kw_only=True):
    """What is sent to Flow after WAIT: `allow` lists host patterns, times are in seconds, the rest counts requests."""

    allow: tuple[str, ...] = ("*.manywho.com", "*.boomi.com", "*.flow-prod.boomi.com")
    timeout: Seconds = 20 * SECONDS
    first_retry: Seconds = 1 * SECONDS
    longest_retry: Seconds = 5 * MINUTES
    expire_after: Seconds = 24 * HOURS
    per_host: Count = 4
    at_once: Count = 32
    progress_pause: Seconds = 1 * SECONDS


class Store(Section, frozen=True, kw_only=True):
    """The journal's writers; `group` and `queue` count records. `ahead` is in bytes; 0 writes to the tables alone."""

    group: Count = 512
    queue: Count = 10_000
    ahead: Annotated[int, Meta(ge=0, extra={"unit": "size"})] = 256 * MIB


class History(Section, frozen=True, kw_only=True):
    """How much of the past is kept: ages in seconds, finished executions, bytes of the journal; 0 s keeps no work.

    `replay_for` is how long what an execution began with is kept, encrypted, so that it can be replayed.
    """

    keep_for: Seconds = 30 * DAYS
    keep_count: Count = 1_000_000
    keep_size: Bytes = 4 * GIB
    replay_for: Annotated[float, Meta(ge=0, extra={"unit": "duration"})] = 3 * DAYS


class Scripts(Section, frozen=True, kw_only=True):
    """Scripts of bundles: `time` in seconds of a call, `memory` in bytes of a process, `processes` of one bundle."""

    time: Seconds = 30 * SECONDS
    memory: Annotated[int, Meta(ge=128 * MIB, extra={"unit": "size"})] = 512 * MIB
    processes: Count = 4


class Records(Section, frozen=True, kw_only=True):
    """What people read of executions: process logs, times of steps, documents at steps (`payloads`).

    `lines`, `steps` and `documents` (of a step) count within one execution; the bytes are of one document, of all
    documents of an execution, and of all records; `keep_for` in seconds; `queue` counts records that wait for the disk,
    `queue_bytes` bounds their memory.
    """

    payloads: bool = True
    lines: Annotated[int, Meta(ge=10)] = 2_000
    steps: Count = 1_000
    documents: Count = 10
    document_bytes: Bytes = 2 * KIB
    bytes: Bytes = 1 * MIB
    queue: Count = 20_000
    queue_bytes: Bytes = 64 * MIB
    keep_for: Seconds = 7 * DAYS
    keep_size: Bytes = 1 * GIB


class Log(Section, frozen=True, kw_only=True):
    """What is logged on stdout, and how it looks; `auto` is colours on a terminal and JSON lines elsewhere.

    `stall_after` is how long a task may block all others, in seconds, before it is told who did.
    """

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"
    stall_after: Annotated[float, Meta(ge=0.01, extra={"unit": "duration"})] = 0.1 * SECONDS


class Memory(Section, frozen=True, kw_only=True):
    """Python's garbage collector: it looks after so many new objects, and skips what starting has made, or not."""

    collect_after: Count = 50_000
    freeze: bool = True


class Settings(Section, frozen=True, kw_only=True):
    """All settings, by section."""

    server: Server = Server()
    admin: Admin = Admin()
    access: Access = Access()
    tls: Tls = Tls()
    state: State = State()
    bundles: Bundles = Bundles()
    executions: Executions = Executions()
    documents: Documents = Documents()
    flow: FlowService = FlowService()
    web: Web = Web()
    callbacks: Callbacks = Callbacks()
    store: Store = Store()
    history: History = History()
    scripts: Scripts = Scripts()
    records: Records = Records()
    memory: Memory = Memory()
    log: Log = Log()

    @property
    def extensions_file(self) -> Path:
        """Where the values of extensions stand: beside the folder of bundles, which deployments may replace."""
        return self.bundles.folder.parent / self.bundles.extensions

    @property
    def token_file(self) -> Path:
        """Where the token of the admin API's port stands."""
        return self.state.folder / self.admin.bearer

    @property
    def users_file(self) -> Path:
        """Where the users of the listener stand."""
        return self.state.folder / self.access.users

    @property
    def admin_socket(self) -> Path:
        """Where the admin API listens."""
        return self.state.folder / self.server.admin_socket
