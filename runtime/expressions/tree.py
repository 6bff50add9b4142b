"""The syntax tree of an expression, as CEL's own parser and checker saw it.

The library gives a compiled expression away only as a serialised ``cel.expr.CheckedExpr``. The few messages of it that
matter are read here, so that plain expressions can be compiled to closures and every expression can say what it reads.
https://github.com/google/cel-spec/blob/master/proto/cel/expr/syntax.proto
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from msgspec import Struct


class Literal(Struct, frozen=True):
    """A constant; `kind` is CEL's name for its type."""

    kind: str
    value: object


class Name(Struct, frozen=True):
    """A root name or the variable of a comprehension."""

    name: str


class Member(Struct, frozen=True):
    """``operand.name``; with `test` it is ``has(operand.name)``."""

    operand: Node
    name: str
    test: bool


class Apply(Struct, frozen=True):
    """A function or operator; a method's receiver is its first argument."""

    function: str
    arguments: tuple[Node, ...]


class Listing(Struct, frozen=True):
    """A list written out."""

    items: tuple[Node, ...]


class Other(Struct, frozen=True):
    """Any other node: an object written out, a comprehension. Only its children are known."""

    children: tuple[Node, ...]
    comprehension: bool = False


Node = Literal | Name | Member | Apply | Listing | Other

Grouped = dict[int, list[int | bytes]]

# Field numbers of the messages read here.
_ANY_VALUE, _CHECKED_EXPR = 2, 4
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_CONSTANTS = {1: "null", 2: "bool", 3: "int", 4: "uint", 5: "double", 6: "string", 7: "bytes"}


def read_tree(serialized: bytes) -> Node:
    """Give the tree of a serialised expression; ValueError when it is of a form that is not known here."""
    return _node(_message(_message(serialized, _ANY_VALUE), _CHECKED_EXPR))


def walk(node: Node) -> Iterator[Node]:
    """Give the node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: Node) -> tuple[Node, ...]:
    """Give the nodes directly below."""
    match node:
        case Member():
            return (node.operand,)
        case Apply():
            return node.arguments
        case Listing():
            return node.items
        case Other():
            return node.children
        case _:
            return ()


def _node(data: bytes) -> Node:
    for number, value in _fields(data):
        read = _READERS.get(number)
        if read is not None and isinstance(value, bytes):
            return read(_grouped(value))
    raise ValueError("a syntax node of a kind that is not known")


def _literal(parts: Grouped) -> Literal:
    for number, values in parts.items():
        match _CONSTANTS.get(number), values[0]:
            case "null", _:
                return Literal("null", None)
            case "bool", int() as value:
                return Literal("bool", bool(value))
            case "int", int() as value:
                return Literal("int", value - (1 << 64) if value >> 63 else value)
            case "uint", int() as value:
                return Literal("uint", value)
            case "double", bytes() as value:
                return Literal("double", struct.unpack("<d", value)[0])
            case "string", bytes() as value:
                return Literal("string", value.decode())
            case _, value:
                return Literal("other", value)
    raise ValueError("a constant without a value")


def _name(parts: Grouped) -> Name:
    return Name(_text(parts, 1))


def _member(parts: Grouped) -> Member:
    (operand,) = _nodes(parts, 1)
    return Member(operand, _text(parts, 2), test=bool(parts.get(3)))


def _apply(parts: Grouped) -> Apply:
    return Apply(_text(parts, 2), (*_nodes(parts, 1), *_nodes(parts, 3)))


def _listing(parts: Grouped) -> Listing:
    return Listing(_nodes(parts, 1))


def _object(parts: Grouped) -> Other:
    """Read an object written out: each entry has its key in field 3 and its value in field 4."""
    entries = [_grouped(entry) for entry in parts.get(2, []) if isinstance(entry, bytes)]
    return Other(tuple(node for entry in entries for number in (3, 4) for node in _nodes(entry, number)))


def _comprehension(parts: Grouped) -> Other:
    """Read a comprehension: 2 range, 4 initial value, 5 condition, 6 step, 7 result; the others are names."""
    return Other(tuple(node for number in (2, 4, 5, 6, 7) for node in _nodes(parts, number)), comprehension=True)


def _nodes(parts: Grouped, number: int) -> tuple[Node, ...]:
    return tuple(_node(value) for value in parts.get(number, []) if isinstance(value, bytes))


def _text(parts: Grouped, number: int) -> str:
    return b"".join(value for value in parts.get(number, []) if isinstance(value, bytes)).decode()


def _grouped(data: bytes) -> Grouped:
    """Give the values of a message by field number, in their order."""
    grouped: Grouped = {}
    for number, value in _fields(data):
        grouped.setdefault(number, []).append(value)
    return grouped


def _message(data: bytes, wanted: int) -> bytes:
    for number, value in _fields(data):
        if number == wanted and isinstance(value, bytes):
            return value
    raise ValueError(f"no field {wanted}")


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Give the fields of a protobuf message: number and value, lengths and tags resolved."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == _BYTES:
            length, at = _varint(data, at)
        elif wire in {_FIXED64, _FIXED32}:
            length = 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {wire}")
        yield number, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the continuation bit
            return value, at
        shift += 7


_READERS: dict[int, Callable[[Grouped], Node]] = {
    3: _literal,
    4: _name,
    5: _member,
    6: _apply,
    7: _listing,
    8: _object,
    9: _comprehension,
}
