"""The fields of an operation once the parameters of whoever calls it are filled in (behaviour 98)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.model.parameters import Static

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.bundle.components.fields import Fields
    from runtime.bundle.components.made import Operation, Table
    from runtime.model.parameters import Argument, Parameter


def filled(
    operation: Operation, arguments: Sequence[Argument], at: Fields
) -> tuple[dict[str, Parameter], dict[str, Table]]:
    """Give texts and tables of the fields; a parameter that the operation cannot take is told."""
    texts, tables = dict(operation.texts), dict(operation.tables)
    if len(arguments) < operation.least_inputs:
        message = f"the statement has {operation.least_inputs} '?', and the step sets {len(arguments)} parameters"
        at.notes.wrong(at.element, message)
    if not arguments:
        return texts, tables
    if operation.inputs is None:
        hint = "make the request in a Message or Map before the call"
        at.notes.refused(at.element, "parameters of a step make no request here", hint)
        return texts, tables
    texts |= operation.with_inputs
    if operation.ordered:
        tables[operation.ordered] = tuple((entry or "", Static("")) for _, entry in operation.inputs.values())
    for argument in arguments:
        place = operation.inputs.get(argument.element)
        if place is None:
            message = f"the operation has no input '{argument.element}' ({argument.name})"
            at.notes.wrong(at.element, message)
        elif place[1] is None:
            texts[place[0]] = argument.value
        else:
            tables[place[0]] = put(tables.get(place[0], ()), place[1], argument.value)
    return texts, tables


def put(table: Table, name: str, value: Parameter) -> Table:
    """Give the table with an entry set: where it stood, else at the end."""
    if any(entry[0] == name for entry in table):
        return tuple((entry[0], value if entry[0] == name else entry[1]) for entry in table)
    return (*table, (name, value))
