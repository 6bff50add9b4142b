from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtime.bundle.read import read_bundle
from runtime.engine.deployment import Deployment, deployed
from runtime.engine.table import Table, table_of
from runtime.errors import BundleError, Place, Problem, StoreError
from runtime.model.journal import Accept, CallbackState, Dead, Release, Status
from runtime.plugins import installed_connectors
from runtime.store.memory import MemoryJournal, MemoryStore
from runtime.web import admin_answers as answers
from runtime.web import openapi
from runtime.web.admin_api import Execute, Facts, admin_api
from runtime.web.api import Api, Endpoint, Parameters
from runtime.web.front import Front, Route
from tests.store.examples import FixedClock, accept, callback, execution, finish
from tests.web.caller import Caller, Reply, calling
from tests.web.house import running

EXAMPLES = Path(__file__).parents[2] / "processes"
MISTAKE = Problem(
    code="bundle.unknown-key",
    message="there is no key 'stpes'",
    place=Place(bundle="broken", file="processes/a.yaml", line=3, column=1),
    hint="did you mean 'steps'?",
    excerpt="stpes:",
)


class Source:
    """A daemon that stands still: its status, and what it has deployed."""

    def __init__(self) -> None:
        self.table: Table = table_of([])
        self.refused: dict[str, BundleError] = {}

    def ready(self) -> tuple[bool, str]:
        """Say that it is stopping."""
        return False, "stopping"

    def summary(self) -> Mapping[str, object]:
        """Give what the daemon's own source of health gives."""
        return {
            "version": "1.2.3",
            "addresses": ("http://127.0.0.1:9090",),
            "uptimeSeconds": 7.5,
            "executions": {"live": 3, "running": 2, "queued": 1, "ended": {}},
        }


class Asking:
    """The API under test and one caller of it."""

    def __init__(self, caller: Caller, journal: MemoryJournal, source: Source) -> None:
        self.journal = journal
        self.source = source
        self._caller = caller

    async def get(self, path: str, *, method: str = "GET") -> Reply:
        """Ask for a path below ``/api/``."""
        await self._caller.request(method, f"/api/{path}")
        return await self._caller.reply(to_head=method == "HEAD")

    async def post(self, path: str, order: object) -> Reply:
        """Order something below ``/api/``."""
        await self._caller.request("POST", f"/api/{path}", body=msgspec.json.encode(order))
        return await self._caller.reply()

    async def json(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        """Give the answer to a question that is a good one."""
        reply = await self.get(path)
        assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
        return msgspec.json.decode(reply.body)

    async def refusal(self, path: str, *, method: str = "GET") -> answers.ProblemDetails:
        """Give the refusal of a question, which is a problem document."""
        reply = await self.get(path, method=method)
        assert reply.headers["content-type"] == "application/problem+json"
        problem = msgspec.json.decode(reply.body, type=answers.ProblemDetails)
        assert problem.status == reply.status
        return problem


@asynccontextmanager
async def asking(journal: MemoryJournal | None = None) -> AsyncGenerator[Asking]:
    """Serve the API over a journal in memory."""
    journal, source = MemoryStore().journal if journal is None else journal, Source()

    async def begin(deployment: Deployment, order: Execute) -> str:
        return f"{deployment.bundle.name} {order.process} {len(order.documents)} {order.properties}"

    facts = Facts(status=source, journal=journal, deployed=source, clock=FixedClock(), begin=begin)
    async with (
        running(Front({"/api": Route(handler=admin_api(facts))})) as house,
        calling(house.port) as caller,
    ):
        yield Asking(caller, journal, source)


async def test_the_status_counts_what_there_is_to_do() -> None:
    """Law: the status tells readiness, executions by status and callbacks by state, zeros included."""
    async with asking() as api:
        await api.journal.commit([accept("ex-1"), callback("ex-1"), callback("ex-1"), Release("ex-1"), accept("ex-2")])
        status = msgspec.convert(await api.json("status"), answers.DaemonStatus)
    assert (status.status, status.version, status.addresses) == ("stopping", "1.2.3", ("http://127.0.0.1:9090",))
    assert (status.in_memory.live, status.in_memory.queued) == (3, 1)
    assert {status.value: count for status, count in status.executions.items()} == {
        "running": 2,
        "waiting": 0,
        "parked": 0,
        "complete": 0,
        "error": 0,
        "cancelled": 0,
    }
    assert status.callbacks == {CallbackState.HELD: 0, CallbackState.DUE: 2, CallbackState.DEAD: 0}


async def test_executions_are_listed_newest_first_and_filtered() -> None:
    """Law: executions come newest first, at most `limit` of them, of one status when one is named."""
    async with asking() as api:
        for identity in ("ex-1", "ex-2", "ex-3"):
            await api.journal.commit([accept(identity)])
        await api.journal.commit([finish("ex-2", status=Status.ERROR, message="Disk full")])

        async def ids(query: str) -> list[str]:
            return [row["id"] for row in (await api.json(f"executions{query}"))["executions"]]

        assert await ids("") == ["ex-3", "ex-2", "ex-1"]
        assert await ids("?limit=1") == ["ex-3"]
        assert await ids("?status=running") == ["ex-3", "ex-1"]
        assert await ids("?text=DISK&process=create&since=1970-01-01T00:00:00Z") == ["ex-2"]
        assert await ids("?until=1970-01-01T00:00:00Z") == []
        assert await ids("?tracked=order%3D1") == []
        (failed,) = (await api.json("executions?status=error"))["executions"]
    assert failed == {
        "id": "ex-2",
        "process": "create",
        "bundle": "contacts",
        "version": "1.0",
        "status": "error",
        "started": "1970-01-01T00:16:40Z",
        "finished": "1970-01-01T00:17:30Z",
        "due": None,
        "message": "Disk full",
        "origin": None,
        "parent": None,
    }


async def test_one_execution_comes_with_its_callbacks() -> None:
    """Law: an execution's detail holds the callbacks that Flow has not accepted, each with its state and last error."""
    async with asking() as api:
        await api.journal.commit([accept("ex-1"), callback("ex-1"), Release("ex-1"), accept("ex-2"), callback("ex-2")])
        (row,) = await api.journal.callbacks(execution="ex-1")
        await api.journal.commit([Dead(row.id, "the engine refused the callback with 404")])
        detail = msgspec.convert(await api.json("executions/ex-1"), answers.ExecutionDetail)
    (owed,) = detail.callbacks
    assert (detail.digest, detail.released, detail.owner) == ("d1", True, "here")
    assert (owed.state, owed.attempts, owed.error) == ("dead", 1, "the engine refused the callback with 404")


async def test_one_execution_comes_with_its_tracked_fields() -> None:
    """Law: each by its name with its values, of very many the first ones with their number; each value finds it."""
    values = [("order", str(number)) for number in range(150)]
    async with asking() as api:
        await api.journal.commit([accept("ex-1")])
        assert (await api.json("executions/ex-1"))["tracked"] == []
        await api.journal.commit([finish("ex-1", tracked=(*values, ("who", "Ada")))])
        orders, who = msgspec.convert(await api.json("executions/ex-1"), answers.ExecutionDetail).tracked
        for query in ("order%3D0", "order%3D149", "who%3DAda"):
            assert [row["id"] for row in (await api.json(f"executions?tracked={query}"))["executions"]] == ["ex-1"]
    assert (orders.name, orders.count, len(orders.values)) == ("order", 150, 100)
    assert (who.name, who.values) == ("who", ("Ada",))


async def test_callbacks_are_filtered_by_state() -> None:
    """Law: callbacks of one state are found behind those of others, oldest first, and tell no payload."""
    async with asking() as api:
        await api.journal.commit([accept("ex-1"), callback("ex-1", request=b"canary")])
        await api.journal.commit([accept("ex-2"), callback("ex-2", request=b"canary"), Release("ex-2")])
        reply = await api.get("callbacks?state=due&limit=1")
        assert [row["execution"] for row in msgspec.json.decode(reply.body)["callbacks"]] == ["ex-2"]
        assert [row["state"] for row in (await api.json("callbacks"))["callbacks"]] == ["held", "due"]
    assert b"canary" not in reply.body


async def test_deployments_tell_what_serves_and_what_was_refused() -> None:
    """Law: each live bundle comes with its services and their actions, each refused one with all its problems."""
    catalogue = installed_connectors()
    async with asking() as api, deployed(read_bundle(EXAMPLES / "greeting", catalogue), catalogue) as greeting:
        api.source.table = table_of([greeting])
        api.source.refused = {"broken": BundleError((MISTAKE,))}
        given = msgspec.convert(await api.json("deployments"), answers.Deployments)
    (bundle,), (refused,) = given.deployed, given.refused
    assert (bundle.bundle, bundle.digest) == ("greeting", greeting.bundle.digest)
    assert bundle.services == (answers.ServiceSummary(name="greeting", actions=("Greet", "Price Order")),)
    assert (refused.folder, refused.problems) == ("broken", (MISTAKE,))


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("executions?status=parkd", 400, "Invalid enum value 'parkd'"),
        ("executions?limit=0", 400, ">= 1"),
        ("executions?limit=1001", 400, "<= 1000"),
        ("executions?limit=many", 400, "Expected `int`"),
        ("executions?lmit=1", 400, "did you mean 'limit'?"),
        ("executions?limit=1&limit=2", 400, "given twice"),
        ("executions/ex-1?id=ex-2", 400, "There is no parameter 'id'"),
        ("executions?" + "&".join(["limit=1"] * 33), 400, "cannot be read"),
        ("executions/ex-404", 404, "no execution of this id"),
        ("exections", 404, "did you mean '/api/executions'?"),
        ("executions/ex-1/steps", 404, "Nothing is served"),
    ],
)
async def test_a_wrong_question_is_refused_with_its_cure(path: str, status: int, detail: str) -> None:
    """Law: what cannot be answered is a problem document that says what is wrong with the question."""
    async with asking() as api:
        problem = await api.refusal(path)
    assert problem.status == status
    assert detail in problem.detail


async def test_nothing_is_changed_by_asking() -> None:
    """Law: only GET and HEAD are served; anything else is 405 and names what is allowed."""
    async with asking() as api:
        reply = await api.get("status", method="POST")
        assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
        assert (await api.get("status", method="HEAD")).status == 200


async def test_a_journal_that_cannot_be_read_is_said_and_not_explained() -> None:
    """Law: an unreadable journal is 503; what is wrong with it stands in the log."""

    class Broken(MemoryJournal):
        async def counts(self) -> dict[str, int]:
            raise StoreError("store.disk", "sector 17 is gone")

    async with asking(Broken(MemoryStore().documents)) as api:
        problem = await api.refusal("status")
    assert problem.status == 503
    assert "sector" not in problem.detail


async def test_the_description_covers_every_endpoint_and_holds_together() -> None:
    """Law: the OpenAPI document names each path with its parameters, and every reference in it leads somewhere."""
    async with asking() as api:
        document = await api.json("openapi.json")
    assert sorted(document["paths"]) == [
        "/api/callbacks",
        "/api/deployments",
        "/api/execute",
        "/api/executions",
        "/api/executions/{id}",
        "/api/status",
    ]
    (which,) = document["paths"]["/api/executions/{id}"]["get"]["parameters"]
    assert (which["name"], which["in"], which["required"]) == ("id", "path", True)
    (limit,) = (each for each in document["paths"]["/api/executions"]["get"]["parameters"] if each["name"] == "limit")
    assert (limit["in"], limit["required"], limit["schema"]["maximum"]) == ("query", False, 1000)
    order = document["paths"]["/api/execute"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert order["required"] == ["bundle", "process"]
    schemas = document["components"]["schemas"]
    references = {*_references(document)}
    assert references
    assert {reference.removeprefix("#/components/schemas/") for reference in references} <= set(schemas)
    assert schemas["ExecutionSummary"]["properties"]["started"]["format"] == "date-time"


async def test_a_path_may_be_asked_and_ordered() -> None:
    """Law: two methods of one path are both served and both described; a third names them."""

    async def answered(_: Parameters) -> answers.Reloaded:
        return answers.Reloaded()

    reading = Endpoint(path="/api/x", summary="Read", answer=answers.Reloaded, handle=answered)
    writing = Endpoint(path="/api/x", summary="Write", method="POST", answer=answers.Reloaded, handle=answered)
    described = openapi.document((reading, writing), title="x", version="1")
    assert {method: row["summary"] for method, row in described["paths"]["/api/x"].items()} == {
        "get": "Read",
        "post": "Write",
    }
    front = Front({"/api": Route(handler=Api((reading, writing)))})
    async with running(front) as house, calling(house.port) as caller:
        for method, body in (("GET", b""), ("POST", b"{}")):
            await caller.request(method, "/api/x", body)
            assert (await caller.reply()).status == 200
        await caller.request("PUT", "/api/x")
        refused = await caller.reply()
        assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize(
    ("order", "status", "detail"),
    [
        ({"bundle": "examples", "process": "x"}, 404, "There is no bundle 'examples'"),
        ({"bundle": "greeting", "process": "Gret"}, 404, "did you mean 'Greet'?"),
        ({"bundle": "greeting", "process": "Greet"}, 409, "is a listener"),
        ({"bundle": "greeting", "proces": "Greet"}, 400, "proces"),
    ],
)
async def test_an_order_that_cannot_be_carried_out_says_why(
    order: dict[str, str], status: int, detail: str, tmp_path: Path
) -> None:
    """Law: only a process of a live bundle that is no listener can be run; what is wrong with an order is told."""
    bundle = read_bundle(EXAMPLES / "greeting", installed_connectors())
    async with asking() as api, deployed(bundle, installed_connectors()) as deployment:
        api.source.table = table_of([deployment])
        reply = await api.post("execute", order)
    assert reply.status == status
    assert detail in msgspec.json.decode(reply.body, type=answers.ProblemDetails).detail


async def test_an_execution_is_found_by_any_id() -> None:
    """Law: the id in a path is percent-decoded once, so that no id is out of reach."""
    async with asking() as api:
        await api.journal.commit([Accept(execution("ex 1/a%2F"), b"")])
        assert (await api.json("executions/ex%201%2Fa%252F"))["id"] == "ex 1/a%2F"


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for inner in value.values() for found in _references(inner)]
    return [found for inner in value for found in _references(inner)] if isinstance(value, list) else []
