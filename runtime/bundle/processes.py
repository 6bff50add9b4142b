"""processes/*.yaml: one process a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

from msgspec.structs import replace

from runtime.bundle.boomi.exported import read_exported
from runtime.bundle.file_listeners import read_file_listener
from runtime.bundle.findings import suggest
from runtime.bundle.graph import check_graph
from runtime.bundle.keys import Keys, as_scalar, as_table, has_value
from runtime.bundle.known import find
from runtime.bundle.nodes import Items, Scalar, Table
from runtime.bundle.outline import START, outline
from runtime.bundle.references import ReferenceReader
from runtime.bundle.step_kinds import PROCESS_SCOPE
from runtime.bundle.steps import build
from runtime.bundle.web_listeners import read_web_listener
from runtime.model.flow_service import DEFAULT_SYNC_TIMEOUT, DEFAULT_TIME_LIMIT
from runtime.model.process import (
    MOST_AT_ONCE,
    MOST_QUEUED,
    FlowListener,
    FlowServiceType,
    Listener,
    Mode,
    Options,
    Process,
    Recovery,
    Simultaneous,
)
from runtime.model.shapes import Start
from runtime.model.web_service import WebListener

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.known import Known
    from runtime.bundle.nodes import Node
    from runtime.errors import Place
    from runtime.model.values import Template

LONGEST_SYNC_TIMEOUT = 55.0  # seconds: a Flow tenant gives up at about 60, and the answer needs time to travel

_BARE_STARTS = ("no data", "passthrough")


def read_process(node: Node, known: Known, findings: Findings) -> Process | None:
    """Read one process; None when it has no name or no steps, which is then among the findings."""
    table = as_table(node, "a process", findings)
    if table is None:
        return None
    before = len(findings)
    keys = Keys(table, findings, "a process")
    name, description = keys.text("name", required=True), keys.text("description")
    start = _start(keys.node("start", required=True), known, findings)
    options = _options(keys.table("options"), known.deadline, findings)
    properties = _properties(keys.table("properties"), known, findings)
    exported = read_exported(keys, known, findings)
    steps = keys.items("steps", required=True)
    keys.done()
    if name is None or steps is None:
        return None
    _check_steps(steps, findings)
    first, shapes = build(outline(steps, findings), name, known, findings)
    if start is None or shapes is None or len(findings) > before:
        return None
    mode, listener = start
    begin = Start(id=START, place=keys.place_of("start"), mode=mode, to=first)
    if exported is not None:
        if isinstance(listener, WebListener):
            profiles = exported.profiles
            listener = replace(listener, request_profile=profiles.request, response_profile=profiles.response)
        begin = replace(begin, id=exported.id, label=exported.label, canvas=exported.canvas, notes=exported.notes)
    process = Process(
        name=name,
        start=begin,
        shapes=(begin, *shapes),
        listener=listener,
        options=options,
        properties=properties,
        description=description,
        component=exported.component if exported is not None else None,
        place=table.place,
    )
    _check_gate(process, keys.place_of("options"), findings)
    if exported is None:
        check_graph(process, findings)
    return process


_Listens = Literal["flow", "web", "disk"]
_LISTENS: tuple[_Listens, ...] = get_args(_Listens)
_StartMode = Literal["listen", "no data", "passthrough"]


def _start(node: Node | None, known: Known, findings: Findings) -> tuple[_StartMode, Listener | None] | None:
    match node:
        case Table():
            return "listen", _listener(Keys(node, findings, "a listener"), known)
        case Scalar(text="no data"):
            return "no data", None
        case Scalar(text="passthrough"):
            return "passthrough", None
        case Scalar():
            hint = suggest(node.text, [*_BARE_STARTS, "listen: flow"])
            findings.add("unknown-value", f"there is no start '{node.text}'", node.place, hint)
        case Items():
            findings.add("wrong-type", "a start is one word or a table of keys", node.place, "write 'listen: flow'")
    return None


def _listener(keys: Keys, known: Known) -> Listener:
    usual: _Listens = _LISTENS[0]
    kind = keys.choice("listen", _Listens, usual)
    if not keys.has("listen"):
        hint = "add 'listen: flow', 'listen: web' or 'listen: disk'"
        keys.findings.add("missing-key", "a listener needs 'listen'", keys.place, hint)
    if kind == "disk":
        return read_file_listener(keys, known)
    return read_web_listener(keys) if kind == "web" else _flow_listener(keys, known)


def _flow_listener(keys: Keys, known: Known) -> FlowListener:
    service: FlowServiceType = keys.choice("service", FlowServiceType, "message action")
    request, response = keys.scalar("request profile"), keys.scalar("response profile")
    sync_timeout, time_limit = _within(keys, "sync timeout"), _within(keys, "time limit")
    keys.done()
    is_action = service == "message action"
    for key in ("time limit",) if is_action else ("request profile", "response profile", "sync timeout"):
        if keys.has(key):
            keys.findings.add("listener", f"'{key}' means nothing for a {service}", keys.place_of(key), _MEANT[key])
    for profile in (request, response):
        find(profile, "profile", known.profiles, keys.findings)
    return FlowListener(
        service=service,
        request_profile=request.text if request is not None else None,
        response_profile=response.text if response is not None else None,
        sync_timeout=DEFAULT_SYNC_TIMEOUT if sync_timeout is None else sync_timeout,
        time_limit=DEFAULT_TIME_LIMIT if time_limit is None else time_limit,
    )


_MEANT = {
    "request profile": "the Flow service names the profile",
    "response profile": "the Flow service names the profile",
    "sync timeout": "it cannot wait: write 'time limit', after which Flow gets a fault",
    "time limit": "write 'sync timeout', after which Flow waits, or 'deadline' among the options",
}


def _within(keys: Keys, key: str) -> float | None:
    """Give a time within which Flow wants its answer, in seconds."""
    seconds = keys.duration(key)
    if seconds is not None and not 0 < seconds <= LONGEST_SYNC_TIMEOUT:
        name = "Sync Timeout" if key == "sync timeout" else key
        message = f"a {name} is more than 0 and at most {LONGEST_SYNC_TIMEOUT:g} s"
        longer = (
            "is answered with WAIT and called back" if key == "sync timeout" else "can only be answered by an action"
        )
        hint = f"Flow gives up at 60 s; what takes longer {longer}"
        keys.findings.add("sync-timeout", message, keys.place_of(key), hint)
    return seconds


def _options(table: Table | None, longest: float | None, findings: Findings) -> Options:
    """Read the options; no deadline is longer than the bundle's."""
    if table is None:
        return Options(deadline=longest)
    keys = Keys(table, findings, "the options")
    mode: Mode = keys.choice("mode", Mode, "general")
    recovery: Recovery = keys.choice("recovery", Recovery, "resume")
    deadline = keys.deadline("deadline")
    run_dates = keys.flag("run dates")
    track = _tracked(keys)
    gate = _gate(keys)
    keys.done()
    deadlines = [seconds for seconds in (deadline, longest) if seconds is not None]
    return Options(
        mode=mode, recovery=recovery, deadline=min(deadlines, default=None), run_dates=run_dates, track=track, **gate
    )


def _tracked(keys: Keys) -> tuple[str, ...]:
    names = keys.items("track")
    read = (as_scalar(node, "track", keys.findings) for node in (names.items if names is not None else ()))
    return tuple(name.text for name in read if name is not None)


def _gate(keys: Keys) -> dict[str, Any]:
    """Read how many executions run at once, and what becomes of others."""
    simultaneous: Simultaneous = keys.choice("simultaneous", Simultaneous, "allow")
    at_once, queued = keys.whole("at once", least=1, most=MOST_AT_ONCE), keys.whole("queued", least=0, most=MOST_QUEUED)
    return {
        "simultaneous": simultaneous,
        "at_once": at_once,
        "queued": Options().queued if queued is None else queued,
        "key": keys.template("key"),
    }


def _check_gate(process: Process, place: Place, findings: Findings) -> None:
    """Refuse to let callers share an execution: each waits for an answer to what it has sent itself."""
    if process.options.simultaneous == "coalesce" and process.listener is not None:
        hint = "write 'simultaneous: queue'"
        findings.add("listener", "'coalesce' would leave callers without an answer of their own", place, hint)


def _properties(table: Table | None, known: Known, findings: Findings) -> dict[str, Template]:
    """Read the dynamic process properties that an execution starts with; this machine may complete them."""
    reader = ReferenceReader(known.extensions, findings)
    properties: dict[str, Template] = {}
    for key, node in table or ():
        scalar = as_scalar(node, key.text, findings) if has_value(key, node, findings) else None
        if key.text.startswith(PROCESS_SCOPE):
            hint = f"write '{key.text.removeprefix(PROCESS_SCOPE)}'"
            findings.add("wrong-type", "all properties of a process are its own", key.place, hint)
        elif scalar is not None:
            properties[key.text] = reader.read_public(scalar)
    return properties


def _check_steps(steps: Items, findings: Findings) -> None:
    if not steps.items:
        findings.add("missing-value", "a process has a step", steps.place, "write '- return documents'")
