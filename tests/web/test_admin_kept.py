"""The laws of the admin API about what outlives executions."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from runtime.bundle.read import read_bundle
from runtime.engine.deployment import deployed
from runtime.engine.table import Table, table_of
from runtime.errors import BundleError
from runtime.model.persisted import Persist, Persisted
from runtime.plugins import installed_connectors
from runtime.store.memory import MemoryJournal, MemoryStore
from runtime.web import kept_answers as answers
from runtime.web.admin_answers import ProblemDetails
from runtime.web.admin_kept import Shelf, kept_rows
from runtime.web.api import Api
from runtime.web.front import Front, Route
from tests.store.examples import FixedClock
from tests.web.caller import Caller, calling
from tests.web.house import running

GREETING = Path(__file__).parents[2] / "processes" / "greeting"
T = TypeVar("T")


class Source:
    """What is deployed."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.refused: dict[str, BundleError] = {}


class Asking:
    """The endpoints under test, and one caller of them."""

    def __init__(self, journal: MemoryJournal, caller: Caller) -> None:
        self.journal = journal
        self._caller = caller

    async def get(self, path: str, answer: type[T]) -> T:
        """Ask for a path below ``/api/``."""
        await self._caller.request("GET", f"/api/{path}")
        return msgspec.json.decode((await self._caller.reply()).body, type=answer)

    async def post(self, path: str, **order: object) -> tuple[int, str]:
        """Order something as Ada; give the status, and why it was refused."""
        await self._caller.request("POST", f"/api/{path}", body=msgspec.json.encode({"who": "ada", **order}))
        reply = await self._caller.reply()
        return reply.status, "" if reply.status == 200 else msgspec.json.decode(reply.body, type=ProblemDetails).detail


@asynccontextmanager
async def asking() -> AsyncGenerator[Asking]:
    """Serve the endpoints over a journal in memory, with the bundle `greeting` deployed."""
    journal = MemoryStore().journal
    bundle = read_bundle(GREETING, installed_connectors())
    async with deployed(bundle, installed_connectors()) as deployment:
        api = Api(kept_rows(Shelf(journal=journal, deployed=Source(table_of([deployment])), clock=FixedClock())))
        async with running(Front({"/api": Route(handler=api)})) as house, calling(house.port) as caller:
            yield Asking(journal, caller)


def kept(process: str, name: str, value: str, writer: str = "ex-1") -> Persist:
    """Give the operation by which an execution keeps a value."""
    return Persist(bundle="b", process=process, name=name, value=value, writer=writer)


async def test_kept_properties_are_listed_and_their_values_told_on_demand() -> None:
    """Law: the list says what is kept and by whom; a value, which may be confidential, is told who asks for it."""
    async with asking() as api:
        await api.journal.commit([kept("q", "b", "22"), kept("q", "a", "1"), kept("p", "c", "333", writer="")])
        listed = await api.get("properties", answers.KeptProperties)
        told = await api.get("properties?values=true&process=q&limit=1", answers.KeptProperties)
    assert [(one.process, one.name, one.characters, one.value, one.execution) for one in listed.properties] == [
        ("p", "c", 3, None, None),
        ("q", "a", 1, None, "ex-1"),
        ("q", "b", 2, None, "ex-1"),
    ]
    assert [(one.name, one.value) for one in told.properties] == [("a", "1")]


async def test_a_person_sets_and_forgets_a_kept_property() -> None:
    """Law: a value that a person sets is kept for the process, also where it had kept none; who did it is audited."""
    async with asking() as api:
        assert await api.post("properties/set", bundle="greeting", process="Greet", name="n", value="v") == (200, "")
        assert await api.journal.persisted("greeting", "Greet") == {"n": Persisted("v", "")}
        assert await api.post("properties/forget", bundle="greeting", process="Greet", name="n") == (200, "")
        assert await api.journal.keepers() == []
        trail = await api.journal.audit()
    assert [(entry.who, entry.what) for entry in trail] == [("ada", "property forgotten"), ("ada", "property set")]
    assert "v" not in {word for entry in trail for word in entry.detail.split()}


@pytest.mark.parametrize(
    ("path", "order", "status", "why"),
    [
        ("properties/set", {"process": "Gret", "name": "n", "value": ""}, 404, "no process 'Gret'"),
        ("properties/set", {"process": "Greet", "name": "", "value": ""}, 400, "length"),
        ("properties/forget", {"process": "Greet", "name": "n"}, 404, "Nothing is kept as 'n' of 'Greet'"),
        ("counters/set", {"counter": "c", "next": 0}, 400, ">= 1"),
    ],
)
async def test_a_wrong_order_changes_nothing(path: str, order: dict[str, object], status: int, why: str) -> None:
    """Law: an order about a process that nobody knows, or without sense, is refused with its reason."""
    whole = order if path.startswith("counters") else {"bundle": "greeting", **order}
    async with asking() as api:
        got, detail = await api.post(path, **whole)
        assert await api.journal.keepers() == []
        assert await api.journal.counters() == {}
    assert got == status
    assert why in detail


async def test_what_an_undeployed_bundle_has_kept_can_be_set() -> None:
    """Law: what was kept once can be mended although its bundle is not live."""
    async with asking() as api:
        await api.journal.commit([kept("p", "n", "1")])
        assert await api.post("properties/set", bundle="b", process="p", name="n", value="2") == (200, "")
        assert await api.journal.persisted("b", "p") == {"n": Persisted("2", "")}


async def test_a_person_sets_a_counter() -> None:
    """Law: the next number that is taken is the one that was set."""
    async with asking() as api:
        assert await api.journal.take_numbers("c", 3) == 1
        assert await api.post("counters/set", counter="c", next=100) == (200, "")
        told = await api.get("counters", answers.Counters)
        assert [(one.counter, one.next) for one in told.counters] == [("c", 100)]
        assert await api.journal.take_numbers("c", 1) == 100
        assert [entry.detail for entry in await api.journal.audit()] == ["c to 100"]
