from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.model.message_format import parse_message_format

TEXTS = {
    "Hello {1}, today is {2}": "Hello A, today is B",
    """'{"result": "{1}"}'""": '{"result": "{1}"}',
    """'{"result": "'{1}'", "status": "'{2}'"}'""": '{"result": "A", "status": "B"}',
    "today's date": "todays date",
    "today''s date": "today's date",
    "{1} o'clock {2}": "A oclock {2}",
    "'{}'": "{}",
    "''''": "''",
    "{2}{1}{2}": "BAB",
    "{3} and {0}": "{3} and {0}",
    "a } b": "a } b",
    "": "",
}


@pytest.mark.parametrize("pattern", TEXTS)
def test_a_pattern_is_read_as_the_platform_reads_it(pattern: str) -> None:
    """Single quotes switch literal text on and off, two are one, and braces name the n-th value."""
    parts = parse_message_format(pattern, 2)
    assert "".join(part if isinstance(part, str) else "AB"[part] for part in parts) == TEXTS[pattern]


@pytest.mark.parametrize("pattern", ["{}", "{ 1}", "{a}", '{"x": 1}', "{1", "{-1}", "{1,number}"])
def test_a_pattern_that_the_platform_fails_on_is_refused(pattern: str) -> None:
    """It would fail for every document."""
    with pytest.raises(ValueError, match=r"argument number|unmatched braces"):
        parse_message_format(pattern, 2)


@given(st.text(min_size=1).filter(lambda text: not text.startswith("'")))
def test_quoted_text_is_literal(text: str) -> None:
    """Any text stands for itself between quotes, its own quotes doubled."""
    parts = parse_message_format("'" + text.replace("'", "''") + "'", 3)
    assert "".join(str(part) for part in parts) == text
