"""Scripts by their language, compiled once in a process: what a call of them gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runtime.engine.scripts.check import checked
from runtime.engine.scripts.messages import Given, Job, Variables
from runtime.model.document import Document
from runtime.sdk.script import ScriptContext, ScriptDocument

if TYPE_CHECKING:
    from runtime.groovy import GroovyScript
    from runtime.javascript import JavaScript

NO_LIMIT = 3_600.0  # seconds: the process is stopped by whoever waits for it

Lines = list[tuple[str, str]]
Values = dict[str, str | None]
Call = Callable[[Job, ScriptContext, Lines], tuple[list[ScriptDocument], Values]]


def imported(job: Job) -> dict[str, Any]:
    """Run a file of Python, and give what it defines."""
    namespace: dict[str, Any] = {"__name__": job.file.removesuffix(".py").replace("/", ".")}
    exec(compile(job.source, job.file, "exec", dont_inherit=True), namespace)  # noqa: S102 - the bundle's own code
    return namespace


def compiled(job: Job) -> Call:
    """Give what makes a call of a script like that of `job`."""
    match job.kind:
        case "python":
            function, file = imported(job)[job.function], job.file
            return lambda job, facade, _: (checked(function(_documents(job), facade), file), {})
        case "groovy":
            from runtime.groovy import compile_groovy  # noqa: PLC0415 - only such scripts pay for the translator

            given = () if job.variables is None else _names(job.variables)
            return _groovy(compile_groovy(job.source, job.file, given))
        case "javascript":
            from runtime.javascript import compile_javascript  # noqa: PLC0415 - only such scripts pay for the engine

            return _javascript(compile_javascript(job.source, job.file))

        case "jsonata":
            return _jsonata(job.source)


def _jsonata(source: str) -> Call:
    from runtime.expressions.jsonata import compile_jsonata  # noqa: PLC0415 - as above

    evaluate = compile_jsonata(source)

    def call(job: Job, facade: ScriptContext, _lines: Lines) -> tuple[list[ScriptDocument], Values]:
        documents = _documents(job)
        for document in documents:
            document.content = evaluate(document.content, bindings_of(document, facade), NO_LIMIT)
        return documents, {}

    return call


def bindings_of(document: ScriptDocument, facade: ScriptContext) -> dict[str, object]:
    """Give what names beginning with ``$`` stand for in a map of JSONata."""
    return {
        "properties": document.properties,
        "meta": document.meta,
        "process": dict(facade.process),
        "execution": facade.execution,
    }


def _names(variables: Variables) -> list[str]:
    return [*(one.name for one in variables.inputs), *variables.outputs]


def _groovy(script: GroovyScript) -> Call:
    def call(job: Job, facade: ScriptContext, lines: Lines) -> tuple[list[ScriptDocument], Values]:
        def note(level: str, text: str) -> None:
            lines.append((level, text))

        if job.variables is None:
            return script.run(_documents(job), facade, note), {}
        return [], evaluated(script, job.variables, facade, note)

    return call


def evaluated(
    script: GroovyScript, variables: Variables, facade: ScriptContext, note: Callable[[str, str], None]
) -> Values:
    """Give what a Groovy script of a map function leaves in its outputs."""
    from runtime.groovy import input_value, output_text  # noqa: PLC0415 - as above

    given: dict[str, Any] = dict.fromkeys(variables.outputs)
    given.update((one.name, input_value(one.kind, one.text)) for one in variables.inputs)
    made = script.evaluate(given, facade, note)
    return {name: output_text(made.get(name)) for name in variables.outputs}


def _javascript(script: JavaScript) -> Call:
    def call(job: Job, facade: ScriptContext, lines: Lines) -> tuple[list[ScriptDocument], Values]:
        def note(level: str, text: str) -> None:
            lines.append((level, text))

        if job.variables is None:
            return script.run(_documents(job), facade, note), {}
        return [], script.evaluate(job.variables.inputs, job.variables.outputs, facade, note)

    return call


def _documents(job: Job) -> list[ScriptDocument]:
    return [_document(number, one) for number, one in enumerate(job.documents)]


def _document(number: int, given: Given) -> ScriptDocument:
    return ScriptDocument.of(Document(number.to_bytes(8, "big"), given.content, given.properties, given.meta))
