"""How a test names a step: by its label, or ``process/label`` where two processes have one of that label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from runtime.model.process import Process


def addresses(processes: Mapping[str, Process]) -> dict[tuple[str, str], str]:
    """Give the address of each shape, by process and shape id."""
    named = [(process.name, shape.id, shape.name) for process in processes.values() for shape in process.shapes]
    count = Counter(name for _, _, name in named)
    return {(process, identity): name if count[name] == 1 else f"{process}/{name}" for process, identity, name in named}


def spellings(processes: Mapping[str, Process], process: str) -> Iterator[tuple[str, str]]:
    """Give each name by which a test of `process` may call a shape, with its address: its own need no process."""
    known = addresses(processes)
    for address in known.values():
        yield address, address
    for (owner, identity), address in known.items():
        name = processes[owner].shape(identity).name
        yield f"{owner}/{name}", address
        if owner == process:
            yield name, address
