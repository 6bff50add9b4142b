"""What the fixture service keeps: its contacts, as the vectors assume them, and its folder of invoices."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

CONTACTS = (
    ("17", "Lovelace", "Leeds", 36, True, "1815-12-10T00:00:00.000Z"),
    ("18", "Hopper", "York", 85, True, "1906-12-09T00:00:00.000Z"),
    ("19", "Turing", "Leeds", 41, False, "1912-06-23T00:00:00.000Z"),
    ("20", "Noether", "", None, True, None),
)

_TABLE = """
create table if not exists contacts (
  "Id" text primary key, "Surname" text, "City" text, "Age" numeric, "Active" boolean, "BornOn" text
)
"""


def restore(folder: Path) -> None:
    """Bring the records back to what the vectors assume, also while the daemon runs."""
    invoices = folder / "invoices"
    shutil.rmtree(invoices, ignore_errors=True)
    invoices.mkdir(parents=True)
    (invoices / "first.pdf").write_bytes(b"%PDF-1.7")
    with closing(sqlite3.connect(folder / "contacts.db")) as database, database:
        database.execute(_TABLE)
        database.execute("delete from contacts")
        database.executemany("insert into contacts values (?, ?, ?, ?, ?, ?)", CONTACTS)


def extensions(folder: Path) -> str:
    """Give the text of the file of extensions that names this folder."""
    return f'[conformance]\ndata_folder = "{folder}"\n'
