"""The process in which scripts run: it reads a call, makes it, writes what came of it, and begins again.

It has none of the daemon's environment, and what a script prints goes to the daemon's stderr. It ends with its input.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO

from runtime.engine.scripts.check import check_callable, check_texts, checked, line_of, told
from runtime.engine.scripts.messages import Answer, Done, Failed, Given, Job, jobs, receive, send
from runtime.errors import Fault, ProcessFault
from runtime.model.document import Document
from runtime.sdk.script import ScriptContext, ScriptDocument

if TYPE_CHECKING:
    from runtime.groovy import GroovyScript

MOST_SCRIPTS = 256  # kept compiled: more than the scripts of a bundle

Lines = list[tuple[str, str]]
Call = Callable[[list[ScriptDocument], ScriptContext, Lines], list[ScriptDocument]]


def main(memory: int) -> None:
    """Serve calls until the input ends; a script that takes more than `memory` bytes gets a MemoryError."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    calls, answers = _private_streams()
    compiled: dict[tuple[str, str, str, str], Call] = {}
    while (data := receive(calls)) is not None:
        send(answers, _answer(jobs.decode(data), compiled))


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout away from scripts: what they print goes to stderr."""
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return calls, answers


def _answer(job: Job, compiled: dict[tuple[str, str, str, str], Call]) -> Answer:
    lines: Lines = []
    try:
        if job.check:
            return _checked(job)
        call = _compiled(job, compiled)
        facade = ScriptContext(job.properties, dict(job.execution))
        given = call([_document(number, one) for number, one in enumerate(job.documents)], facade, lines)
        check_texts(facade.process.changes)
        return Done(tuple(map(_given, given)), facade.process.changes, tuple(lines))
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
    namespace = _imported(job)
    if job.function:
        check_callable(namespace.get(job.function), job.function, job.file)
    return Done((), {}, ())


def _compiled(job: Job, compiled: dict[tuple[str, str, str, str], Call]) -> Call:
    key = (job.kind, job.file, job.function, job.source)
    call = compiled.get(key)
    if call is None:
        if len(compiled) >= MOST_SCRIPTS:
            compiled.clear()
        call = compiled[key] = _groovy(job) if job.kind == "groovy" else _python(job)
    return call


def _imported(job: Job) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": job.file.removesuffix(".py").replace("/", ".")}
    exec(compile(job.source, job.file, "exec", dont_inherit=True), namespace)  # noqa: S102 - the bundle's own code
    return namespace


def _python(job: Job) -> Call:
    function, file = _imported(job)[job.function], job.file
    return lambda documents, facade, _: checked(function(documents, facade), file)


def _groovy(job: Job) -> Call:
    from runtime.groovy import compile_groovy  # noqa: PLC0415 - only Groovy scripts pay for the translator

    script: GroovyScript = compile_groovy(job.source, job.file)
    return lambda documents, facade, lines: script.run(
        documents, facade, lambda level, text: lines.append((level, text))
    )


def _document(number: int, given: Given) -> ScriptDocument:
    return ScriptDocument.of(Document(number.to_bytes(8, "big"), given.content, given.properties, given.meta))


def _given(document: ScriptDocument) -> Given:
    source = None if document.source is None else int.from_bytes(document.source.id, "big")
    return Given(document.content, document.properties, document.meta, source, document.is_new)
