"""What a map needs from outside while it runs, as plain requests that are answered between two runs.

A map is a plain function of its document. Where it needs what nobody has fetched yet, it goes on as if there were
nothing; whoever runs it fetches what was `missing`, and runs it for that document again, from its beginning. What a map
changes is taken over only when nothing was missing, so that running it twice does nothing twice.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

from msgspec import Struct

from runtime.engine.platform.calling import Called

MOST_ANSWERS = 1_000  # answers kept for later documents; beyond it all are forgotten


class CachedDocuments(Struct, frozen=True):
    """The contents of the documents of a cache that have a key in an index."""

    cache: str
    index: int
    key: tuple[str, ...]


class NextNumber(Struct, frozen=True):
    """The next number of a persistent counter; so many are taken at once, and those left are for this execution."""

    counter: str
    batch: int = 1


Request = CachedDocuments | NextNumber | Called
Answer = Sequence[bytes]


class Outside:
    """What was fetched for the maps of one step. Numbers are used up document by document."""

    def __init__(self) -> None:
        self.missing: Counter[Request] = Counter()
        self._answers: dict[Request, Answer] = {}
        self._numbers: dict[str, deque[int]] = {}

    def answer(self, request: CachedDocuments | Called) -> Answer:
        """Give what was fetched; nothing where it is missing."""
        found = self._answers.get(request)
        if found is None:
            self.missing[request] = 1
            return ()
        return found

    def number(self, request: NextNumber, place: int) -> int:
        """Give the number at a place, from 0, among those that this document uses; 0 where it is missing."""
        numbers = self._numbers.get(request.counter, ())
        if place >= len(numbers):
            others = sum(
                count
                for one, count in self.missing.items()
                if isinstance(one, NextNumber) and one.counter == request.counter and one != request
            )
            self.missing[request] = max(self.missing[request], place + 1 - len(numbers) - others)
            return 0
        return numbers[place]

    def fetched(self, request: Request, answer: Answer) -> None:
        """Take an answer."""
        self._answers[request] = answer

    def taken(self, counter: str, number: int) -> None:
        """Take a number of a counter."""
        self._numbers.setdefault(counter, deque()).append(number)

    def used(self, numbers: Counter[str]) -> None:
        """Forget numbers that a document has used, what was called for it, and answers where there are many."""
        for request in [one for one in self._answers if isinstance(one, Called)]:
            del self._answers[request]
        for counter, count in numbers.items():
            for _ in range(count):
                self._numbers[counter].popleft()
        if len(self._answers) > MOST_ANSWERS:
            self._answers.clear()
