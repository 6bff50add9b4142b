"""Admission: whether an execution may begin, now or after others, or is refused with a reason."""

from __future__ import annotations

from runtime.engine.context import Facts
from runtime.engine.deployment import Deployment
from runtime.engine.gates import Ticket
from runtime.engine.house import House
from runtime.engine.start import Start
from runtime.errors import DocumentFault, RequestError, Unavailable
from runtime.expressions import Scope
from runtime.model.document import Document
from runtime.model.journal import ExecutionRow

EVERYWHERE = "executions.queue-full"


def check_room(house: House) -> None:
    """Refuse work that the daemon could not even queue.

    Raises:
        Unavailable: too many executions wait for a place.
    """
    if house.is_full:
        house.met_limit("executions.queued")
        message = f"{house.settings.queued} executions wait for a place already"
        raise Unavailable(EVERYWHERE, message, hint="setting executions.queued")


def admitted(house: House, deployment: Deployment, row: ExecutionRow, start: Start) -> Ticket | None:
    """Give the place of a new execution at the gates of its process; None where it has none.

    Raises:
        Unavailable: the process refuses others while it runs, or too many wait for it.
        RequestError: the process' key cannot be computed for what it is to start with.
    """
    process = deployment.processes[row.process]
    options = process.process.options
    if not options.gated:
        return None
    key = _key(deployment, row, start)
    try:
        return house.gates.enter(row.id, row.bundle, row.process, options, key)
    except Unavailable:
        house.met_limit("process options")
        raise


def joined(house: House, deployment: Deployment, row: ExecutionRow, start: Start) -> str | None:
    """Give the execution that a new one joins, where its process coalesces them: one that is to run after this moment.

    Raises:
        RequestError: the process' key cannot be computed for what it is to start with.
    """
    if deployment.processes[row.process].process.options.simultaneous != "coalesce":
        return None
    waiting = house.gates.next_in_line(row.bundle, row.process, _key(deployment, row, start))
    other = None if waiting is None else house.live.get(waiting)
    return other.id if other is not None and other.log.durable else None


def admitted_again(house: House, deployment: Deployment, row: ExecutionRow, start: Start) -> Ticket | None:
    """Give the place of an execution that was accepted before: it may have to wait, and is not refused."""
    options = deployment.processes[row.process].process.options
    if not options.gated:
        return None
    try:
        key = key_of(deployment, row, start)
    except DocumentFault:
        key = None
    return house.gates.enter(row.id, row.bundle, row.process, options, key, accepted=True)


def _key(deployment: Deployment, row: ExecutionRow, start: Start) -> str | None:
    try:
        return key_of(deployment, row, start)
    except DocumentFault as fault:
        message = f"The key of the process '{row.process}' cannot be computed: {fault.message}"
        raise RequestError("executions.key", message) from fault


def key_of(deployment: Deployment, row: ExecutionRow, start: Start) -> str | None:
    """Give the value of the process' key, None where it has none.

    Raises:
        DocumentFault: it cannot be computed.
    """
    key = deployment.processes[row.process].key
    if key is None:
        return None
    facts = Facts(id=row.id, bundle=row.bundle, version=row.version, process=row.process, started_at=row.started_at)
    document = start.documents[0] if start.documents else Document(b"")
    return key.text(Scope(document, start.properties, facts.as_values()))
