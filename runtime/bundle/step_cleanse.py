"""The step Cleanse, as written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.keys import Keys, as_table
from runtime.bundle.known import find
from runtime.bundle.nodes import Scalar
from runtime.bundle.sides import Side
from runtime.model.cleanse import CleanseStep, FieldCleanse, Pad, Trim
from runtime.model.spelled import json_profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.nodes import Node
    from runtime.bundle.outline import Step
    from runtime.bundle.step_at import At, Reader
    from runtime.model.platform_profiles import PlatformProfile

MOST_CHARACTERS = 100_000  # of one value


def read_cleanse(step: Step, at: At) -> CleanseStep | None:
    """Read ``cleanse: {profile, fields}`` with the paths ``rejected`` and ``clean``."""
    at.keys(step.beside, step.kind).done(also=("rejected", "clean"))
    table = as_table(step.value, step.kind, at.findings) if step.value is not None else None
    if table is None:
        return None
    keys = at.keys(table, step.kind)
    name, fields = keys.scalar("profile", required=True), keys.table("fields")
    keys.done()
    profile = profile_of(name, at)
    if name is None or profile is None:
        return None
    side = Side(profile, at.findings)
    read = (_field(key, node, side, at) for key, node in fields or ())
    return CleanseStep(
        profile=name.text,
        fields=tuple(field for field in read if field is not None),
        rejected=at.arms.get("rejected", at.to),
        clean=at.arms.get("clean", at.to),
        **at.common,
    )


def profile_of(name: Scalar | None, at: At) -> PlatformProfile | None:
    """Give the profile of that name, whatever its format."""
    if name is not None and name.text in at.known.formats:
        return at.known.formats[name.text]
    found = find(name, "profile", at.known.profiles, at.findings)
    return None if found is None else json_profile(found)


def _field(key: Scalar, node: Node, side: Side, at: At) -> FieldCleanse | None:
    element, table = side.element(key), as_table(node, key.text, at.findings)
    if table is None:
        return None
    keys = Keys(table, at.findings, f"the field '{key.text}'")
    required, default = keys.flag("required"), keys.literal("default")
    shortest = keys.whole("at least", least=0, most=MOST_CHARACTERS)
    longest = keys.whole("at most", least=1, most=MOST_CHARACTERS)
    trim: Trim = keys.choice("trim", Trim, "trailing")
    pad: Pad = keys.choice("pad", Pad, "append")
    character = keys.literal("with")
    keys.done()
    if character is not None and len(character) != 1:
        at.findings.add("wrong-type", "one character fills up", keys.place_of("with"), 'write with: "0"')
    if shortest and longest and shortest > longest:
        at.findings.add("wrong-type", "no text is that long and that short", keys.place_of("at least"))
    if element is None:
        return None
    if element[1]:
        at.findings.add("wrong-type", "all occurrences are cleansed alike", key.place, "write [] after what repeats")
    return FieldCleanse(
        element=element[0],
        required=required,
        shortest=shortest or 0,
        longest=longest or 0,
        default=default,
        trim=trim if keys.has("trim") else None,
        pad=pad if keys.has("pad") else None,
        character=character or " ",
    )


CLEANSE_READERS: Mapping[str, Reader] = {"cleanse": read_cleanse}
