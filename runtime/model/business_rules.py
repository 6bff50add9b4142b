"""Business rules: conditions over elements of a document, with a message for those that do not pass (reference 1.16).

A `BusinessRule` has inputs (`FieldInput`, `FunctionInput`), a condition tree (`RuleGroup`, `RuleCheck`) that says what
passes, and a message. Operands are `FieldOperand`, `FunctionOperand`, `StaticOperand`. Native: `ComputedRule`.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.model.platform_maps import MapFunction
from runtime.model.values import Condition, Template

RuleOperator = Literal[
    "=", "!=", "<", ">", "<=", ">=", "contains", "does not contain", "starts with", "is empty", "is not empty"
]


class FieldInput(Struct, frozen=True, kw_only=True, tag="field input"):
    """An element of the document; every occurrence of it is checked."""

    id: int
    element: int
    alias: str = ""


class FunctionInput(Struct, frozen=True, kw_only=True, tag="function input"):
    """A map function over elements of the document: `elements` gives the element of each of its inputs, by key."""

    id: int
    function: MapFunction
    elements: tuple[tuple[int, int], ...] = ()
    alias: str = ""


class FieldOperand(Struct, frozen=True, tag="field"):
    """The value of the input with this id."""

    input: int


class FunctionOperand(Struct, frozen=True, tag="function"):
    """The output `output` of the function input with this id."""

    input: int
    output: int


class StaticOperand(Struct, frozen=True, tag="static"):
    """A literal."""

    value: str


Operand = FieldOperand | FunctionOperand | StaticOperand


class RuleCheck(Struct, frozen=True, kw_only=True, tag="check"):
    """A comparison; `right` is None for `is empty` and `is not empty`.

    Numbers compare as numbers when both sides are, else everything compares as text (behaviour 19).
    """

    left: Operand
    operator: RuleOperator
    right: Operand | None = None


class RuleGroup(Struct, frozen=True, kw_only=True, tag="group"):
    """Conditions joined: all of them, or any."""

    join: Literal["and", "or"]
    conditions: tuple[RuleCheck | RuleGroup, ...]


class RuleMessage(Struct, frozen=True, kw_only=True):
    """Why a document was rejected: ``{n}`` stands for the operand with that number."""

    text: str
    operands: tuple[tuple[int, Operand], ...] = ()


class BusinessRule(Struct, frozen=True, kw_only=True, tag="business rule"):
    """One rule; a document passes a step when it passes all rules."""

    name: str
    inputs: tuple[FieldInput | FunctionInput, ...]
    condition: RuleGroup | RuleCheck
    message: RuleMessage


class ComputedRule(Struct, frozen=True, kw_only=True, tag="computed rule"):
    """A rule of a native process: what must hold, and why a document was rejected."""

    name: str
    passes: Condition
    message: Template
