"""Notify, Flow Control, Route and Business Rules: one function a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from runtime.bundle.keys import as_scalar, as_table
from runtime.bundle.nodes import Items, Table
from runtime.bundle.templates import read_template
from runtime.model.business_rules import ComputedRule
from runtime.model.message_format import MessageText
from runtime.model.parameters import Computed
from runtime.model.platform_shapes import BusinessRulesStep, FlowControlStep, NotifyStep, RouteCase, RouteStep
from runtime.model.values import Expression, Operator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.keys import Keys
    from runtime.bundle.nodes import Node
    from runtime.bundle.outline import Step
    from runtime.bundle.step_at import At, Reader
    from runtime.model.values import Template

Level = Literal["info", "warning", "severe"]
MOST_THREADS = 100  # parts at once, as the calls of a connector step
MOST_IN_A_PART = 1_000_000


def read_notify(step: Step, at: At) -> NotifyStep | None:
    """Read ``notify: text``, or a table of text, title, level, once and event."""
    at.keys(step.beside, step.kind).done()
    if not isinstance(step.value, Table):
        scalar = as_scalar(step.value, step.kind, at.findings) if step.value is not None else None
        if scalar is None:
            return None
        return NotifyStep(text=_text(read_template(scalar, at.findings)), title=at.label or "Notify", **at.flowing)
    keys = at.keys(step.value, step.kind)
    text, title = keys.template("text", required=True), keys.text("title")
    level: Level = keys.choice("level", Level, "info")
    once, event = keys.flag("once"), keys.flag("event")
    keys.done()
    if text is None:
        return None
    return NotifyStep(
        text=_text(text),
        title=title or at.label or "Notify",
        level=level,
        once=once,
        event=event,
        **at.flowing,
    )


def _text(template: Template) -> MessageText:
    return MessageText((0,), (Computed(template),))


def read_flow_control(step: Step, at: At) -> FlowControlStep | None:
    """Read ``flow control: {batch, threads}``."""
    at.keys(step.beside, step.kind).done()
    table = as_table(step.value, step.kind, at.findings) if step.value is not None else None
    if table is None:
        return None
    keys = at.keys(table, step.kind)
    batch = keys.whole("batch", least=1, most=MOST_IN_A_PART)
    threads = keys.whole("threads", least=1, most=MOST_THREADS)
    keys.done()
    if batch is None and threads is None:
        at.findings.add("missing-key", "a flow control needs 'batch' or 'threads'", table.place, "add 'batch: 1'")
    return FlowControlStep(fibers=threads or 1, batch=batch or 0, **at.flowing)


def read_route(step: Step, at: At) -> RouteStep | None:
    """Read ``route: ${value}`` with ``cases``, each ``{is, value, steps}``, and the path ``default``."""
    keys = at.keys(step.beside, step.kind)
    items = keys.items("cases")
    keys.done(also=("default",))
    value = as_scalar(step.value, step.kind, at.findings) if step.value is not None else None
    if value is None or items is None:
        return None
    cases = (_case(node, str(number), at) for number, node in enumerate(items.items, start=1))
    return RouteStep(
        value=Computed(read_template(value, at.findings)),
        cases=tuple(case for case in cases if case is not None),
        default=at.arms.get("default", at.to),
        **at.common,
    )


def _case(node: Node, number: str, at: At) -> RouteCase | None:
    table = as_table(node, "a case", at.findings)
    if table is None:
        return None
    keys = at.keys(table, "route")
    operator: Operator = keys.choice("is", Operator, "=")
    keys.node("value", required=True)
    value = keys.literal("value")
    steps = keys.node("steps", required=True)
    if steps is not None and not isinstance(steps, Items):
        at.findings.add("wrong-type", "the steps of a case are a list", steps.place, "write 'steps: [ … ]'")
    keys.done()
    return RouteCase(key=number, operator=operator, value=value or "", to=at.arms.get(number, at.to))


def read_business_rules(step: Step, at: At) -> BusinessRulesStep | None:
    """Read ``business rules: [ {name, pass, message} ]`` with the paths ``accepted`` and ``rejected``."""
    at.keys(step.beside, step.kind).done(also=("accepted", "rejected"))
    if not isinstance(step.value, Items) or not step.value.items:
        if step.value is not None:
            hint = "write 'business rules: [ { name: …, pass: …, message: … } ]'"
            at.findings.add("wrong-type", "business rules are a list of rules", step.value.place, hint)
        return None
    rules = (_rule(node, at) for node in step.value.items)
    return BusinessRulesStep(
        profile=None,
        rules=tuple(rule for rule in rules if rule is not None),
        accepted=at.arms.get("accepted", at.to),
        rejected=at.arms.get("rejected", at.to),
        **at.common,
    )


def _rule(node: Node, at: At) -> ComputedRule | None:
    table = as_table(node, "a rule", at.findings)
    if table is None:
        return None
    keys = at.keys(table, "business rules")
    name, message = keys.text("name", required=True), keys.template("message", required=True)
    passes = _condition("pass", keys, at)
    keys.done()
    if name is None or message is None or passes is None:
        return None
    return ComputedRule(name=name, passes=passes, message=message)


def _condition(key: str, keys: Keys, at: At) -> Expression | None:
    template = keys.template(key, required=True)
    if template is None:
        return None
    if len(template.parts) == 1 and isinstance(template.parts[0], Expression):
        return template.parts[0]
    at.findings.add("wrong-type", f"'{key}' is one expression", keys.place_of(key), "write ${…} and nothing around it")
    return None


TELLING_READERS: Mapping[str, Reader] = {
    "notify": read_notify,
    "flow control": read_flow_control,
    "route": read_route,
    "business rules": read_business_rules,
}
