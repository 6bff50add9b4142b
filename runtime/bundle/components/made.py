"""What readers of connector components give: an operation or settings in the words of the connector that runs it."""

from __future__ import annotations

from msgspec import Struct

from runtime.model.parameters import Parameter
from runtime.model.platform_calls import RowsOf

Table = tuple[tuple[str, Parameter], ...]


class Made(Struct, frozen=True, kw_only=True):
    """An operation as its configuration says it.

    `texts` and `tables` are its fields; `dynamic` gives the field that each dynamic property of a step sets. `inputs`
    gives the field, and the entry where that is a table, that each parameter of a step sets, by what the parameter
    calls it; None where parameters cannot be taken. With parameters the fields `with_inputs` hold as well, and a step
    must set `least_inputs` of them; of the table `ordered` it then fills in every entry, in the order of the inputs.
    `continues` is the switch for error responses where the configuration has one of its own. `rows` says how documents
    of a database profile become rows, and rows documents; `response` is the profile of what the call gives.
    """

    operation: str
    texts: dict[str, Parameter]
    tables: dict[str, Table] = {}
    dynamic: dict[str, str] = {}
    inputs: dict[str, tuple[str, str | None]] | None = None
    with_inputs: dict[str, Parameter] = {}
    least_inputs: int = 0
    ordered: str = ""
    continues: bool | None = None
    rows: RowsOf | None = None
    response: str | None = None


class Operation(Made, frozen=True, kw_only=True):
    """An operation of a connector that is here."""

    connector: str
