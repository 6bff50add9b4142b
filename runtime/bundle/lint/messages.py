"""Messages that were written for the platform's own format."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.model.shapes import MessageStep

_NUMBERED = re.compile(r"\{[0-9]{1,3}\}", re.ASCII)


def check_message(shape: MessageStep, findings: Findings) -> None:
    """Note ``{1}``, and an empty ``{}`` in a text that is no JSON."""
    texts = [part for part in shape.text.parts if isinstance(part, str)]
    found = next((match[0] for text in texts if (match := _NUMBERED.search(text)) is not None), None)
    literal = shape.text.literal
    if found is None and literal is not None and "{}" in literal and not _is_json(literal):
        found = "{}"
    if found is not None:
        message = f"'{found}' is printed as it stands: nothing fills it in"
        findings.add("message-braces", message, shape.place, "write ${document.…} or ${properties.…}")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
