"""The machine around the daemon: its port, its clock, its limits."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from runtime.doctor.finding import Patient, Said, error, ok, warning

SPARE = 256  # descriptors beside the connections of callers: journal, bundles, targets, logs
OLDEST = 1_767_225_600  # seconds: the first day of 2026; a clock before it has lost its battery
TIME_ERROR = 5  # what adjtimex(2) gives where nobody sets the clock
TIMEX = 512  # bytes: more than the struct of any architecture
CONNECT = 2.0  # seconds: a port of this machine answers at once


def port(patient: Patient) -> Iterator[Said]:
    """The daemon answers at its port; or, where none runs, the port is free."""
    server = patient.settings.server
    where = f"port {server.port} of {server.host}"
    if patient.daemon is not None:
        try:
            socket.create_connection((server.host, server.port), CONNECT).close()
        except OSError as trouble:
            cure = (
                "where systemd holds the socket, ListenStream= of nuclide.socket is the port; else see the daemon's log"
            )
            yield warning(
                f"daemon {patient.daemon} runs, and {where} does not answer: {trouble.strerror or trouble}", cure
            )
        else:
            yield ok(f"{where} answers")
        return
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as trouble:
        yield error(f"{where} cannot be opened: {trouble.strerror or trouble}", _PORT_CURES.get(trouble.errno or 0))
    else:
        yield ok(f"{where} is free")


_PORT_CURES = {
    errno.EADDRINUSE: "`ss -ltnp` names the program that has it; stop that, or set server.port",
    errno.EACCES: "ports below 1024 belong to root: set server.port, or let nuclide.socket hold the port",
    errno.EADDRNOTAVAIL: "server.host must be an address of this machine",
}


def clock(_: Patient) -> Iterator[Said]:
    """The clock is right: schedules, expiries and certificates go by it."""
    if time.time() < OLDEST:
        yield error(f"it is {time.strftime('%Y-%m-%d', time.gmtime())} by the clock of this machine")
    elif _unset():
        yield warning("nothing keeps the clock of this machine right")
    else:
        yield ok("the clock is kept right")


def _unset() -> bool:
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(TIMEX))  # zeros ask, and set nothing
    return bool(state == TIME_ERROR)


def descriptors(patient: Patient) -> Iterator[Said]:
    """There is a descriptor for each connection that the settings allow."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if patient.daemon is not None:
        allowed = _allowed(patient.daemon) or allowed
    wanted = patient.settings.server.connections + patient.settings.callbacks.at_once + SPARE
    told = f"{allowed} descriptors for {patient.settings.server.connections} connections"
    yield ok(told) if allowed >= wanted or allowed == resource.RLIM_INFINITY else warning(told)


def _allowed(pid: int) -> int | None:
    """Give how many descriptors a process may have open; None where this user may not know."""
    try:
        return resource.prlimit(pid, resource.RLIMIT_NOFILE)[0]
    except OSError:
        return None


def memory(patient: Patient) -> Iterator[Said]:
    """Batches in memory, times the executions at once, fit into this machine."""
    documents, executions = patient.settings.documents, patient.settings.executions
    most = documents.in_memory_bytes * executions.at_once
    there = _memory()
    told = f"batches may take {most // _MIB} MiB, {there // _MIB} MiB are there"
    yield ok(told) if most <= there else warning(told)


_MIB = 1024 * 1024


def _memory() -> int:
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return whole
    return min(whole, int(limit)) if limit.isdecimal() else whole
