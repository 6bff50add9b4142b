"""Business Rules (reference 1.16; platform behaviours 18, 19): documents that pass all rules, then the others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from xml.sax.saxutils import escape, quoteattr

from runtime.engine.batch import Batch, Selected, only
from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.outcome import Failure, Failures, Outcome, failure
from runtime.engine.platform.instances import Instances, Row
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.texts import MISSING
from runtime.engine.platform.values import Around
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault
from runtime.expressions import Scope, compile_condition, compile_template
from runtime.expressions.comparisons import compare
from runtime.model.business_rules import (
    BusinessRule,
    ComputedRule,
    FieldInput,
    FieldOperand,
    Operand,
    RuleCheck,
    RuleGroup,
    RuleMessage,
    RuleOperator,
    StaticOperand,
)
from runtime.model.document import Document
from runtime.model.message_format import parse_message_format
from runtime.model.platform_profiles import PlatformProfile
from runtime.model.platform_shapes import BusinessRulesStep

MESSAGE = "businessrulesmessage"  # where a rejected document keeps its reasons
LONGEST = 10_000  # characters of them, as on the platform: a reason that does not fit is left out whole

Read = Callable[[Row], "str | None"]
Passes = Callable[[Row], bool]


class BusinessRules(WholeStep):
    """Checks every instance of every rule; what the profile cannot read goes down neither path."""

    def __init__(self, shape: BusinessRulesStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.accepted, shape.rejected))
        profile = None if shape.profile is None else around.components.profiles.get(shape.profile)
        plain = [rule for rule in shape.rules if isinstance(rule, BusinessRule)]
        self._rules = [
            _Rule(rule, _instances(rule, profile)) if isinstance(rule, BusinessRule) else _Computed(rule)
            for rule in shape.rules
        ]
        self._reader = Instances(profile, ()) if plain or shape.profile is not None else None

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the accepted documents as they are, and the rejected ones with the reasons."""
        accepted: list[int] = []
        failures: list[Failure] = Failures()
        position = -1
        async with context.writer() as rejected, aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for stored in chunk:
                    position += 1
                    await context.pace()
                    document = await context.contents.load(stored)
                    try:
                        reasons = self._reasons(document, context)
                    except DocumentFault as fault:
                        failures.append(failure(document, fault))
                        continue
                    if not reasons:
                        accepted.append(position)
                    elif rejected.add(_rejected(stored, reasons)):
                        await rejected.flush()
        passing = batch if len(accepted) == len(batch) else Selected(batch, only(accepted))
        return Outcome(outputs=(passing, rejected.batch), failures=tuple(failures))

    def _reasons(self, document: Document, context: Context) -> list[tuple[str, str]]:
        parsed = None if self._reader is None else self._reader.parsed(held(document))
        scope = context.scope(document)
        return [(rule.name, reason) for rule in self._rules for reason in rule.reasons(parsed, scope)]


class _Rule:
    def __init__(self, rule: BusinessRule, instances: Instances) -> None:
        self.name = rule.name
        self._instances = instances
        inputs = {one.id: one.element for one in rule.inputs if isinstance(one, FieldInput)}
        self._passes = _condition(rule.condition, inputs)
        self._message = _message(rule.message, inputs)

    def reasons(self, document: object, _scope: Scope) -> list[str]:
        """Give a message for each instance that does not pass."""
        return [self._message(row) for row in self._instances.rows(document) if not self._passes(row)]


class _Computed:
    def __init__(self, rule: ComputedRule) -> None:
        self.name = rule.name
        self._passes = compile_condition(rule.passes)
        self._message = compile_template(rule.message)

    def reasons(self, _document: object, scope: Scope) -> list[str]:
        """Give the message, if the document does not pass."""
        return [] if self._passes.test(scope) else [self._message.text(scope, MISSING)]


def _instances(rule: BusinessRule, profile: PlatformProfile | None) -> Instances:
    elements = [one.element for one in rule.inputs if isinstance(one, FieldInput)]
    if len(elements) < len(rule.inputs):
        raise Refused(f"the rule '{rule.name}' computes its input with a map function, which is not done")
    return Instances(profile, elements)


def _operand(operand: Operand, inputs: dict[int, int]) -> Read:
    match operand:
        case StaticOperand(value):
            return lambda _row: value
        case FieldOperand(number) if number in inputs:
            element = inputs[number]
            return lambda row: row.get(element)
        case _:
            raise Refused(f"a condition asks for the input {operand.input}, and the rule has none with that id")


def _condition(condition: RuleGroup | RuleCheck, inputs: dict[int, int]) -> Passes:
    if isinstance(condition, RuleCheck):
        return _check(condition, inputs)
    parts = [_condition(one, inputs) for one in condition.conditions]
    if condition.join == "and":
        return lambda row: all(passes(row) for passes in parts)
    return lambda row: any(passes(row) for passes in parts) or not parts


def _check(check: RuleCheck, inputs: dict[int, int]) -> Passes:
    left = _operand(check.left, inputs)
    right = _operand(check.right, inputs) if check.right is not None else None
    how = check.operator

    def passes(row: Row) -> bool:
        return holds(how, left(row) or "", "" if right is None else right(row) or "")

    return passes


def holds(how: RuleOperator, left: str, right: str) -> bool:
    """Compare two values; nothing compares as an empty text, and as numbers only what both are (behaviour 19)."""
    match how:
        case "contains":
            return right in left
        case "does not contain":
            return right not in left
        case "starts with":
            return left.startswith(right)
        case "is empty":
            return not left
        case "is not empty":
            return bool(left)
        case _:
            return compare(how, left, right)


def _message(message: RuleMessage, inputs: dict[int, int]) -> Callable[[Row], str]:
    operands = {index: _operand(operand, inputs) for index, operand in message.operands}
    try:
        parts = parse_message_format(message.text, max(operands, default=0))
    except ValueError as error:
        raise Refused(f"the message of a rule is no message format: {error}") from error

    def text(row: Row) -> str:
        return "".join(part if isinstance(part, str) else _filled(part + 1, operands, row) for part in parts)

    return text


def _filled(index: int, operands: dict[int, Read], row: Row) -> str:
    read = operands.get(index)
    if read is None:
        return f"{{{index}}}"
    found = read(row)
    return MISSING if found is None else found


def reasons_xml(reasons: list[tuple[str, str]]) -> str:
    """Give names of rules and messages as the platform writes them."""
    head, foot = "<business_rule_failures>\n", "</business_rule_failures>\n"
    written, length = [head], len(head) + len(foot)
    for name, message in reasons:
        entry = f"   <business_rule_failure rule={quoteattr(name)}>{escape(message)}</business_rule_failure>\n"
        if length + len(entry) <= LONGEST:
            written.append(entry)
            length += len(entry)
    return "".join([*written, foot])


def _rejected(document: Document, reasons: list[tuple[str, str]]) -> Document:
    meta = {**document.meta, MESSAGE: reasons_xml(reasons)}
    return Document(document.id, document.content, document.properties, meta, document.origins)
