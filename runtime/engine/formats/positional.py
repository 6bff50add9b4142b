"""Records whose fields stand at fixed positions (component XML, section 4.3; help text on flat file profiles)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from runtime.engine.formats.delimited import LINE_END
from runtime.model.platform_profiles import FlatColumn, FlatFileProfile, FlatRecord


def width_of(record: FlatRecord) -> int:
    """Give the characters of a record."""
    return max((column.start + column.length for column in record.columns), default=0)


def read_positions(text: str, kinds: Sequence[FlatRecord], pad: str) -> Iterator[tuple[FlatRecord, list[str], str]]:
    """Give each record: its kind, its fields, and its text.

    A file with line ends has a record a line; in one without, a record is as long as its kind. What is of no kind is
    passed over.
    """
    if "\n" in text or "\r" in text:
        for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
            kind = next((one for one in kinds if _is_of(line, one, pad, kinds)), None) if line.strip() else None
            if kind is not None:
                yield kind, fields_of(line, kind, pad), line
        return
    at = 0
    while at < len(text):
        kind = next(
            (one for one in kinds if width_of(one) and _is_of(text[at : at + width_of(one)], one, pad, kinds)), None
        )
        if kind is None:
            at += 1
            continue
        piece = text[at : at + width_of(kind)]
        yield kind, fields_of(piece, kind, pad), piece
        at += width_of(kind)


def fields_of(line: str, kind: FlatRecord, pad: str) -> list[str]:
    """Give the fields of a record, without what fills them up."""
    return [_field(line, column, pad) for column in kind.columns]


def _field(line: str, column: FlatColumn, pad: str) -> str:
    text = line[column.start : column.start + column.length].strip(" ")
    if not pad.strip():
        return text
    bare = text.rstrip(pad) if column.justify == "left" else text.lstrip(pad)
    return bare or text[-1:]  # a field that is full of zeros is a zero


def _is_of(line: str, kind: FlatRecord, pad: str, kinds: Sequence[FlatRecord]) -> bool:
    identities = [column for column in kind.columns if column.identity is not None]
    if kind.detect == "uniquevalues" and identities:
        return all(_field(line, column, pad) == column.identity for column in identities)
    return len(kinds) == 1 or len(line) == width_of(kind)


def write_positions(values: Mapping[int, str], kind: FlatRecord, profile: FlatFileProfile) -> str:
    """Write one record; a value that is too long is cut."""
    pad = profile.pad or " "
    line = [" "] * width_of(kind)
    for column in kind.columns:
        text = values.get(column.key, column.identity or "")[: column.length]
        filled = text.ljust(column.length, pad) if column.justify == "left" else text.rjust(column.length, pad)
        line[column.start : column.start + column.length] = filled
    return "".join(line) + (LINE_END if profile.line_ends else "")
