"""Documents decoded into Structs, where their profile is known: half the time of dicts, and nothing to collect.

A Struct has all fields of its profile, and no other: what it does not know would be skipped unread, and a document with
something odd in it has to fail as it does elsewhere. Values are what they are in a dict, whatever the profile says of
their kind. A part that is used as a whole, and not field by field, stays a dict. A document of any other form is for
the function that reads dicts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from runtime.engine.mapping.occurrences import NOTHING
from runtime.expressions.code import Code
from runtime.expressions.json_values import USUAL_NUMBERS
from runtime.model.profile import Entry, Profile

Path = tuple[str, ...]
Whole = frozenset[tuple[str, Path]]  # parts that stay dicts: names of profiles, with keys from the root


class Record:
    """An object as a Struct: the attribute of each member, and what that holds if it is a Struct or a list of them."""

    def __init__(self, profile: str, path: Path, members: dict[str, tuple[str, Record | Rows | None]]) -> None:
        self.place = (profile, path)
        self.members = members
        fields = [(name, _type_of(part), NOTHING) for name, part in members.values()]
        renamed = {name: key for key, (name, _) in members.items()}
        self.type: type[Any] = msgspec.defstruct(
            "Record", fields, rename=renamed, forbid_unknown_fields=True, gc=False, frozen=True
        )


class Rows:
    """A list of objects; null stands for none."""

    def __init__(self, row: Record) -> None:
        self.row = row
        self.place = row.place


def _type_of(part: Record | Rows | None) -> Any:  # noqa: ANN401 - a type, built at run time
    match part:
        case Record(type=made):
            return made | None
        case Rows(row=row):
            return list[row.type | None] | None  # type: ignore[name-defined]
        case _:
            return Any


def record_of(profile: Profile, whole: Whole) -> Record | None:
    """Give the Struct of a profile; None where it would be used as a whole."""
    return None if (profile.name, ()) in whole else _record(profile.name, (), profile.entries, whole)


def reader_of(record: Record) -> Callable[[bytes], object]:
    """Give what reads a document into a Struct; it raises ValueError, or ArithmeticError, for any other."""
    return msgspec.json.Decoder(record.type, float_hook=USUAL_NUMBERS.create_decimal).decode


def _record(profile: str, path: Path, entries: Iterable[Entry], whole: Whole) -> Record:
    members: dict[str, tuple[str, Record | Rows | None]] = {}
    for number, entry in enumerate(entries):
        below = (*path, entry.name)
        part: Record | Rows | None = None
        if entry.kind in {"object", "list"} and entry.entries and (profile, below) not in whole:
            row = _record(profile, below, entry.entries, whole)
            part = Rows(row) if entry.kind == "list" else row
        members[entry.name] = (f"m{number}", part)
    return Record(profile, path, members)


class Typed:
    """The Structs of one function: which variable holds which. With `whole` None there are none."""

    def __init__(self, code: Code, whole: Whole | None) -> None:
        self._code = code
        self._whole = whole
        self._records: dict[str, Record | None] = {}
        self._names: dict[Record, str] = {}
        self.parts: dict[str, Record | Rows] = {}

    def record(self, profile: Profile) -> Record | None:
        """Give the Struct of a profile, if its documents become Structs."""
        if self._whole is None or not profile.entries:
            return None
        if profile.name not in self._records:
            self._records[profile.name] = record_of(profile, self._whole)
        return self._records[profile.name]

    def reader(self, record: Record) -> str:
        """Give the name of what reads a Struct."""
        return self._code.name("read", reader_of(record))

    def note(self, variable: str, part: Record | Rows) -> str:
        """Note what a variable holds, or NOTHING, or null; give the variable."""
        self.parts[variable] = part
        return variable

    def part(self, variable: str) -> Record | Rows | None:
        """Give what a variable holds."""
        return self.parts.get(variable)

    def is_record(self, variable: str, record: Record) -> str:
        """Give the condition that a variable holds a Struct indeed."""
        name = self._names.get(record)
        if name is None:
            name = self._names[record] = self._code.name("S", record.type)
        return f"type({variable}) is {name}"

    def member(self, variable: str, record: Record, key: str) -> str:
        """Give the variable of a member; it holds NOTHING where there is none."""
        name, part = record.members.get(key, (None, None))
        if name is None:
            return "NOTHING"
        made = self._code.read(f"{variable}.{name} if {self.is_record(variable, record)} else NOTHING")
        return made if part is None else self.note(made, part)

    def whole(self) -> Whole:
        """Give the parts that are used as a whole, which must be dicts."""
        return frozenset(used_as_a_whole(self._code.text, self.parts))


def used_as_a_whole(text: str, parts: dict[str, Record | Rows]) -> Iterator[tuple[str, Path]]:
    """Give the parts whose variables stand in the lines of a function where no member of theirs is read."""
    for variable, part in parts.items():
        fields = (
            rf"\b{variable}\.m\d+\b|type\({variable}\) is \w+|^ *{variable} = |^ *for {variable} in "
            rf"|\[\] if {variable} is NOTHING or {variable} is None else {variable}$"
        )
        if re.search(rf"\b{variable}\b", re.sub(fields, "", text, flags=re.MULTILINE)) is not None:
            yield part.place
