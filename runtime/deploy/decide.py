"""What a look at the watched folder means: (what is live, what is seen) -> what shall be live, and what is refused.

Nothing is done here. The rules, in the order of their weight:

- What cannot be judged now changes nothing: neither a source that is still being written nor one with mistakes.
- What is live keeps its names. A newcomer that claims one of them is refused, and judged again at every look.
- A source is only a place: the same version under another name is the same deployment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct

from runtime.bundle.table import Claims, clashes
from runtime.errors import Problem


class Held(Struct, frozen=True):
    """A bundle that is live, in which version, and what it claims."""

    digest: str
    claims: Claims

    @property
    def source(self) -> str:
        """The folder or archive that it came from."""
        return self.claims.source


class Sound(Struct, frozen=True):
    """A source that holds a bundle without mistakes."""

    digest: str
    claims: Claims


class Broken(Struct, frozen=True):
    """A source with mistakes."""

    problems: tuple[Problem, ...]


class Restless(Struct, frozen=True):
    """A source that is being written."""


class Going(Struct, frozen=True):
    """A source that is not there, perhaps for a moment: a bundle that comes elsewhere under its name is its heir."""


Seen = Sound | Broken | Restless | Going


class Plan(Struct, frozen=True):
    """What shall be live, by bundle, and what is left out, by source, with the reasons."""

    live: dict[str, Held]
    refused: dict[str, tuple[Problem, ...]]


class Deploy(Struct, frozen=True):
    """A version becomes live; `replaces` is the digest of the one that was."""

    bundle: str
    held: Held
    replaces: str | None = None


class Move(Struct, frozen=True):
    """A live version is in another source now; nothing else changes."""

    bundle: str
    held: Held


class Remove(Struct, frozen=True):
    """A bundle is live no more."""

    bundle: str
    held: Held


Action = Deploy | Move | Remove


def decide(live: Mapping[str, Held], seen: Mapping[str, Seen]) -> Plan:
    """Judge a look. `live` is by bundle, `seen` by source; a source that is not in `seen` is gone for good."""
    target = {name: held for name, held in live.items() if held.source in seen}
    going = {name for name, held in target.items() if isinstance(seen[held.source], Going)}
    waiting = {source: found for source, found in sorted(seen.items()) if isinstance(found, Sound)}
    refused = {source: found.problems for source, found in seen.items() if isinstance(found, Broken)}
    while waiting:  # each turn settles one source, which may free a name for one before it; or it is the last
        clashing = {source: _clashes(source, found, target, going) for source, found in waiting.items()}
        sound = next((source for source, problems in clashing.items() if not problems), None)
        if sound is None:
            refused |= clashing
            break
        taken = waiting.pop(sound)
        _take(target, sound, taken)
        going.discard(taken.claims.bundle)  # it has its heir, and a second one would claim what the first has
    return Plan(target, refused)


def changes(before: Mapping[str, Held], after: Mapping[str, Held]) -> tuple[Action, ...]:
    """Give the steps from what was live to what shall be, by bundle, those that go first."""
    gone = [Remove(name, before[name]) for name in sorted(before.keys() - after.keys())]
    return (*gone, *(action for name in sorted(after) if (action := _change(name, before.get(name), after[name]))))


def _change(name: str, before: Held | None, after: Held) -> Deploy | Move | None:
    if before is None:
        return Deploy(name, after)
    if before.digest != after.digest:
        return Deploy(name, after, before.digest)
    return Move(name, after) if before.source != after.source else None


def _clashes(source: str, found: Sound, target: Mapping[str, Held], going: Collection[str]) -> tuple[Problem, ...]:
    heir = found.claims.bundle if found.claims.bundle in going else None
    others = (held.claims for name, held in target.items() if held.source != source and name != heir)
    return clashes(found.claims, others)


def _take(target: dict[str, Held], source: str, candidate: Sound) -> None:
    """Let a source hold this bundle and no other."""
    for name in [name for name, held in target.items() if held.source == source]:
        del target[name]
    target[candidate.claims.bundle] = Held(candidate.digest, candidate.claims)
