"""maps/*.yaml: every way to fill a field."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from runtime.errors import Place
from runtime.model.maps import Call, Field, Rule
from runtime.model.values import Expression, Template
from tests.bundle.house import SOUND, read

TEXT = """\
to: order
fields:
  lines[].sku: items[].code
"""

EVERY_WAY = """\
fields:
  path: a.b
  path with default: { from: a, default: none }
  always: { default: x }
  text: { value: EUR }
  number: 5
  expression: "${document.a}"
  call: { function: concat, of: [ a, 2, { value: "-" }, { function: upper, of: [ b ] } ], delimiter: ", " }
  dated: { function: date format, of: [ a ], from: yyyy, default: never }
"""


def test_each_way_to_write_a_rule_gives_its_source(tmp_path: Path) -> None:
    """Paths, constants, expressions, functions and defaults each have one obvious form."""
    found = read(tmp_path, {**SOUND, "maps/m.yaml": EVERY_WAY}).maps["m"].rules
    place = Place(file="maps/m.yaml", line=7, column=16)
    assert [replace(rule, place=Place()) for rule in found] == [
        Rule(target=("path",), source=Field(("a", "b"))),
        Rule(target=("path with default",), source=Field(("a",)), default="none"),
        Rule(target=("always",), default="x"),
        Rule(target=("text",), source=Template(("EUR",))),
        Rule(target=("number",), source=Template(("5",))),
        Rule(target=("expression",), source=Template((Expression("document.a", place),))),
        Rule(
            target=("call",),
            source=Call(
                "concat",
                (Field(("a",)), Template(("2",)), Template(("-",)), Call("upper", (Field(("b",)),))),
                {"delimiter": ", "},
            ),
        ),
        Rule(target=("dated",), source=Call("date format", (Field(("a",)),), {"from": "yyyy"}), default="never"),
    ]


def test_a_repeating_field_keeps_its_brackets(tmp_path: Path) -> None:
    """The keys of a path say what repeats; the profile agrees."""
    (rule,) = read(tmp_path, {**SOUND, "maps/m.yaml": TEXT}).maps["m"].rules
    assert (rule.target, rule.source) == (("lines[]", "sku"), Field(("items[]", "code")))
