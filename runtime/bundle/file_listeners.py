"""`start: { listen: disk, … }`: a folder of a disk connection, whose files begin executions.

start:
  listen: disk
  connection: inbox                  # connections/inbox.yaml, of the connector disk
  folder: orders                     # below the connection's folder
  files: "*.csv"
  then: move                         # or delete, or keep
  move to: done
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runtime.bundle.known import find
from runtime.model.file_listener import (
    LONGEST_PAUSE,
    MOST_FILES,
    SHORTEST_PAUSE,
    USUAL_FILES,
    USUAL_PAUSE,
    Afterwards,
    FileListener,
    Matching,
)

if TYPE_CHECKING:
    from runtime.bundle.keys import Keys
    from runtime.bundle.known import Known

DISK = "disk"


def read_file_listener(keys: Keys, known: Known) -> FileListener:
    """Read the keys of a listener; what is wrong is among the findings."""
    name = keys.scalar("connection", required=True)
    folder, files = _folder(keys, "folder"), keys.text("files")
    matching: Matching = keys.choice("matching", Matching, FileListener(connection="").matching)
    pause, most = keys.duration("every"), keys.whole("at once", least=1, most=MOST_FILES)
    if not keys.has("then"):
        hint = "add 'then: move', 'then: delete' or 'then: keep'"
        keys.findings.add("missing-key", "a listener for files says what becomes of them", keys.place, hint)
    afterwards: Afterwards = keys.choice("then", Afterwards, "keep")
    moved_to = _folder(keys, "move to")
    initial, created = keys.flag("initial", default=True), keys.flag("created", default=True)
    changed = keys.flag("changed")
    keys.done()
    connection = find(name, "connection", known.connections, keys.findings)
    if name is not None and connection is not None and connection.connector != DISK:
        message = f"'{name.text}' is a connection of '{connection.connector}', and files are looked for on a disk"
        keys.findings.add("listener", message, name.place, "name a connection with 'connector: disk'")
    if pause is not None and not SHORTEST_PAUSE <= pause <= LONGEST_PAUSE:
        message = f"'every' is from {SHORTEST_PAUSE:g} s to {LONGEST_PAUSE / 3600:g} h"
        keys.findings.add("wrong-type", message, keys.place_of("every"), f"it is {USUAL_PAUSE:g} s if nothing is said")
    _check_afterwards(keys, afterwards, folder, moved_to)
    if changed and afterwards != "keep":
        message = "a file that does not stay does not change"
        keys.findings.add("listener", message, keys.place_of("changed"), "remove it, or write 'then: keep'")
    if matching == "regex" and not is_regular(files or ""):
        keys.findings.add("wrong-type", f"'{files}' is no regular expression", keys.place_of("files"))
    return FileListener(
        connection=name.text if name is not None else "",
        folder=folder,
        files=files or "*",
        matching=matching if files else "wildcard",
        pause=pause or USUAL_PAUSE,
        afterwards=afterwards,
        moved_to=moved_to,
        most=most or USUAL_FILES,
        initial=initial,
        created=created,
        changed=changed,
    )


def _check_afterwards(keys: Keys, afterwards: Afterwards, folder: str, moved_to: str) -> None:
    if afterwards == "move" and not moved_to:
        keys.findings.add("missing-key", "where files are moved to is not said", keys.place, "add 'move to: done'")
    elif afterwards == "move" and moved_to == folder:
        message = "files that stay in their folder would be taken again"
        keys.findings.add("listener", message, keys.place_of("move to"), "name another folder")
    elif afterwards != "move" and keys.has("move to"):
        message = f"nothing is moved with 'then: {afterwards}'"
        keys.findings.add("listener", message, keys.place_of("move to"), "write 'then: move'")


def _folder(keys: Keys, key: str) -> str:
    text = (keys.text(key) or "").strip("/")
    if text and any(name in {"", ".", ".."} for name in text.split("/")):
        message = f"'{key}' is a folder below the connection's, and does not climb"
        keys.findings.add("wrong-type", message, keys.place_of(key))
    return text


def is_regular(pattern: str) -> bool:
    """Tell whether a text is a regular expression."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
