"""A listener for files: a folder of a disk connection is looked at, and each file in it begins an execution."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Matching = Literal["exact", "wildcard", "regex"]
Afterwards = Literal["keep", "delete", "move"]

USUAL_PAUSE = 10.0  # seconds between two looks: the platform's own
SHORTEST_PAUSE = 1.0  # seconds: a look costs a thread and the reading of a folder
LONGEST_PAUSE = 86_400.0  # seconds: what is looked for once a day has a schedule
USUAL_FILES = 100  # taken at one look: as many executions as begin at once without others waiting long
MOST_FILES = 1_000  # taken at one look: each may hold the connection's largest file in memory


class FileListener(Struct, frozen=True, kw_only=True, tag="disk"):
    """Looks into `folder` of `connection`, below the connection's own, every `pause` seconds.

    A file whose name fits `files`, as `matching` says, begins one execution with its content as the document, once it
    has not changed between two looks; at most `most` do at one look, the oldest first. `afterwards` says what becomes
    of the file when its execution is in the journal: with ``move`` it goes into the folder `moved_to`.

    `initial` takes the files that are there before the first look of all, `created` those that come, `changed` those
    that were taken, were kept and have changed since.
    """

    connection: str
    folder: str = ""
    files: str = "*"
    matching: Matching = "wildcard"
    pause: float = USUAL_PAUSE
    afterwards: Afterwards = "keep"
    moved_to: str = ""
    most: int = USUAL_FILES
    initial: bool = True
    created: bool = True
    changed: bool = False
