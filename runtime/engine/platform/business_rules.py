"""Business Rules (reference 1.16; platform behaviours 18, 19): documents that pass all rules, then the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

import trio

from runtime.engine.batch import Batch, Selected, only
from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.outcome import Failure, Failures, Outcome, failure
from runtime.engine.platform.instances import Instances, Row
from runtime.engine.platform.maps.running import Running, Values
from runtime.engine.platform.maps.settling import Settling
from runtime.engine.platform.maps.threads import computed_apart
from runtime.engine.platform.maps.work import Compiled
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.rule_functions import RuleFunctions
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
    FunctionOperand,
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
RULE_THREADS = 4  # rules with scripts at once, of one step: they hold the interpreter lock
LONGEST = 10_000  # characters of them, as on the platform: a reason that does not fit is left out whole


class Instance(NamedTuple):
    """One instance of a rule: the values of its elements, and what its functions gave, by the id of their input."""

    row: Row
    computed: Mapping[int, Values]


Reasons = list[tuple[str, str]]  # the name of a rule, and why a document does not pass
Read = Callable[[Instance], "str | None"]
Passes = Callable[[Instance], bool]


class BusinessRules(WholeStep):
    """Checks every instance of every rule; what the profile cannot read goes down neither path."""

    def __init__(self, shape: BusinessRulesStep, around: Around) -> None:
        super().__init__(shape.id, shape.name, (shape.accepted, shape.rejected))
        profile = None if shape.profile is None else around.components.profiles.get(shape.profile)
        plain = [rule for rule in shape.rules if isinstance(rule, BusinessRule)]
        self._rules = [
            _Rule(rule, profile, around) if isinstance(rule, BusinessRule) else _Computed(rule) for rule in shape.rules
        ]
        self._reader = Instances(profile, ()) if plain or shape.profile is not None else None
        self._process = around.process
        works = [work for rule in self._rules for work in rule.works]
        links = sum(work.outside for work in works)
        self._rounds = None if any(work.acts for work in works) else 2 * links + 2
        self._blocks = any(work.blocks for work in works)
        self._runs = bool(works)
        self.keeps = any(work.keeps for work in works)
        self.waits = self._blocks or any(work.calls for work in works)
        self.effects = any(work.calls for work in works)
        self._threads = trio.CapacityLimiter(RULE_THREADS)

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the accepted documents as they are, and the rejected ones with the reasons."""
        accepted: list[int] = []
        failures: list[Failure] = Failures()
        position = -1
        settling = Settling(self._process, self._rounds)
        async with context.writer() as rejected, aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for stored in chunk:
                    position += 1
                    await context.pace()
                    document = await context.contents.load(stored)
                    try:
                        reasons = await self._judged(document, context, settling)
                    except DocumentFault as fault:
                        failures.append(failure(document, fault))
                        continue
                    if not reasons:
                        accepted.append(position)
                    elif rejected.add(_rejected(stored, reasons)):
                        await rejected.flush()
        passing = batch if len(accepted) == len(batch) else Selected(batch, only(accepted))
        return Outcome(outputs=(passing, rejected.batch), failures=tuple(failures))

    async def _judged(self, document: Document, context: Context, settling: Settling) -> Reasons:
        if not self._runs:
            return await context.beside(self._plainly, document)

        async def judge(running: Running) -> Reasons:
            if not self._blocks and not context.is_large(document):
                return self._reasons(document, running.scope, running)
            reasons = partial(self._reasons, document, running.scope, running)
            return await computed_apart(reasons, running, context.workers, self._threads)

        return await settling.run(judge, document, context)

    def _plainly(self, document: Document, context: Context) -> Reasons:
        return self._reasons(document, context.scope(document), None)

    def _reasons(self, document: Document, scope: Scope, running: Running | None) -> Reasons:
        parsed = None if self._reader is None else self._reader.parsed(held(document))
        return [(rule.name, reason) for rule in self._rules for reason in rule.reasons(parsed, scope, running)]


class _Rule:
    def __init__(self, rule: BusinessRule, profile: PlatformProfile | None, around: Around) -> None:
        self.name = rule.name
        self._functions = RuleFunctions(rule, around)
        self.works = self._functions.works
        inputs = {one.id: one.element for one in rule.inputs if isinstance(one, FieldInput)}
        self._instances = Instances(profile, list(dict.fromkeys((*inputs.values(), *self._functions.elements))))
        operands = _Operands(inputs, self._functions.outputs)
        self._passes = _condition(rule.condition, operands)
        self._message = _message(rule.message, operands)

    def reasons(self, document: object, _scope: Scope, running: Running | None) -> list[str]:
        """Give a message for each instance that does not pass."""
        instances = (self._instance(row, running) for row in self._instances.rows(document))
        return [self._message(one) for one in instances if not self._passes(one)]

    def _instance(self, row: Row, running: Running | None) -> Instance:
        return Instance(row, {} if running is None else self._functions.computed(row, running))


class _Computed:
    works: tuple[Compiled, ...] = ()

    def __init__(self, rule: ComputedRule) -> None:
        self.name = rule.name
        self._passes = compile_condition(rule.passes)
        self._message = compile_template(rule.message)

    def reasons(self, _document: object, scope: Scope, _running: Running | None) -> list[str]:
        """Give the message, if the document does not pass."""
        return [] if self._passes.test(scope) else [self._message.text(scope, MISSING)]


class _Operands:
    """What conditions and messages read: elements by the id of their input, outputs of functions by theirs."""

    def __init__(self, inputs: Mapping[int, int], outputs: Mapping[int, frozenset[int]]) -> None:
        self._inputs = inputs
        self._outputs = outputs

    def read(self, operand: Operand) -> Read:
        """Give what reads an operand of an instance.

        Raises:
            Refused: the rule has no such input, or its function no such output.
        """
        match operand:
            case StaticOperand(value):
                return lambda _one: value
            case FieldOperand(number) if number in self._inputs:
                element = self._inputs[number]
                return lambda one: one.row.get(element)
            case FunctionOperand(number, output) if output in self._outputs.get(number, ()):
                return lambda one: one.computed[number].get(output)
            case _:
                raise Refused(f"a condition asks for the input {operand.input}, and the rule has none with that id")


def _condition(condition: RuleGroup | RuleCheck, operands: _Operands) -> Passes:
    if isinstance(condition, RuleCheck):
        return _check(condition, operands)
    parts = [_condition(one, operands) for one in condition.conditions]
    if condition.join == "and":
        return lambda one: all(passes(one) for passes in parts)
    return lambda one: any(passes(one) for passes in parts) or not parts


def _check(check: RuleCheck, operands: _Operands) -> Passes:
    left = operands.read(check.left)
    right = operands.read(check.right) if check.right is not None else None
    how = check.operator

    def passes(one: Instance) -> bool:
        return holds(how, left(one) or "", "" if right is None else right(one) or "")

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


def _message(message: RuleMessage, operands: _Operands) -> Callable[[Instance], str]:
    reads = {index: operands.read(operand) for index, operand in message.operands}
    try:
        parts = parse_message_format(message.text, max(reads, default=0))
    except ValueError as error:
        raise Refused(f"the message of a rule is no message format: {error}") from error

    def text(one: Instance) -> str:
        return "".join(part if isinstance(part, str) else _filled(part + 1, reads, one) for part in parts)

    return text


def _filled(index: int, reads: dict[int, Read], one: Instance) -> str:
    read = reads.get(index)
    if read is None:
        return f"{{{index}}}"
    found = read(one)
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
