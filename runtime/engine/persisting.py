"""What an execution keeps for others: process properties, counters, and when it ran (reference 1.25, 2.3, 2.7).

Kept properties are read once, when the execution is accepted, and travel with its start: one that goes on after a crash
sees what it saw. A property is kept in the same transaction as the record of the step that keeps it. Numbers of a
counter are taken in blocks before a step runs; they are gone whatever becomes of the run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from runtime.errors import ProcessFault, StoreError
from runtime.model.journal import Operation, Status
from runtime.model.persisted import LAST_RUN, LAST_SUCCESSFUL_RUN, Persist, Persisted
from runtime.store.protocols import Journal

DEFINED = "definedprocess."  # how names of values of property components begin among the process properties

Kept = dict[str, dict[str, Persisted]]
"""What each process had kept when the execution began, by process and name."""


class Keeping:
    """The kept properties of one execution: those it began with, and those that its running step keeps."""

    def __init__(self, bundle: str, execution: str, kept: Kept) -> None:
        self.kept = kept
        self._bundle = bundle
        self._execution = execution
        self._keeping: dict[tuple[str, str], Persist] = {}

    def copy(self) -> Keeping:
        """Give one for a fiber: it began with the same, and its own step keeps what it keeps."""
        return Keeping(self._bundle, self._execution, self.kept)

    def begun(self, process: str, name: str) -> str | None:
        """Give what a process had kept when the execution began."""
        found = self.kept.get(process, {}).get(name)
        return None if found is None else found.value

    def keep(self, process: str, name: str, value: str, *, strict: bool) -> None:
        """Keep a value when the step has run; `strict`: only over the one that the execution began with."""
        found = self.kept.get(process, {}).get(name)
        over = (found.writer if found is not None else "") if strict else None
        self._keeping[process, name] = Persist(
            bundle=self._bundle, process=process, name=name, value=value, writer=self._execution, over=over
        )

    def take(self) -> tuple[Persist, ...]:
        """Give what is to be kept since the last call."""
        taken, self._keeping = tuple(self._keeping.values()), {}
        return taken


class Numbers:
    """Numbers of counters that were taken for an execution and not used yet."""

    def __init__(self) -> None:
        self._numbers: dict[str, deque[int]] = {}

    async def reserve(self, journal: Journal, wanted: Mapping[str, int]) -> None:
        """Take as many numbers as lack.

        Raises:
            ProcessFault: the counter has no more.
            StoreError: the disk refuses.
        """
        for counter, count in wanted.items():
            numbers = self._numbers.setdefault(counter, deque())
            lacking = count - len(numbers)
            if lacking > 0:
                numbers.extend(await _taken(journal, counter, lacking))

    def left(self, counter: str) -> int:
        """Give how many numbers of a counter are taken and not used."""
        return len(self._numbers.get(counter, ()))

    def next(self, counter: str) -> int:
        """Give the next number.

        Raises:
            ProcessFault: none was taken beforehand.
        """
        numbers = self._numbers.get(counter)
        if not numbers:
            raise ProcessFault("counter.none", f"no number of the counter '{counter}' was taken for this step")
        return numbers.popleft()


async def _taken(journal: Journal, counter: str, count: int) -> range:
    try:
        first = await journal.take_numbers(counter, count)
    except StoreError as error:
        if error.code != "store.counter-full":
            raise
        raise ProcessFault("counter.full", error.message, hint=error.hint) from error
    return range(first, first + count)


async def kept_of(journal: Journal, bundle: str, processes: Iterable[str]) -> Kept:
    """Give what these processes have kept."""
    found = {process: await journal.persisted(bundle, process) for process in processes}
    return {process: values for process, values in found.items() if values}


def first_properties(
    first: Mapping[str, str], kept: Mapping[str, Persisted], given: Mapping[str, str]
) -> dict[str, str]:
    """Give the properties that an execution starts with.

    What the caller gives wins over all. A kept value wins over that of an extension, but for the values of property
    components, where an extension that the machine fills wins (behaviours 41, 42).
    """
    plain = {name: value for name, value in first.items() if not name.startswith(DEFINED)}
    defined = {name: value for name, value in first.items() if name.startswith(DEFINED) and value}
    return {**plain, **{name: value.value for name, value in kept.items()}, **defined, **given}


def run_dates(bundle: str, process: str, execution: str, started_at: float, status: Status) -> list[Operation]:
    """Give the operations that note when a process has run."""
    when = datetime.fromtimestamp(started_at, UTC).isoformat(timespec="milliseconds")
    names = (LAST_RUN, LAST_SUCCESSFUL_RUN) if status is Status.COMPLETE else (LAST_RUN,)
    return [Persist(bundle=bundle, process=process, name=name, value=when, writer=execution) for name in names]
