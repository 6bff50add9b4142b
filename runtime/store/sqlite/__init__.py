"""The embedded store: one SQLite file in WAL mode, one writer that commits in groups, sealed files beside it."""

from runtime.store.sqlite.opening import JOURNAL as JOURNAL
from runtime.store.sqlite.opening import note_tokens as note_tokens
from runtime.store.sqlite.opening import open_sqlite as open_sqlite
