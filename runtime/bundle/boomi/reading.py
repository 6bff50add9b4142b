"""What stands in a table of `format: boomi` becomes a value of the model, by the type that the model says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from msgspec import NODEFAULT, inspect

from runtime.bundle.boomi.forms import REFERENCES, VALUES, key_of, struct_type
from runtime.bundle.findings import suggest
from runtime.bundle.keys import Keys, as_scalar, as_table
from runtime.bundle.nodes import Items, Scalar, Table, describe
from runtime.bundle.templates import read_template
from runtime.errors import Place
from runtime.model.message_format import MessageText, parse_message_format
from runtime.model.parameters import Parameter, PropertyName, Static, property_name
from runtime.model.platform_shapes import FieldText
from runtime.model.values import Template

if TYPE_CHECKING:
    from collections.abc import Collection

    from runtime.bundle.findings import Findings
    from runtime.bundle.known import Known
    from runtime.bundle.nodes import Node

_BARE = (FieldText, PropertyName, Static, Template)  # written without their tag
_PARAMETERS = inspect.type_info(tuple[Parameter, ...])


class Unsound(Exception):
    """Raised when a value cannot be read, which is then among the findings."""


class ValueReader:
    """Reads values; what they name must be in the bundle."""

    def __init__(self, known: Known, findings: Findings) -> None:
        self._known = known
        self._findings = findings

    def fields(self, cls: type, keys: Keys, without: Collection[str] = ()) -> dict[str, Any]:
        """Give the fields of a struct by name.

        Raises:
            Unsound: one of them is missing, or is not what it has to be.
        """
        made: dict[str, Any] = {}
        for field in struct_type(cls).fields:
            key = key_of(field.name)
            if field.name in without or _holds(field.type, Place):
                continue
            if not keys.has(key):
                if field.default is NODEFAULT and field.default_factory is NODEFAULT:
                    keys.node(key, required=True)
                    raise Unsound
                continue
            node = keys.written(key)
            if _holds(field.type, MessageText):
                made[field.name] = self._message(node, keys)
            else:
                made[field.name] = self.value(field.type, node, key)
            self._check_reference(REFERENCES.get((cls, field.name)), made[field.name], node)
        return made

    def value(self, kind: inspect.Type, node: Node, name: str) -> Any:  # noqa: ANN401 - of whatever type is asked for
        """Read a value of a type.

        Raises:
            Unsound: it is not one.
        """
        match kind:
            case inspect.VarTupleType(item_type=item):
                return tuple(self.value(item, one, name) for one in self._items(node, name))
            case inspect.TupleType(item_types=kinds):
                return self._tuple(kinds, node, name)
            case inspect.DictType(value_type=held):
                return {key.text: self.value(held, one, key.text) for key, one in self._table(node, name)}
            case inspect.UnionType(types=kinds):
                return self._union(kinds, node, name)
            case inspect.StructType():
                return self._struct(kind, node, name)
            case _:
                return self._single(kind, self._scalar(node, name), name)

    def _single(self, kind: inspect.Type, scalar: Scalar, name: str) -> str | bool | int | float:
        found: bool | int | float | None
        match kind:
            case inspect.StrType():
                return scalar.text
            case inspect.LiteralType(values=words):
                return self._word(scalar, [str(word) for word in words], name)
            case inspect.BoolType():
                found, what = scalar.flag, "true or false"
            case inspect.IntType():
                found, what = scalar.whole, "a whole number"
            case inspect.FloatType():
                found, what = _float(scalar.text), "a number"
            case _:
                raise TypeError(f"{name}: {type(kind).__name__} has no form")
        if found is None:
            self._wrong(f"'{name}' must be {what}, not {describe(scalar)}", scalar)
        return found

    def _struct(self, kind: inspect.StructType, node: Node, name: str) -> Any:  # noqa: ANN401 - the struct of `kind`
        if kind.cls is Template:
            return read_template(self._scalar(node, name), self._findings)
        if kind.cls is FieldText:
            return FieldText(self.value(kind.fields[0].type, node, name))
        if kind.cls is Static and isinstance(node, Scalar):
            return Static(self._scalar(node, name).text)
        if kind.cls is PropertyName:
            found = property_name(self._scalar(node, name).text)
            if found is None:
                self._wrong(f"'{name}' must be a property, not {describe(node)}", node, "write dynamicdocument.NAME")
            return found
        keys = Keys(self._table(node, name), self._findings, f"'{name}'")
        if kind.tag_field is not None and keys.has(kind.tag_field):
            keys.node(kind.tag_field)
        made = self._message_table(keys) if kind.cls is MessageText else kind.cls(**self.fields(kind.cls, keys))
        keys.done()
        return made

    def _message_table(self, keys: Keys) -> MessageText:
        return self._message(keys.written("text"), keys)

    def _message(self, node: Node, keys: Keys) -> MessageText:
        pattern = self._scalar(node, "text").text
        values: tuple[Parameter, ...] = ()
        if keys.has(VALUES):
            values = self.value(_PARAMETERS, keys.written(VALUES), VALUES)
        try:
            return MessageText(parse_message_format(pattern, len(values)), values)
        except ValueError as error:
            hint = "braces that are meant literally stand between single quotes: '{'"
            self._wrong(f"the text is no message format: {error}", node, hint)

    def _union(self, kinds: tuple[inspect.Type, ...], node: Node, name: str) -> Any:  # noqa: ANN401 - one of `kinds`
        if isinstance(node, Scalar) and node.is_null and any(isinstance(kind, inspect.NoneType) for kind in kinds):
            return None
        structs = [kind for kind in kinds if isinstance(kind, inspect.StructType)]
        others = [kind for kind in kinds if not isinstance(kind, inspect.StructType | inspect.NoneType)]
        bare = [kind for kind in structs if kind.cls in _BARE]
        if isinstance(node, Scalar):
            for kind in (*bare, *others):
                return self.value(kind, node, name)
        if len(structs) == 1:
            return self._struct(structs[0], node, name)
        if isinstance(node, Table) and structs and bare and node.get(structs[0].tag_field or "") is None:
            return self._struct(bare[0], node, name)
        if structs:
            return self._struct(self._tagged(structs, self._table(node, name), name), node, name)
        return self.value(others[0], node, name)

    def _tagged(self, structs: list[inspect.StructType], table: Table, name: str) -> inspect.StructType:
        field = structs[0].tag_field or ""
        tags = {str(kind.tag): kind for kind in structs}
        entry = table.get(field)
        if entry is None:
            self._wrong(f"'{name}' needs '{field}'", table, f"one of: {', '.join(sorted(tags))}")
        return tags[self._word(self._scalar(entry[1], field), list(tags), field)]

    def _tuple(self, kinds: tuple[inspect.Type, ...], node: Node, name: str) -> tuple[Any, ...]:
        items = self._items(node, name)
        if len(items) != len(kinds):
            self._wrong(f"'{name}' must be a list of {len(kinds)} values, not of {len(items)}", node)
        return tuple(self.value(kind, one, name) for kind, one in zip(kinds, items, strict=True))

    def _scalar(self, node: Node, name: str) -> Scalar:
        found = as_scalar(node, name, self._findings)
        if found is None:
            raise Unsound
        if found.is_null:
            self._wrong(f"'{name}' has no value", node, 'an empty text is ""')
        return found

    def _table(self, node: Node, name: str) -> Table:
        found = as_table(node, name, self._findings)
        if found is None:
            raise Unsound
        return found

    def _items(self, node: Node, name: str) -> tuple[Node, ...]:
        if not isinstance(node, Items):
            self._wrong(f"'{name}' must be a list, not {describe(node)}", node, "begin each item of it with '- '")
        return node.items

    def _word(self, scalar: Scalar, words: list[str], name: str) -> str:
        if scalar.text not in words:
            message = f"'{scalar.text}' is not a value of '{name}'"
            self._findings.add("unknown-value", message, scalar.place, suggest(scalar.text, words))
            raise Unsound
        return scalar.text

    def _check_reference(self, kind: str | None, value: object, node: Node) -> None:
        if kind is None or value is None:
            return
        names = self._known.exported.get(kind, frozenset())
        if value not in names:
            self._findings.unknown("unknown-reference", kind, str(value), names, node.place)

    def _wrong(self, message: str, node: Node, hint: str | None = None) -> NoReturn:
        self._findings.add("wrong-type", message, node.place, hint)
        raise Unsound


def _holds(kind: inspect.Type, cls: type) -> bool:
    return isinstance(kind, inspect.StructType) and kind.cls is cls


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
