"""The settings of a disk connection."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from runtime.sdk.units import Duration, Size

Folder = Annotated[str, Meta(pattern=r"^/[^\x00]*$", max_length=4_000, description="an absolute path, such as /srv/in")]


class Settings(Struct, frozen=True, kw_only=True):
    """Which files may be touched: those in `folder` and below it, and no others.

    `directory` is where the platform's operations look when a document names no other one: a path in the folder, or an
    absolute one that begins with it.

    The folder itself may be reached through links, as its owner decides; below it no link is followed. `calls` run at
    once, each in a thread, as a disk blocks; `queue` more may wait, `timeout` long. `size_limit` bounds the content of
    one file, which is held in memory where it is read; `entry_limit` the entries that one call may look at, in all
    folders together.
    """

    folder: Folder
    directory: Annotated[str, Meta(max_length=4_000, description="a directory in the folder")] = ""
    calls: Annotated[int, Meta(ge=1, le=64, description="calls at once")] = 4
    queue: Annotated[int, Meta(ge=0, le=10_000, description="calls that may wait")] = 100
    timeout: Duration = "2 min"
    size_limit: Size = "64 MiB"
    entry_limit: Annotated[int, Meta(ge=1, le=1_000_000, description="entries")] = 10_000
