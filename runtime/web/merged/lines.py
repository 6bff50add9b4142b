"""The newest lines of all workers' process logs, with one numbering: what is followed in one console.

Each worker numbers its own lines. Whoever looks has the new ones of all fetched, and they get numbers as they come.
"""

from __future__ import annotations

from collections import deque

import trio

from runtime.clock import SECONDS
from runtime.engine.recorders import LATEST, Recorders, TailLine
from runtime.errors import RequestError, Unavailable
from runtime.model.record import Line
from runtime.web.admin_records import TailQuery
from runtime.web.api import Endpoint
from runtime.web.merged.desks import Desks
from runtime.web.record_answers import LogLine, Tail

LOOK = 0.2 * SECONDS  # between two looks at the workers while somebody waits for a line


class Lines:
    """The lines; `endpoint` is that of the workers' own tails."""

    def __init__(self, desks: Desks, endpoint: Endpoint, recorders: Recorders) -> None:
        self._desks = desks
        self._endpoint = endpoint
        self._recorders = recorders
        self._cursors: dict[int, int] = {}
        self._latest: deque[TailLine] = deque(maxlen=LATEST)
        self._number = 0
        self._turn = trio.Lock()

    async def tail(self, after: int | None, execution: str | None, patience: float) -> tuple[int, list[TailLine]]:
        """Give the lines after number `after` (see Recorders.tail)."""
        until = trio.current_time() + patience
        await self._fetch()
        seen = self._number if after is None else min(after, self._number)
        while True:
            lines = [each for each in self._latest if each.number > seen and execution in {None, each.execution}]
            if lines or trio.current_time() >= until:
                return self._number, lines
            await trio.sleep(LOOK)
            await self._fetch()

    async def _fetch(self) -> None:
        """Take over what the workers have told since the last time."""
        async with self._turn, trio.open_nursery() as nursery:
            for number in self._desks.numbers:
                nursery.start_soon(self._fetch_one, number, name=f"lines of worker {number}")

    async def _fetch_one(self, number: int) -> None:
        after = self._cursors.get(number)
        if number == self._desks.own:
            self._cursors[number], lines = await self._recorders.tail(after, None, 0.0)
            for each in lines:
                self._add(each.execution, each.line)
            return
        try:
            found: Tail = await self._desks.ask(number, self._endpoint, TailQuery(after=after, wait=0.0))
        except (RequestError, Unavailable):
            self._cursors.pop(number, None)  # it begins to count anew
            return
        self._cursors[number] = found.next
        for line in found.lines:
            self._add(line.execution or "", _line(line))

    def _add(self, execution: str, line: Line) -> None:
        self._number += 1
        self._latest.append(TailLine(self._number, execution, line))


def _line(told: LogLine) -> Line:
    return Line(at=told.at.timestamp(), level=told.level, process=told.process, step=told.step, text=told.text)
