"""Proof of the scripts of a bundle before it serves: each is imported in a process of its own, which may hang or die.

The daemon runs nothing of a bundle to find out whether it runs. What a script needs to be called is looked at there,
too: it has the function, which takes the documents and the context.
"""

from __future__ import annotations

from collections.abc import Iterator

from runtime.engine.scripts.messages import Answer, Failed, Job
from runtime.engine.scripts.workers import ScriptLimits, Worker
from runtime.errors import BundleError, Place, Problem
from runtime.model.bundle import Bundle
from runtime.model.shapes import ScriptStep

IMPORT_WITHIN = 10.0  # seconds of one import: a large library takes two, and a deployment waits for it

Wanted = tuple[str, str]  # a file, and a function of it; an empty one where nothing calls the script


def prove_scripts(bundle: Bundle, limits: ScriptLimits) -> None:
    """Import the Python scripts of a bundle. It takes as long as they take: call it in a thread.

    Raises:
        BundleError: one cannot be imported within the limits, or cannot be called.
    """
    wanted = sorted(_wanted(bundle))
    if not wanted:
        return
    problems: list[Problem] = []
    worker = Worker(limits.memory)
    seconds = min(limits.time, IMPORT_WITHIN)
    try:
        for file, function in wanted:
            job = Job("python", file, function, bundle.scripts[file].source, (), {}, {}, check=True)
            answer = worker.call(job, seconds)
            if isinstance(answer, Failed) or answer is None:
                problems.append(_problem(bundle, file, answer, late=worker.was_late, seconds=seconds))
            if answer is None:
                worker.close()
                worker = Worker(limits.memory)
    finally:
        worker.close()
    if problems:
        raise BundleError(tuple(problems))


def _wanted(bundle: Bundle) -> Iterator[Wanted]:
    called = {
        (shape.file, shape.function)
        for process in bundle.processes.values()
        for shape in process.shapes
        if isinstance(shape, ScriptStep)
    }
    yield from called
    files = {file for file, _ in called}
    yield from ((file, "") for file in bundle.scripts if file not in files)


def _problem(bundle: Bundle, file: str, answer: Answer | None, *, late: bool, seconds: float) -> Problem:
    line = answer.line if isinstance(answer, Failed) else None
    if isinstance(answer, Failed):
        message = f"the script cannot be imported: {answer.message.removeprefix(f'{file}:{line}: ')}"
    elif late:
        message = f"the script is not imported within {seconds:g} s"
    else:
        message = "the process that imported the script ended by itself"
    place = Place(bundle=bundle.name, file=file, line=line or 1)
    hint = "do the work in the function, not in the module" if late else None
    return Problem(code="bundle.script-import", message=message, place=place, hint=hint)
