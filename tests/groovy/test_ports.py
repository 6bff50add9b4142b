from __future__ import annotations

import pytest

from runtime.errors import DocumentFault
from runtime.groovy import compile_groovy, input_value, output_text
from runtime.groovy.ports import Kind
from runtime.sdk.script import ScriptContext


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("character", None, ""),
        ("character", "x", "x"),
        ("integer", "007", 7),
        ("integer", None, None),
        ("integer", "", None),
        ("float", "1.5", 1.5),
        ("datetime", None, None),
    ],
)
def test_an_input_has_the_type_that_the_map_says(kind: Kind, text: str | None, expected: object) -> None:
    """A text is never null; other inputs are null where nothing came."""
    assert input_value(kind, text) == expected


@pytest.mark.parametrize(("kind", "text"), [("integer", "x"), ("integer", "1.5"), ("float", "x"), ("datetime", "x")])
def test_an_input_that_is_no_value_fails_the_document(kind: Kind, text: str) -> None:
    """A text that is no number or date where one is wanted is the document's fault."""
    with pytest.raises(DocumentFault):
        input_value(kind, text)


def test_a_date_goes_through_a_script_unchanged() -> None:
    """Dates come and go in the form that maps use."""
    script = compile_groovy("due = start + 1\nname = start.format('yyyy')", "s.groovy")
    made = script.evaluate({"start": input_value("datetime", "20240228 120000.000")}, ScriptContext({}, {}))
    assert (output_text(made["due"]), output_text(made["name"])) == ("20240229 120000.000", "2024")
    assert output_text(None) is None
