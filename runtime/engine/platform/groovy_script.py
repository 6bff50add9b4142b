"""Custom Scripting (reference 1.10): a script in Groovy or JavaScript, checked when compiled, run once a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from runtime.engine.context import Context
from runtime.engine.observer import Level
from runtime.engine.platform.refused import Refused
from runtime.engine.scripts.calling import call_in_process
from runtime.engine.scripts.messages import Kind
from runtime.engine.steps.script import BatchScript
from runtime.errors import BundleError
from runtime.model.data_process import RunScript
from runtime.sdk.script import ScriptContext, ScriptDocument

if TYPE_CHECKING:
    from runtime.groovy import GroovyScript
    from runtime.javascript import JavaScript

_LEVELS: dict[str, Level] = {"debug": "info", "info": "info", "warning": "warning", "error": "severe"}


class PlatformScript(BatchScript):
    """Runs the script in a process of its own, or in a thread. What it logs is told when it has ended.

    Its error fails every document.
    """

    def __init__(self, step: RunScript, identity: str, limiter: trio.CapacityLimiter) -> None:
        super().__init__(identity, step.name or identity, (None,))
        self._limiter = limiter
        self._source = step.source
        self._kind: Kind = "javascript" if step.language == "javascript" else "groovy"
        self._script = _compiled(step, identity)

    async def call(
        self, documents: list[ScriptDocument], facade: ScriptContext, context: Context
    ) -> list[ScriptDocument]:
        """Give the documents that the script stored, in that order."""
        lines: list[tuple[str, str]] = []
        source, workers = self._source, context.workers

        def run() -> list[ScriptDocument]:
            return self._script.run(documents, facade, lambda level, text: lines.append((level, text)))

        try:
            if workers is None:
                return await trio.to_thread.run_sync(run, limiter=self._limiter)
            return await call_in_process(
                workers, self._kind, self._script.file, "", source, documents=documents, facade=facade, lines=lines
            )
        finally:
            for level, text in lines:
                context.tell(_LEVELS.get(level, "info"), text)


def _compiled(step: RunScript, identity: str) -> GroovyScript | JavaScript:
    file = step.component or identity
    try:
        if step.language == "javascript":
            from runtime.javascript import compile_javascript  # noqa: PLC0415 - only such scripts pay for the engine

            return compile_javascript(step.source, file)
        from runtime.groovy import compile_groovy  # noqa: PLC0415 - only such scripts pay for the translator

        return compile_groovy(step.source, file)
    except BundleError as error:
        raise Refused(f"its script is not covered: {error.place}: {error.message} ({error.hint})") from error
