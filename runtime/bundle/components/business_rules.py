"""Business Rules shapes (component XML, section 2.19)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.map_functions import read_function
from runtime.bundle.components.paths import check_ways, way_to
from runtime.model.business_rules import (
    BusinessRule,
    FieldInput,
    FieldOperand,
    FunctionInput,
    FunctionOperand,
    Operand,
    RuleCheck,
    RuleGroup,
    RuleMessage,
    RuleOperator,
    StaticOperand,
)
from runtime.model.platform_shapes import BusinessRulesStep

if TYPE_CHECKING:
    from runtime.bundle.components.shape import ShapeSource
    from runtime.model.shapes import AnyShape

_OPERATORS: Mapping[str, RuleOperator] = MappingProxyType({word: word for word in get_args(RuleOperator)})
_JOINS: Mapping[str, Literal["and", "or"]] = MappingProxyType({"and": "and", "or": "or"})
_UNARY = frozenset({"is empty", "is not empty"})


def business_rules(source: ShapeSource) -> AnyShape:
    """Read a Business Rules step; rules are checked in the order of their elements."""
    check_ways(source.ways, ("Accepted", "Rejected"), source.fields)
    profile = source.fields.required("profileId")
    source.library.profile(profile, source.fields)
    rules = tuple(_rule(Fields(element, source.notes), profile, source) for element in source.fields.children("rule"))
    return BusinessRulesStep(
        **source.common,
        profile=profile,
        rules=rules,
        accepted=way_to(source.ways, "Accepted"),
        rejected=way_to(source.ways, "Rejected"),
    )


def _rule(fields: Fields, profile: str, source: ShapeSource) -> BusinessRule:
    inputs = (_input(Fields(element, fields.notes), profile, source) for element in fields.children("input"))
    condition, message = fields_in(fields, "condition"), fields_in(fields, "errorMessage")
    if condition is None:
        fields.notes.wrong(fields.element, "the rule has no condition")
    rule = BusinessRule(
        name=fields.text("name"),
        inputs=tuple(one for one in inputs if one is not None),
        condition=_condition(condition) if condition is not None else RuleGroup(join="and", conditions=()),
        message=_message(message) if message is not None else RuleMessage(text=""),
    )
    fields.done()
    return rule


def _input(fields: Fields, profile: str, source: ShapeSource) -> FieldInput | FunctionInput | None:
    kind, identity, alias = fields.text("xsi:type"), fields.key("id"), fields.text("alias")
    read: FieldInput | FunctionInput | None = None
    if kind == "BusinessRuleField":
        element = fields.key("elementKey")
        fields.only("taglist", "0", "-1", why="one instance of a repeating element cannot be checked by itself here")
        source.library.check_element(profile, element, fields)
        read = FieldInput(id=identity, element=element, alias=alias)
    elif kind == "BusinessRuleFunction":
        step = fields.child("FunctionStep")
        elements = tuple(_mapping(Fields(one, fields.notes)) for one in fields.children("inputMapping"))
        if step is None:
            fields.notes.wrong(fields.element, "the input has no function")
        else:
            function = read_function(Fields(step, fields.notes), source.library)
            read = FunctionInput(id=identity, function=function, elements=elements, alias=alias)
    else:
        fields.notes.unknown(fields.element, f"there is no kind of input '{kind}'")
    fields.done()
    return read


def _mapping(fields: Fields) -> tuple[int, int]:
    fields.only("fromTaglist", "0", "-1", why="one instance of a repeating element cannot be checked by itself here")
    pair = (fields.key("toFunctionInputKey"), fields.key("fromElementKey"))
    fields.done()
    return pair


def _condition(fields: Fields) -> RuleGroup | RuleCheck:
    kind = fields.text("xsi:type")
    if kind == "SimpleCondition":
        return _check(fields)
    if kind != "GroupingCondition":
        fields.notes.unknown(fields.element, f"there is no kind of condition '{kind}'")
    group = RuleGroup(
        join=fields.word("operator", _JOINS, "and"),
        conditions=tuple(
            _condition(Fields(element, fields.notes)) for element in fields.children("nestedExpression", "condition")
        ),
    )
    fields.done()
    return group


def _check(fields: Fields) -> RuleCheck:
    operator: RuleOperator = fields.word("operator", _OPERATORS, "=")
    left, right = fields_in(fields, "leftInput"), fields_in(fields, "rightInput")
    if left is None or (right is None and operator not in _UNARY):
        fields.notes.wrong(fields.element, "the condition lacks a value")
    check = RuleCheck(
        left=_operand(left) if left is not None else StaticOperand(""),
        operator=operator,
        right=_operand(right) if right is not None else None,
    )
    fields.done()
    return check


def _operand(fields: Fields) -> Operand:
    kind, identity = fields.text("xsi:type"), fields.whole("id")
    operand: Operand = StaticOperand(fields.text("value"))
    if kind == "FieldConditionInput":
        operand = FieldOperand(identity)
    elif kind == "FunctionConditionInput":
        operand = FunctionOperand(identity, fields.key("outputId"))
    elif kind != "StaticConditionInput":
        fields.notes.unknown(fields.element, f"there is no kind of value '{kind}'")
    fields.done()
    return operand


def _message(fields: Fields) -> RuleMessage:
    operands = []
    for element in fields.children("input"):
        holder = Fields(element, fields.notes)
        index, inner = holder.key("index"), fields_in(holder, "input")
        holder.done()
        if inner is not None:
            operands.append((index, _operand(inner)))
    message = RuleMessage(text=fields.text("content"), operands=tuple(operands))
    fields.done()
    return message
