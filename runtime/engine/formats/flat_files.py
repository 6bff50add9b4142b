"""Flat files by profile, record by record and as a whole (component XML, section 4.3).

A record is told by the values of its identity columns, or by its number of columns; where there is one kind alone,
every line is of it. Records of a kind that belongs to another stand below the last record of that kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from msgspec import Struct

from runtime.engine.formats.delimited import dialect_of, read_lines, write_line
from runtime.engine.formats.positional import read_positions, write_positions
from runtime.engine.formats.rows import Row
from runtime.engine.formats.values import into_map, out_of_map
from runtime.errors import DocumentFault
from runtime.model.platform_profiles import FlatColumn, FlatFileProfile, FlatRecord

_BOM = "\ufeff"


class Record(Struct, frozen=True):
    """One record of a file: its kind, its fields as they are written, in the order of its columns, and its own text."""

    kind: FlatRecord
    fields: list[str]
    text: str


def decode_text(content: bytes) -> str:
    """Give the text of a flat file, without a byte order mark.

    Raises:
        DocumentFault: ``flat-file.not-text``: it is not UTF-8.
    """
    try:
        return content.decode().removeprefix(_BOM)
    except UnicodeDecodeError as error:
        raise DocumentFault("flat-file.not-text", f"the document is not UTF-8: {error}") from error


def kinds_of(profile: FlatFileProfile) -> tuple[FlatRecord, ...]:
    """Give all kinds of records, each before those that belong to it."""
    return tuple(_kinds(profile.records))


def _kinds(records: tuple[FlatRecord, ...]) -> Iterator[FlatRecord]:
    for record in records:
        yield record
        yield from _kinds(record.records)


def read_records(profile: FlatFileProfile, text: str, *, begins: bool = True) -> Iterator[Record]:
    """Give each record of a file; lines of no kind are passed over.

    `begins` off: the text is not the beginning of its file, so that its first line holds no headers.
    """
    kinds = kinds_of(profile)
    skips = profile.headers and begins
    if profile.delimiter is None:
        for kind, fields, line in read_positions(text, kinds, profile.pad):
            if skips:
                skips = False
                continue
            yield Record(kind, fields, line)
        return
    for read in read_lines(text, dialect_of(profile)):
        if skips:
            skips = False
            continue
        kind_of_line = _kind(read.fields, kinds)
        if kind_of_line is not None:
            yield Record(kind_of_line, read.fields, read.text)


def _kind(fields: list[str], kinds: tuple[FlatRecord, ...]) -> FlatRecord | None:
    by_value = (kind for kind in kinds if kind.detect == "uniquevalues" and _identified(fields, kind))
    by_number = (
        kind
        for kind in kinds
        if kind.detect == "numberofcolumns" and (len(kinds) == 1 or len(fields) == len(kind.columns))
    )
    return next(by_value, None) or next(by_number, None)


def _identified(fields: list[str], kind: FlatRecord) -> bool:
    places = [(place, column.identity) for place, column in enumerate(kind.columns) if column.identity is not None]
    return bool(places) and all(place < len(fields) and fields[place].strip() == text for place, text in places)


def flat_reader(profile: FlatFileProfile, keys: Collection[int]) -> Callable[[bytes], Row]:
    """Give the function that reads the elements `keys` of a document.

    The function raises DocumentFault for what is no text, and for a value that is not of its column's format.
    """
    wanted = frozenset(keys)
    columns = {
        kind.key: [
            (place, column.key, into_map(column.format))
            for place, column in enumerate(kind.columns)
            if column.key in wanted
        ]
        for kind in kinds_of(profile)
    }
    parents = _parents(profile.records, None)

    def read(content: bytes) -> Row:
        root = Row()
        last: dict[int, Row] = {}
        for record in read_records(profile, decode_text(content)):
            row = _below(record.kind.key, root, last, parents).open(record.kind.key)
            last[record.kind.key] = row
            for place, key, convert in columns[record.kind.key]:
                if place < len(record.fields):
                    row.values[key] = convert(record.fields[place])
        return root

    return read


def _parents(records: tuple[FlatRecord, ...], above: int | None) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for record in records:
        found[record.key] = above
        found.update(_parents(record.records, record.key))
    return found


def _below(kind: int, root: Row, last: dict[int, Row], parents: Mapping[int, int | None]) -> Row:
    """Give the row that a record of this kind stands in; one that nothing stands before opens an empty one."""
    parent = parents[kind]
    if parent is None:
        return root
    if parent not in last:
        last[parent] = _below(parent, root, last, parents).open(parent)
    return last[parent]


def flat_writer(profile: FlatFileProfile) -> Callable[[Row], bytes]:
    """Give the function that writes a document: headers, then all records of the first kind, and so on.

    A record is followed by those that belong to it. An identity that nothing is mapped to is written by itself. The
    function raises DocumentFault for a value that is not of its column's format.
    """
    write_record = _positioned(profile) if profile.delimiter is None else _delimited(profile)
    headers = _headers(profile)

    def write(row: Row) -> bytes:
        written = "".join(_written(row, profile.records, write_record))
        return f"{headers}{written}".encode() if written else b""

    return write


WriteRecord = Callable[[Row, FlatRecord], str]


def _written(row: Row, records: tuple[FlatRecord, ...], write_record: WriteRecord) -> Iterator[str]:
    for kind in records:
        for record in row.rows.get(kind.key, ()):
            yield write_record(record, kind)
            yield from _written(record, kind.records, write_record)


def _headers(profile: FlatFileProfile) -> str:
    if not profile.headers or not profile.records or profile.delimiter is None:
        return ""
    return write_line([(column.name, True) for column in profile.records[0].columns], dialect_of(profile))


def _values(profile: FlatFileProfile) -> dict[int, Callable[[str], str]]:
    return {column.key: _convert(column) for kind in kinds_of(profile) for column in kind.columns}


def _convert(column: FlatColumn) -> Callable[[str], str]:
    convert = out_of_map(column.format)

    def written(text: str) -> str:
        try:
            return convert(text)
        except DocumentFault as fault:
            raise DocumentFault(fault.code, f"'{column.name}': {fault.message}") from fault

    return written


def _delimited(profile: FlatFileProfile) -> WriteRecord:
    dialect, converts = dialect_of(profile), _values(profile)

    def write(row: Row, kind: FlatRecord) -> str:
        fields: list[tuple[str, bool]] = []
        for column in kind.columns:
            text = row.values.get(column.key)
            written = (column.identity or "") if text is None else converts[column.key](text)
            fields.append((written, column.format.kind == "character"))
        return write_line(fields, dialect)

    return write


def _positioned(profile: FlatFileProfile) -> WriteRecord:
    converts = _values(profile)

    def write(row: Row, kind: FlatRecord) -> str:
        texts = {key: converts[key](text) for key, text in row.values.items() if text is not None and key in converts}
        return write_positions(texts, kind, profile)

    return write
