"""Who blocks the loop: read from the stack of its thread while it is blocked.

The frames of a few functions of the engine tell what they work on, so that nothing has to be noted on the way of every
request for the sake of the one that stalls.
"""

from __future__ import annotations

from types import FrameType

from runtime.engine.context import Context
from runtime.engine.execution import Execution
from runtime.engine.measured import Measured
from runtime.engine.run import attempt
from runtime.engine.step import Step
from runtime.engine.steps.connector import CallConnector
from runtime.engine.steps.script import BatchScript
from runtime.engine.supervise import supervise
from runtime.observe.stalls import NOBODY, Culprit

SCRIPT = "script"  # in the place of a connector's name: a script on the loop is the bundle's own code

_CALL = Measured.execute.__code__
_STEP = attempt.__code__
_SLOT = CallConnector.answer.__code__
_EXECUTION = supervise.__code__


def blame(frame: FrameType | None) -> Culprit:
    """Tell who runs in the thread whose innermost frame this is: as much as its frames tell."""
    connector = step = bundle = process = execution = ""
    where = "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_qualname}"
    while frame is not None:
        code, found = frame.f_code, frame.f_locals if frame.f_code in _TELLING else {}
        if code is _CALL and isinstance(measured := found.get("self"), Measured):
            connector = connector or measured.connector
        elif code is _SLOT and isinstance(caller := found.get("self"), CallConnector):
            step = step or caller.name
        elif code is _STEP and isinstance(running := found.get("step"), Step):
            step = step or running.name
            connector = connector or (SCRIPT if isinstance(running, BatchScript) else "")
        if isinstance(context := found.get("context"), Context):
            bundle, process, execution = context.facts.bundle, context.facts.process, context.facts.id
        if isinstance(owner := found.get("execution"), Execution):
            bundle, process, execution = owner.row.bundle, owner.row.process, owner.row.id
        frame = frame.f_back
    return Culprit(
        connector=connector or NOBODY, step=step, bundle=bundle, process=process, execution=execution, where=where
    )


_TELLING = frozenset({_CALL, _STEP, _SLOT, _EXECUTION})
