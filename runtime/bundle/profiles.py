"""profiles/*.json: JSON Schema, in the subset that Flow types can express."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.json_places import nearest, read_json
from runtime.model.profile import from_json_schema

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.model.profile import Profile


def read_profile(name: str, file: str, text: str, findings: Findings) -> Profile | None:
    """Read the profile of one file; its name is the file's, without the ending."""
    read = read_json(text, file, findings)
    if read is None:
        return None
    schema, places = read
    profile, mistakes = from_json_schema(schema, name)
    for mistake in mistakes:
        findings.add("profile", mistake.message, nearest(places, mistake.pointer), mistake.hint)
    return profile if not mistakes else None
