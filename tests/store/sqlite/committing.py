"""A process that commits until it is killed: it prints the id of each execution whose commit it was told of.

Run as ``python -m tests.store.sqlite.committing FOLDER [NOTES]``; some of the executions are brief, and submitted. With
a folder for notes it stands on a disk whose unsynced writes can be taken back when the process has been killed. Each
execution that is committed has a file then.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import trio

from runtime.model.journal import Append
from tests.chaos.disk import install
from tests.store.examples import accept, brief, callback, sqlite, submitted

CALLERS = 8
RECORDS = 3
BRIEF = "brief"  # what the ids of brief executions begin with


async def main(folder: Path, notes: Path | None) -> None:
    """Commit whole executions from several tasks at once."""
    if notes is not None:
        install(notes)
    async with sqlite(folder) as store, trio.open_nursery() as nursery:

        async def commit(caller: int) -> None:
            number = 0
            while True:
                identity = f"ex-{caller}-{number}"
                records = Append(identity, 0, tuple(b"%d" % record for record in range(RECORDS)))
                if notes is not None:
                    async with store.documents.create(identity) as writer:
                        await writer.write(b"content")
                    await store.documents.sync(identity, [writer.name])
                    records = Append(identity, 0, (*records.records, writer.name.encode()))
                await store.journal.commit([accept(identity), records, callback(identity)])
                os.write(sys.stdout.fileno(), f"{identity}\n".encode())
                number += 1

        async def submit(caller: int) -> None:
            number = 0
            while True:
                identity = f"{BRIEF}-{caller}-{number}"
                await submitted(store.journal, brief(identity, token=f"token {identity}"))
                os.write(sys.stdout.fileno(), f"{identity}\n".encode())
                number += 1

        for caller in range(CALLERS):
            nursery.start_soon(commit, caller)
            nursery.start_soon(submit, caller)


if __name__ == "__main__":
    trio.run(main, Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
