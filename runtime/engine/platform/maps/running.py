"""What a map knows and changes while it runs for one document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from msgspec.structs import replace

from runtime.clock import Clock
from runtime.engine.platform.calling import Called
from runtime.engine.platform.maps.outside import Outside
from runtime.engine.platform.properties import meta_key, meta_set
from runtime.engine.scripts.workers import Borrowed
from runtime.expressions import Scope
from runtime.model.document import Document
from runtime.model.parameters import PropertyName
from runtime.sdk.effect import Effect
from runtime.sdk.script import ScriptContext

State = TypeVar("State")

Values = Mapping[int, "str | None"]  # by port; None: nothing came, which is not an empty text


Key = tuple[int, object]  # a function and its inputs

MOST_KEPT = 4 * 1024 * 1024  # characters of inputs and results: beyond it all are forgotten, and computed again


class Results:
    """What functions gave for equal inputs."""

    def __init__(self) -> None:
        self._results: dict[Key, Values] = {}
        self._size = 0

    def get(self, key: Key) -> Values | None:
        """Give what is kept."""
        return self._results.get(key)

    def keep(self, key: Key, made: Values) -> None:
        """Keep what a function gave."""
        size = _EACH + len(str(key[1])) + sum(len(text or "") for text in made.values())
        if self._size + size > MOST_KEPT:
            self.clear()
        if size <= MOST_KEPT:
            self._results[key] = made
            self._size += size

    def clear(self) -> None:
        """Forget all."""
        self._results.clear()
        self._size = 0


_EACH = 200  # characters that an entry costs besides its own


class Memory:
    """What is kept for all documents of one step: results of functions whose cache says so."""

    def __init__(self) -> None:
        self.results = Results()


class Running:
    """One map over one document.

    `given` is the document as it entered the map, `scope` what expressions see of it. `scripts` is the process in which
    scripts run; without one they run here. Changes of the execution's
    properties stay here until the map has ended: `changes` in the order in which they were made, `kept` those that
    outlive the execution. `properties` and `meta` are those of the document that is made now.
    """

    def __init__(
        self,
        given: Document,
        process: Mapping[str, str],
        execution: Mapping[str, object],
        *,
        clock: Clock,
        outside: Outside,
        memory: Memory,
        scope: Scope,
        scripts: Borrowed | None = None,
    ) -> None:
        self.given = given
        self.scripts = scripts
        self.scope = scope
        self.clock = clock
        self.outside = outside
        self.memory = memory
        self.results = Results()
        self.facade = ScriptContext(process, execution)
        self._execution = execution
        self.kept: set[str] = set()
        self.properties = given.properties
        self.meta = given.meta
        self.numbers: Counter[str] = Counter()
        self._calls: Counter[Called] = Counter()
        self.lines: list[tuple[str, str]] = []
        self.collecting = False
        self._states: dict[object, object] = {}
        self._collected: dict[object, object] = {}

    @property
    def changes(self) -> Mapping[str, str]:
        """The properties of the execution that were set."""
        return self.facade.process.changes

    def called(self, request: Called) -> Called:
        """Give a call as it is told from others of this map: what may change something happens as often as asked."""
        if request.effect is Effect.PURE:
            return request
        nth = self._calls[request]
        self._calls[request] += 1
        return replace(request, nth=nth)

    def process_property(self, name: str) -> str | None:
        """Give a property of the execution, as it is now."""
        return self.facade.process.get(name)

    def set_process_property(self, name: str, value: str, *, keep: bool = False) -> None:
        """Set a property of the execution."""
        self.facade.process[name] = value
        if keep:
            self.kept.add(name)

    def document_property(self, name: PropertyName) -> str | None:
        """Give a property of the document as it entered the map; None where it was never set."""
        if name.scope == "dynamicdocument":
            return self.given.properties.get(name.name)
        key = meta_key(name)
        if key == "size":
            return str(self.given.size)
        return self.given.meta.get(key)

    def set_document_property(self, name: PropertyName, value: str) -> None:
        """Set a property of the document that is made now."""
        if name.scope == "dynamicdocument":
            self.properties = {**self.properties, name.name: value}
        else:
            self.meta = {**self.meta, **meta_set(name, value)}

    def begin_document(self) -> None:
        """Begin another document: it has the properties of the one that entered."""
        self.properties, self.meta = self.given.properties, self.given.meta

    def state(self, owner: object, kind: type[State], *, collected: bool = False) -> State:
        """Give what a function keeps from one row to the next, made when it is asked for first.

        `collected`: it is what a rehearsal is for, and outlives it.
        """
        states = self._collected if collected else self._states
        found = states.get(owner)
        if not isinstance(found, kind):
            found = kind()
            states[owner] = found
        return found

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Go through all rows from the first on, before their turn: what is set, counted and kept is taken back."""
        before = self.facade, set(self.kept), self.properties, self.meta, self.numbers, self.results, self._states
        lines = len(self.lines)
        self.facade = ScriptContext(self.facade.process, self._execution)
        self.numbers, self.results, self._states = Counter(), Results(), {}
        try:
            yield
        finally:
            self.facade, self.kept, self.properties, self.meta, self.numbers, self.results, self._states = before
            del self.lines[lines:]

    @contextmanager
    def collection(self) -> Iterator[None]:
        """Let a function collect: it takes a row in, and gives nothing for it."""
        self.collecting = True
        try:
            yield
        finally:
            self.collecting = False
