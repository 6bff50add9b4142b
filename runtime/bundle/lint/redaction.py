"""Paths of fields that must not be in clear, and that no document has as far as the profiles tell."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from runtime.model.platform_profiles import JsonProfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runtime.bundle.findings import Findings
    from runtime.errors import Place
    from runtime.model.bundle import Bundle

Names = tuple[str, ...]


def check_redaction(paths: Mapping[str, Place], bundle: Bundle, findings: Findings) -> None:
    """Note each path that is in no profile of the bundle: what is misspelt masks nothing."""
    known = set(_paths(bundle)) if paths else set()
    for path, place in paths.items():
        names = tuple(path.replace("[]", "").removeprefix("$").strip("/.").replace("/", ".").split("."))
        if not any(each[-len(names) :] == names for each in known):
            tails = {".".join(each[-len(names) :]) for each in known if len(each) >= len(names)}
            close = get_close_matches(".".join(names), sorted(tails), n=1)
            hint = f"did you mean '{close[0]}'?" if close else "add the profile of the documents that have it"
            findings.add("redaction-unknown", f"no profile has the field '{path}' that is to be masked", place, hint)


def _paths(bundle: Bundle) -> Iterator[Names]:
    for profile in bundle.profiles.values():
        yield from (path for path, _ in profile.walk())
    for exported in bundle.components.profiles.values():
        if isinstance(exported, JsonProfile):
            yield from (tuple(name for name in path if isinstance(name, str)) for path, _ in exported.walk())
