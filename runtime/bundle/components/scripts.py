"""Scripts inside steps and maps: their language, their text or component, their variables."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

from runtime.bundle.components.fields import Fields
from runtime.bundle.components.library import find
from runtime.model.data_process import ScriptLanguage
from runtime.model.platform_maps import PortKind, ScriptPort

if TYPE_CHECKING:
    from runtime.bundle.components.library import Library

LANGUAGES: Mapping[str, ScriptLanguage] = MappingProxyType({word: word for word in get_args(ScriptLanguage)})
_PORTS: Mapping[str, PortKind] = MappingProxyType({word: word for word in get_args(PortKind)})


def source_of(fields: Fields, written: str, library: Library) -> tuple[str, str | None]:
    """Give the text of a script and the component it was read from: the component's own text wins over a copy of it."""
    uses, component = fields.flag("useComponent"), fields.text("componentId")
    if not uses:
        return written, None
    script = find(component, "script", library.scripts, library.components, fields)
    return (script.source if script is not None else written), component


def ports(fields: Fields, tag: str) -> tuple[ScriptPort, ...]:
    """Read the variables of a script, of one direction."""
    found = []
    for element in fields.children(tag):
        inner = Fields(element, fields.notes)
        kind: PortKind = inner.word("dataType", _PORTS, "character")
        found.append(ScriptPort(inner.key("index"), inner.text("name"), kind))
        inner.shown("isReset", "default")
        inner.done()
    return tuple(found)
