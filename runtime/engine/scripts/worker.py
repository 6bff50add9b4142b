"""The process in which scripts run: it reads a call, makes it, writes what came of it, and begins again.

It has none of the daemon's environment, and what a script prints goes to the daemon's stderr. It ends with its input.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import BinaryIO

from runtime.engine.scripts.check import check_callable, check_texts, line_of, told
from runtime.engine.scripts.languages import Call, Lines, compiled, imported
from runtime.engine.scripts.messages import Answer, Done, Failed, Given, Job, jobs, receive, send
from runtime.errors import Fault, ProcessFault
from runtime.sdk.script import ScriptContext, ScriptDocument

MOST_SCRIPTS = 256  # kept compiled: more than the scripts of a bundle

DEEPEST = 5_000  # calls within calls: Java's stack takes some thousands, and this process has nothing but the script

Key = tuple[str, str, str, str, tuple[str, ...] | None]


def main(memory: int) -> None:
    """Serve calls until the input ends; a script that takes more than `memory` bytes gets a MemoryError."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    sys.setrecursionlimit(DEEPEST)
    calls, answers = _private_streams()
    kept: dict[Key, Call] = {}
    while (data := receive(calls)) is not None:
        send(answers, _answer(jobs.decode(data), kept))


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout away from scripts: what they print goes to stderr."""
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return calls, answers


def _answer(job: Job, kept: dict[Key, Call]) -> Answer:
    lines: Lines = []
    try:
        if job.check:
            return _checked(job)
        call = _compiled(job, kept)
        facade = ScriptContext(job.properties, dict(job.execution))
        given, values = call(job, facade, lines)
        check_texts(facade.process.changes)
        return Done(tuple(map(_given, given)), facade.process.changes, tuple(lines), values)
    except Fault as fault:
        return Failed(fault.code, fault.message, isinstance(fault, ProcessFault), tuple(lines))
    except MemoryError:
        message = f"{job.file} has taken more memory than a script may (setting scripts.memory)"
        return Failed("script.memory", message, of_process=False, lines=tuple(lines))
    except Exception as error:  # noqa: BLE001 - the step wrapper's, on the other side of the pipe
        message, line = told(error, job.file), line_of(error, job.file)
        return Failed("script.error", message, of_process=False, lines=tuple(lines), line=line)


def _checked(job: Job) -> Done:
    """Import a script, and look at the function that is to be called."""
    namespace = imported(job)
    if job.function:
        check_callable(namespace.get(job.function), job.function, job.file)
    return Done((), {}, ())


def _compiled(job: Job, kept: dict[Key, Call]) -> Call:
    names = None if job.variables is None else (*(one.name for one in job.variables.inputs), *job.variables.outputs)
    key = (job.kind, job.file, job.function, job.source, names)
    call = kept.get(key)
    if call is None:
        if len(kept) >= MOST_SCRIPTS:
            kept.clear()
        call = kept[key] = compiled(job)
    return call


def _given(document: ScriptDocument) -> Given:
    source = None if document.source is None else int.from_bytes(document.source.id, "big")
    return Given(document.content, document.properties, document.meta, source, document.is_new)
