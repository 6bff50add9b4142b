"""The part of the admin API about what outlives executions: kept process properties, and counters.

What a person sets is written down with who did it; the value is not, for it may be confidential.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from runtime.clock import Clock
from runtime.errors import RequestError
from runtime.model.journal import Audit
from runtime.model.persisted import LARGEST_COUNT, Persist, Persisted, Unpersist
from runtime.store.protocols import Journal
from runtime.web import kept_answers as answers
from runtime.web.admin_api import Deployed, Limit
from runtime.web.admin_work import Who
from runtime.web.api import Endpoint, Parameters

LONGEST = 1_000_000  # characters of a value that a person sets: more than any process keeps, little beside a batch


class Shelf(Struct, frozen=True, kw_only=True):
    """Where the answers come from."""

    journal: Journal
    deployed: Deployed
    clock: Clock


class PropertiesQuery(Parameters, frozen=True, kw_only=True):
    """Chooses kept properties; their values, which may be confidential, are told where they are asked for."""

    bundle: str | None = None
    process: str | None = None
    values: bool = False
    limit: Limit = 100


class Named(Parameters, frozen=True, kw_only=True):
    """Names one kept property."""

    bundle: str
    process: str
    name: Annotated[str, Meta(min_length=1, max_length=1_000)]
    who: Who


class SetProperty(Named, frozen=True, kw_only=True):
    """Keeps a value for the next runs of a process; what runs already goes on with what it began with."""

    value: Annotated[str, Meta(max_length=LONGEST)]


class SetCounter(Parameters, frozen=True, kw_only=True):
    """Sets the number that a counter gives next."""

    counter: Annotated[str, Meta(min_length=1, max_length=1_000)]
    next: Annotated[int, Meta(ge=1, le=LARGEST_COUNT)]
    who: Who


def kept_rows(shelf: Shelf) -> tuple[Endpoint, ...]:
    """Give the endpoints."""
    keeper = _Keeper(shelf)
    return (
        Endpoint(
            path="/api/properties",
            summary="Process properties that were kept for the next run",
            parameters=PropertiesQuery,
            answer=answers.KeptProperties,
            handle=keeper.properties,
        ),
        Endpoint(
            path="/api/properties/set",
            summary="Keep a value for the next runs of a process",
            method="POST",
            parameters=SetProperty,
            answer=answers.KeptProperties,
            handle=keeper.set_property,
        ),
        Endpoint(
            path="/api/properties/forget",
            summary="Keep a value no longer: the next run begins as if none had been kept",
            method="POST",
            parameters=Named,
            answer=answers.KeptProperties,
            handle=keeper.forget,
        ),
        Endpoint(
            path="/api/counters",
            summary="Counters, and the number that each gives next",
            answer=answers.Counters,
            handle=keeper.counters,
        ),
        Endpoint(
            path="/api/counters/set",
            summary="Set the number that a counter gives next",
            method="POST",
            parameters=SetCounter,
            answer=answers.Counters,
            handle=keeper.set_counter,
        ),
    )


class _Keeper:
    """Answers, and carries orders out."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._journal = shelf.journal

    async def properties(self, query: PropertiesQuery) -> answers.KeptProperties:
        found: list[answers.KeptProperty] = []
        for bundle, process in await self._journal.keepers():
            if query.bundle in {None, bundle} and query.process in {None, process}:
                kept = await self._journal.persisted(bundle, process)
                found += [_told(bundle, process, name, kept[name], values=query.values) for name in sorted(kept)]
            if len(found) >= query.limit:
                break
        return answers.KeptProperties(properties=tuple(found[: query.limit]))

    async def set_property(self, order: SetProperty) -> answers.KeptProperties:
        key = (order.bundle, order.process)
        deployment = self._shelf.deployed.table.deployments.get(order.bundle)
        known = deployment is not None and order.process in deployment.processes
        if not known and key not in await self._journal.keepers():
            raise RequestError(
                "web.unknown-process",
                f"There is no process '{order.process}' in a bundle '{order.bundle}'",
                status=404,
                hint="nuclide deployments",
            )
        kept = Persist(bundle=order.bundle, process=order.process, name=order.name, value=order.value)
        await self._journal.commit([kept, self._audit(order.who, "property set", _which(order))])
        told = _told(*key, order.name, Persisted(order.value), values=False)
        return answers.KeptProperties(properties=(told,))

    async def forget(self, order: Named) -> answers.KeptProperties:
        kept = (await self._journal.persisted(order.bundle, order.process)).get(order.name)
        if kept is None:
            raise RequestError("web.unknown-property", f"Nothing is kept as {_which(order)}", status=404)
        forgotten = Unpersist(order.bundle, order.process, order.name)
        await self._journal.commit([forgotten, self._audit(order.who, "property forgotten", _which(order))])
        told = _told(order.bundle, order.process, order.name, kept, values=False)
        return answers.KeptProperties(properties=(told,))

    async def counters(self, _: Parameters) -> answers.Counters:
        found = await self._journal.counters()
        return answers.Counters(counters=tuple(answers.Counter(counter=name, next=found[name]) for name in found))

    async def set_counter(self, order: SetCounter) -> answers.Counters:
        await self._journal.commit([self._audit(order.who, "counter set", f"{order.counter} to {order.next}")])
        await self._journal.set_counter(order.counter, order.next)
        return answers.Counters(counters=(answers.Counter(counter=order.counter, next=order.next),))

    def _audit(self, who: str, what: str, detail: str) -> Audit:
        return Audit(at=self._shelf.clock.now(), who=who, what=what, execution="", detail=detail)


def _which(order: Named) -> str:
    return f"'{order.name}' of '{order.process}' in '{order.bundle}'"


def _told(bundle: str, process: str, name: str, kept: Persisted, *, values: bool) -> answers.KeptProperty:
    return answers.KeptProperty(
        bundle=bundle,
        process=process,
        name=name,
        characters=len(kept.value),
        value=kept.value if values else None,
        execution=kept.writer or None,
    )
