"""The border of ruamel.yaml for writing: plain values become YAML that people read and `yaml_nodes` reads the same."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

_WIDEST = 100  # characters of a table or list that stands in one line
_NEVER = 1_000_000  # characters after which a text would be folded: a line of it stays a line

_LIKE_A_KEY = re.compile(r"^[?:]|:(?![\w/])")  # what a reader takes for a key, plain in a list of one line


def dump(value: dict[str, Any]) -> str:
    """Give YAML: short tables in one line, long texts as blocks."""
    return _dumped(_laid_out(value, top=True))


def amended(text: str, amend: Callable[[dict[str, Any]], None]) -> str:
    """Give the text of a table with a change made; its other keys, its order and its remarks stay."""
    loaded = _yaml().load(text)
    amend(loaded)
    return _dumped(loaded)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = _NEVER
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dumped(value: object) -> str:
    made = io.StringIO()
    _yaml().dump(value, made)
    return made.getvalue()


def _laid_out(value: Any, *, top: bool = False) -> Any:  # noqa: ANN401 - plain values
    made: CommentedMap | CommentedSeq
    match value:
        case dict():
            made = CommentedMap({key: _laid_out(held) for key, held in value.items()})
        case list():
            made = CommentedSeq([_laid_out(held) for held in value])
        case str() if _is_block(value):
            return LiteralScalarString(value)
        case str() if _LIKE_A_KEY.search(value):
            return DoubleQuotedScalarString(value)
        case _:
            return value
    if not top and _is_short(value):
        made.fa.set_flow_style()
    return made


def _is_short(value: Any) -> bool:  # noqa: ANN401 - plain values
    inner = list(value.values()) if isinstance(value, dict) else value
    flat = all(not isinstance(held, dict | list) or (isinstance(held, list) and _is_short(held)) for held in inner)
    return flat and len(str(value)) <= _WIDEST and "\n" not in str(value)


def _is_block(text: str) -> bool:
    """Whether a text stays what it is as a block: lines that YAML would not change."""
    lines = text.split("\n")
    return (
        len(lines) > 1
        and all(line.replace("\t", " ").isprintable() for line in lines)
        and bool(lines[0].strip())
        and not lines[0].startswith((" ", "\t"))
    )
