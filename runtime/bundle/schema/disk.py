"""A listener for files as a schema."""

from __future__ import annotations

from runtime.bundle.schema.words import Schema, flag, ref, table, whole, words
from runtime.model.file_listener import MOST_FILES, USUAL_FILES, USUAL_PAUSE, Afterwards, Matching


def file_listener() -> Schema:
    """Give the schema of a start that listens for files."""
    return table(
        "File listener",
        {
            "listen": {"const": "disk", "description": "Files of a folder."},
            "connection": ref("text", "A connection of the connector disk."),
            "folder": ref("text", "The folder that is looked into, below the connection's own."),
            "files": ref("text", "Names of the files that are taken; all if nothing is said."),
            "matching": words(Matching, "How names are told.", default="wildcard"),
            "every": ref("duration", f"The time between two looks; {USUAL_PAUSE:g} s if nothing is said."),
            "then": words(Afterwards, "What becomes of a file whose execution has begun."),
            "move to": ref("text", "The folder that files are moved to, below the connection's own."),
            "at once": whole(1, MOST_FILES, f"Files taken at one look; {USUAL_FILES} if nothing is said."),
            "initial": flag("Whether files are taken that are there before the first look.", default=True),
            "created": flag("Whether files are taken that come.", default=True),
            "changed": flag("Whether files that are kept are taken again when they have changed.", default=False),
        },
        ("listen", "connection", "then"),
    )
