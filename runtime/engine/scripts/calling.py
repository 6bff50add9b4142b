"""A call of a script in a process of its own: what goes there, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.engine.scripts.messages import Failed, Given, Job, Kind, Variables
from runtime.engine.scripts.workers import Borrowed, Workers
from runtime.errors import DocumentFault, ProcessFault
from runtime.sdk.script import ScriptContext, ScriptDocument

Lines = list[tuple[str, str]]


async def call_in_process(
    workers: Workers,
    kind: Kind,
    file: str,
    function: str,
    source: str,
    *,
    documents: Sequence[ScriptDocument],
    facade: ScriptContext,
    lines: Lines,
) -> list[ScriptDocument]:
    """Give the documents that a script gives back; what it sets is set in `facade`, what it logs is added to `lines`.

    Raises:
        DocumentFault: it failed, took too long (``script.time``) or too much memory.
        ProcessFault: it gave back something else than documents.
    """
    job = Job(
        kind=kind,
        file=file,
        function=function,
        source=source,
        documents=tuple(_given(number, document) for number, document in enumerate(documents)),
        properties=dict(facade.process),
        execution={name: str(value) for name, value in facade.execution.items()},
    )
    answer = await workers.call(job)
    lines += answer.lines
    if isinstance(answer, Failed):
        raise (ProcessFault if answer.of_process else DocumentFault)(answer.code, answer.message)
    for name, value in answer.changes.items():
        facade.process[name] = value
    return [_document(given, documents) for given in answer.documents]


def map_call(
    borrowed: Borrowed,
    kind: Kind,
    file: str,
    source: str,
    *,
    variables: Variables,
    facade: ScriptContext,
    lines: Lines,
) -> dict[str, str | None]:
    """Give what the script of a map function leaves; what it sets is set in `facade`, what it logs added to `lines`.

    Raises:
        DocumentFault: it failed, took too long (``script.time``) or too much memory.
    """
    job = Job(
        kind=kind,
        file=file,
        function="",
        source=source,
        documents=(),
        properties=dict(facade.process),
        execution={name: str(value) for name, value in facade.execution.items()},
        variables=variables,
    )
    answer = borrowed.call(job)
    lines += answer.lines
    if isinstance(answer, Failed):
        raise DocumentFault(answer.code, answer.message)
    for name, value in answer.changes.items():
        facade.process[name] = value
    return answer.values


def _given(number: int, document: ScriptDocument) -> Given:
    return Given(document.content, document.properties, document.meta, number)


def _document(given: Given, documents: Sequence[ScriptDocument]) -> ScriptDocument:
    made = ScriptDocument(given.content, given.properties)
    made.meta = given.meta
    made.source = None if given.source is None else documents[given.source].source
    made.is_new = given.is_new
    return made
