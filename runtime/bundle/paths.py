"""Paths of keys in a document (``lines[].price``), and whether a profile has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.findings import suggest
from runtime.expressions import names_read
from runtime.model.values import Expression

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Scalar
    from runtime.model.maps import Path
    from runtime.model.profile import Profile
    from runtime.model.values import Template


def read_path(scalar: Scalar, findings: Findings) -> Path | None:
    """Give the keys of a path: separated by dots; ``[]`` after a key says that it repeats."""
    if scalar.marks:
        findings.add("wrong-type", "a path cannot be computed", scalar.marks[0], "write the keys themselves")
        return None
    keys = tuple(scalar.text.split("."))
    if not all(key.removesuffix("[]").strip() for key in keys):
        message = f"'{scalar.text}' is not a path of keys"
        findings.add("wrong-type", message, scalar.place, "write keys with dots between them: order.lines[].sku")
        return None
    return keys


def check_path(path: Path, profile: Profile, scalar: Scalar, findings: Findings) -> None:
    """Note when `profile` has no such field, or when a list in the path is not written with ``[]``."""
    written = ".".join(path)
    known = _spellings(profile)
    if written in known:
        return
    if written.replace("[]", "") in {name.replace("[]", "") for name in known}:
        hint = next(name for name in known if name.replace("[]", "") == written.replace("[]", ""))
        message = f"'{written}' says otherwise than profile '{profile.name}' what repeats"
        findings.add("unknown-element", message, scalar.place, f"write '{hint}'")
        return
    message = f"profile '{profile.name}' has no field '{written}'"
    findings.add("unknown-element", message, scalar.place, suggest(written, known))


def check_reads(template: Template, profile: Profile, findings: Findings) -> None:
    """Note each field of the document that an expression reads and `profile` does not have."""
    for part in template.parts:
        if isinstance(part, Expression):
            for root, *keys in names_read(part.source):
                _check_read(tuple(keys) if root == "document" else (), profile, part, findings)


def _check_read(path: Path, profile: Profile, expression: Expression, findings: Findings) -> None:
    for depth in range(1, len(path) + 1):
        entry = profile.find(path[:depth])
        if entry is None:
            written = ".".join(path[:depth])
            known = [".".join(path) for path, _ in profile.walk()]
            message = f"profile '{profile.name}' has no field '{written}'"
            findings.add("unknown-element", message, expression.place, suggest(written, known))
            return
        if entry.kind != "object":  # what an expression does with a list or a text is its own affair
            return


def lists_of(profile: Profile) -> tuple[Path, ...]:
    """Give the path of every list that is not inside another list."""
    return tuple(
        path
        for path, entry in profile.walk()
        if entry.kind == "list" and not any(_is_list(profile, path[:depth]) for depth in range(1, len(path)))
    )


def _is_list(profile: Profile, path: Path) -> bool:
    entry = profile.find(path)
    return entry is not None and entry.kind == "list"


def _spellings(profile: Profile) -> tuple[str, ...]:
    """Give the path of each field as a map writes it: a list with ``[]`` where fields of its items are meant."""
    return tuple(
        ".".join(key + "[]" if _is_list(profile, path[: depth + 1]) else key for depth, key in enumerate(path))
        for path, _ in profile.walk()
    )
