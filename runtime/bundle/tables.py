"""tables/*.csv: reference data that maps look things up in. The first line names the columns."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from runtime.errors import Place
from runtime.model.bundle import LookupTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.findings import Findings

FOLDER = "tables/"
MOST_ROWS = 100_000  # a table is kept in memory, once for each map function that reads it
MOST_COLUMNS = 100
_ENDING = ".csv"


def read_tables(contents: Mapping[str, bytes], findings: Findings) -> dict[str, LookupTable | None]:
    """Read every table of a bundle, given all its files. A table is called after its file: `rates`, `old/rates`."""
    tables: dict[str, LookupTable | None] = {}
    for file in sorted(path for path in contents if path.startswith(FOLDER) and not path.endswith("README.md")):
        if file.endswith(_ENDING):
            name = file.removeprefix(FOLDER).removesuffix(_ENDING)
            tables[name] = _read(name, file, contents[file], findings)
        else:
            findings.add("unknown-file", f"'tables' holds {_ENDING} files", Place(file=file), "export it as CSV")
    return tables


def _read(name: str, file: str, content: bytes, findings: Findings) -> LookupTable | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        place = Place(file=file, line=line, column=1)
        findings.add("not-text", "the file is not UTF-8", place, "save it as UTF-8")
        return None
    before = len(findings)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[str, ...]] = []
    columns: tuple[str, ...] | None = None
    try:
        for row in reader:
            place = Place(file=file, line=reader.line_num, column=1)
            if columns is None:
                columns = _header(row, place, findings)
                if columns is None:
                    return None
            elif row:
                _check_row(len(row), len(columns), len(rows), place, findings)
                rows.append(tuple(row))
            if len(findings) > before:  # one mistake is often every line's
                return None
    except csv.Error as error:
        place = Place(file=file, line=reader.line_num, column=1)
        findings.add("table", str(error), place, 'a cell with a comma or a line end stands in "…"')
        return None
    if columns is None:
        findings.add("missing-value", "the file is empty", Place(file=file, line=1, column=1), "fill or delete it")
        return None
    return LookupTable(name=name, columns=columns, rows=tuple(rows))


def _header(row: list[str], place: Place, findings: Findings) -> tuple[str, ...] | None:
    names = tuple(name.strip() for name in row)
    if not all(names):
        findings.add("table", "a column has no name", place, "the first line names the columns")
    elif len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        findings.add("table", f"two columns are called '{twice}'", place, "give each a name of its own")
    elif len(names) > MOST_COLUMNS:
        findings.add("table", f"a table has at most {MOST_COLUMNS} columns, not {len(names)}", place)
    else:
        return names
    return None


def _check_row(cells: int, columns: int, rows: int, place: Place, findings: Findings) -> None:
    if cells != columns:
        message = f"this line has {cells} cells, and there are {columns} columns"
        findings.add("table", message, place, 'a cell with a comma in it stands in "…"')
    elif rows >= MOST_ROWS:
        findings.add("table", f"a table has at most {MOST_ROWS} rows", place, "keep larger data in a database")
