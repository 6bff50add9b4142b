"""What the steps with several paths, and those that end a path, say: one function a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from runtime.bundle.findings import suggest
from runtime.bundle.keys import as_scalar, as_table
from runtime.bundle.nodes import Scalar, Table, describe
from runtime.bundle.templates import read_template
from runtime.expressions import check
from runtime.model.shapes import (
    BranchStep,
    DecisionStep,
    ExceptionStep,
    RetryPolicy,
    ReturnDocumentsStep,
    StopStep,
    TryCatchStep,
)
from runtime.model.values import Comparison, Condition, Expression, Operator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.outline import Step
    from runtime.bundle.step_at import At, Reader

MOST_RETRIES = 5  # the platform's schedule has no sixth (reference 1.17)
MOST_TIMES = 1_000  # with a pause of five minutes, three days and a half
MOST_FACTOR = 10

StopWhat = Literal["document", "process"]
Trigger = Literal["document errors", "all errors"]


def read_decision(step: Step, at: At) -> DecisionStep | None:
    """Read ``decision: ${…}`` or ``decision: {left, is, right}``; an arm that is missing goes on with the next step."""
    at.keys(step.beside, step.kind).done()
    condition = _condition(step, at)
    if condition is None:
        return None
    return DecisionStep(condition=condition, yes=at.arms.get("yes", at.to), no=at.arms.get("no", at.to), **at.common)


def _condition(step: Step, at: At) -> Condition | None:
    if isinstance(step.value, Table):
        return _comparison(step.value, at)
    scalar = as_scalar(step.value, step.kind, at.findings) if step.value is not None else None
    if scalar is None:
        return None
    before = len(at.findings)
    parts = read_template(scalar, at.findings).parts
    if len(parts) == 1 and isinstance(parts[0], Expression):
        return parts[0]
    if len(at.findings) == before:
        is_bare = bool(parts) and check(scalar.text) is None
        hint = f"write ${{{scalar.text}}}" if is_bare else "write ${…}, or left, is and right"
        at.findings.add("wrong-type", f"a decision is one expression, not {describe(scalar)}", scalar.place, hint)
    return None


def _comparison(table: Table, at: At) -> Comparison | None:
    keys = at.keys(table, "decision")
    left, right = keys.template("left", required=True), keys.template("right", required=True)
    keys.node("is", required=True)
    operator: Operator = keys.choice("is", Operator, "=") if keys.has("is") else "="
    keys.done()
    return Comparison(left, operator, right) if left is not None and right is not None else None


def read_branch(step: Step, at: At) -> BranchStep:
    """Read ``branch: [ [steps], [steps] ]``, with ``parallel: true`` where the paths run side by side."""
    keys = at.keys(step.beside, step.kind)
    parallel = keys.flag("parallel")
    keys.done()
    return BranchStep(paths=tuple(at.arms.values()), parallel=parallel, **at.common)


def read_try(step: Step, at: At) -> TryCatchStep:
    """Read ``try: [steps]`` with ``catch: [steps]``, and ``retries`` or ``retry``, a policy of its own."""
    keys = at.keys(step.beside, step.kind)
    retries = keys.whole("retries", least=0, most=MOST_RETRIES) or 0
    policy = _policy(keys.table("retry"), at)
    if policy is not None and keys.has("retries"):
        hint = "write one of them"
        at.findings.add("wrong-type", "'retries' and 'retry' say two things", keys.place_of("retries"), hint)
    trigger: Trigger = keys.choice("trigger", Trigger, "document errors")
    keys.done(also=("catch",))
    return TryCatchStep(
        attempt=at.arms.get("try", at.to),
        caught=at.arms.get("catch", at.to),
        retries=retries,
        policy=policy,
        trigger=trigger,
        **at.common,
    )


def _policy(table: Table | None, at: At) -> RetryPolicy | None:
    if table is None:
        return None
    keys = at.keys(table, "try")
    keys.node("times", required=True)
    times = keys.whole("times", least=1, most=MOST_TIMES)
    wait, longest = keys.duration("wait"), keys.duration("at most")
    factor, jitter = keys.share("factor", least=1, most=MOST_FACTOR), keys.share("jitter", least=0, most=1)
    items = keys.items("only")
    only = tuple(node.text for node in (items.items if items is not None else ()) if isinstance(node, Scalar))
    keys.done()
    given = {"wait": wait, "longest": longest, "factor": factor, "jitter": jitter}
    said = {name: value for name, value in given.items() if value is not None}
    return RetryPolicy(times=times or 1, only=only, **said)


def read_exception(step: Step, at: At) -> ExceptionStep | None:
    """Read ``exception: {title, message, stop}``."""
    at.keys(step.beside, step.kind).done()
    table = as_table(step.value, step.kind, at.findings) if step.value is not None else None
    if table is None:
        return None
    keys = at.keys(table, step.kind)
    title, message = keys.template("title", required=True), keys.template("message", required=True)
    stop: StopWhat = keys.choice("stop", StopWhat, "process")
    keys.done()
    if title is None or message is None:
        return None
    return ExceptionStep(title=title, message=message, stop=stop, **at.common)


def read_stop(step: Step, at: At) -> StopStep | None:
    """Read ``stop``, after which other paths go on, or ``stop: process``."""
    at.keys(step.beside, step.kind).done()
    if step.value is None:
        return StopStep(**at.common)
    what = as_scalar(step.value, step.kind, at.findings)
    if what is None:
        return None
    if what.text != "process":
        message = f"'{what.text}' cannot be stopped"
        at.findings.add("unknown-value", message, what.place, suggest(what.text, ["process"]))
    return StopStep(continue_=False, **at.common)


def read_return(step: Step, at: At) -> ReturnDocumentsStep:
    """Read ``return documents``."""
    at.keys(step.beside, step.kind).done()
    if step.value is not None:
        at.findings.add("wrong-type", "'return documents' takes no value", step.value.place, "remove it")
    return ReturnDocumentsStep(**at.common)


PATH_READERS: Mapping[str, Reader] = {
    "decision": read_decision,
    "branch": read_branch,
    "try": read_try,
    "exception": read_exception,
    "stop": read_stop,
    "return documents": read_return,
}
