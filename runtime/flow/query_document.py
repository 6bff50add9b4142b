"""The document that a query process receives: the filter as XML, as the platform writes it (wire protocol E.3).

It says what the platform's says, conditions, groups and order. Search, limit and offset, which the platform does not
support here, stand with all the rest in the dynamic process property ``param_filter``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from runtime.flow.filters import Condition, Filter, Group

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_LINE_ENDS = {"\r": "&#13;"}  # a bare one would be read as a line feed


def unwritable(text: str) -> bool:
    """Tell whether a text holds a character that no XML document can hold."""
    return _UNWRITABLE.search(text) is not None


def query_document(wanted: Filter) -> bytes:
    """Give the QueryFilter document of a filter; without conditions and order it is an empty element."""
    parts = ["<QueryFilter>"]
    if wanted.where.conditions or wanted.where.groups:
        parts += _expression(wanted.where)
    for order in wanted.order:
        direction = "DESC" if order.descending else "ASC"
        parts.append(f'<sort property={quoteattr(order.column.name)} sortOrder="{direction}"></sort>')
    parts.append("</QueryFilter>")
    return "".join(parts).encode()


def _expression(group: Group) -> list[str]:
    parts = [f'<expression operator="{"or" if group.any else "and"}">', *map(_nested, group.conditions)]
    for inner in group.groups:
        parts += _expression(inner)
    return [*parts, "</expression>"]


def _nested(condition: Condition) -> str:
    value = condition.value
    argument = "" if value is None else f"<argument>{escape(value, _LINE_ENDS)}</argument>"
    name = quoteattr(condition.column.name)
    return f'<nestedExpression operator="{condition.criterion}" property={name}>{argument}</nestedExpression>'
