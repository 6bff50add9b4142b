"""Which list of a document Split takes apart and Combine fills: named, or the only one of a profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.findings import suggest
from runtime.bundle.known import find
from runtime.bundle.paths import lists_of, read_path

if TYPE_CHECKING:
    from runtime.bundle.keys import Keys
    from runtime.bundle.known import Known
    from runtime.bundle.nodes import Scalar
    from runtime.model.maps import Path
    from runtime.model.profile import Profile


def read_element(keys: Keys, known: Known) -> Path:
    """Read `profile` and `element`. Without an element the profile's only list is meant; without both, the root."""
    name, written = keys.scalar("profile"), keys.scalar("element")
    profile = find(name, "profile", known.profiles, keys.findings)
    if written is None:
        return _only_list(name, profile, keys) if name is not None and profile is not None else ()
    path = read_path(written, keys.findings)
    if path is None:
        return ()
    path = tuple(key.removesuffix("[]") for key in path)
    if profile is not None and path not in lists_of(profile):
        message = f"profile '{profile.name}' has no list '{written.text}'"
        keys.findings.add("unknown-element", message, written.place, suggest(written.text, _written(profile)))
    return path


def _only_list(name: Scalar, profile: Profile, keys: Keys) -> Path:
    lists = lists_of(profile)
    if len(lists) == 1:
        return lists[0]
    count = "several lists" if lists else "no list"
    message = f"profile '{profile.name}' has {count}, so the element is not known"
    keys.findings.add("unknown-element", message, name.place, suggest("", _written(profile)) or "add 'element: …'")
    return ()


def _written(profile: Profile) -> list[str]:
    return [".".join(path) for path in lists_of(profile)]
