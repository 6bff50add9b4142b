"""A script, ready to run: for the batch of a Data Process step, or for the values of a map function."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import CodeType

import structlog
from msgspec import Struct

from runtime.errors import BundleError, DocumentFault, Place, Problem
from runtime.groovy.support.boomi import DataContext, ExecutionUtil, Loggers
from runtime.groovy.support.errors import Throwable
from runtime.groovy.support.formats import formatted
from runtime.groovy.support.namespace import NAMESPACE, Binding, thrown
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import Value
from runtime.groovy.translate import Translation, to_python
from runtime.sdk.script import ScriptContext, ScriptDocument

Note = Callable[[str, str], None]  # takes a level (debug, info, warning, error) and the text of a line

_log = structlog.get_logger("nuclide.script")


class GroovyScript(Struct, frozen=True):
    """A script that was translated without findings. It keeps nothing between its runs."""

    file: str
    translation: Translation
    code: CodeType

    def run(
        self, documents: Sequence[ScriptDocument], context: ScriptContext, note: Note | None = None
    ) -> list[ScriptDocument]:
        """Run once for the batch and give what was stored, in the order in which it was (reference 1.10).

        `note` takes what the script logs. A script that stores as many documents as came keeps their dynamic
        properties; those stored with a document win.

        Raises:
            DocumentFault: ``script.error``: the script failed; the message names its line.
        """
        data = DataContext(list(documents))
        self._call(data, Binding(), context, note)
        return data.results()

    def evaluate(
        self, variables: Mapping[str, Value], context: ScriptContext, note: Note | None = None
    ) -> dict[str, Value]:
        """Run with variables and give all that it leaves undeclared: the outputs of a map function are among them.

        Raises:
            DocumentFault: ``script.error``: the script failed; the message names its line.
        """
        binding = Binding(variables)
        self._call(DataContext([]), binding, context, note)
        return dict(binding)

    def _call(self, data: DataContext, binding: Binding, context: ScriptContext, note: Note | None) -> None:
        namespace: dict[str, Value] = {**NAMESPACE, "__builtins__": {}}
        exec(self.code, namespace)  # noqa: S102 - it was translated, and can name nothing but the namespace
        chosen = note or _noted
        execution = ExecutionUtil(context, chosen)

        def println(value: Value = "") -> None:
            chosen("info", text_of(value))

        def printf(template: str, *arguments: Value) -> None:
            chosen("info", formatted(template, *arguments))

        try:
            namespace["script"](binding, data, execution, execution, Loggers(chosen), println, println, printf)
        except MemoryError as error:
            raise DocumentFault("script.memory", f"{self.file} has taken more memory than a script may") from error
        except Exception as error:
            raise DocumentFault("script.error", self._explained(error)) from error

    def _explained(self, error: Exception) -> str:
        """Say which line of the script failed, and how."""
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == self.file]
        line = self.translation.origins[lines[-1] - 1] if lines and lines[-1] is not None else 1
        shown = f"{type(error).__name__}: {error}"
        if isinstance(error, Throwable | RecursionError):
            shown = str(thrown(error))
        return f"{self.file}:{line}: {shown}"


def _noted(level: str, text: str) -> None:
    _log.log({"debug": 10, "info": 20, "warning": 30, "error": 40}[level], text)


def compile_groovy(source: str, file: str, given: Iterable[str] = ()) -> GroovyScript:
    """Translate and compile a script; `file` is the name by which errors tell it, `given` names its variables.

    Raises:
        BundleError: something in it is not covered; each problem has line and column.
    """
    translation = to_python(source, file, given)
    if translation.findings:
        lines = source.splitlines()
        raise BundleError(
            tuple(
                Problem(
                    code="bundle.groovy",
                    message=finding.message,
                    place=Place(file=file, line=finding.line, column=finding.column),
                    hint=finding.hint,
                    excerpt=lines[finding.line - 1] if finding.line <= len(lines) else None,
                )
                for finding in translation.findings
            )
        )
    return GroovyScript(file, translation, compile(translation.python, file, "exec", dont_inherit=True))
