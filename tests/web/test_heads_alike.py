"""A caller whose requests have one head, one whose heads always differ, and one of hypercorn: all are told the same."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import pytest
import trio
import trio.testing
from argon2 import PasswordHasher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from runtime.bundle.read import read_bundle
from runtime.engine.deployment import deployed
from runtime.engine.executions import open_executions
from runtime.engine.house import ExecutionSettings, House
from runtime.engine.listeners import Pause
from runtime.engine.table import EMPTY_TABLE, Table, table_of
from runtime.model.bundle import Bundle
from runtime.observe.metrics import Metrics
from runtime.sdk.connector import Catalogue
from runtime.store.memory import MemoryStore
from runtime.web.access import verifier
from runtime.web.access.gate import AccessLimits, FlowGate
from runtime.web.access.users import User
from runtime.web.connection import hypercorn_connections
from runtime.web.flow_answers import refusal
from runtime.web.flow_door import DoorSettings, FlowDoor
from runtime.web.front import BodyLimits, Front, Route
from runtime.web.hot.connection import hot_connections
from runtime.web.listener import ConnectionHandler, ListenerLimits, serve
from runtime.web.sockets import bind
from tests.deploy.bundles import bundle, write
from tests.e2e.inside import refuse
from tests.engine.worlds import TrioClock
from tests.web.caller import Caller, calling

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASHES = {word: CHEAP.hash(word) for word in ("secret", "other")}
LIMITS = ListenerLimits()
CATALOGUE = Catalogue({})
SIZE = 150  # bytes of a body, whatever it says, that its head may be that of others
LARGE = 2_000  # bytes of a body, above the limit of 1,000
USERS = {
    "ada": {"ada": User(password=HASHES["secret"])},
    "ada with another word": {"ada": User(password=HASHES["other"])},
    "ada from elsewhere": {"ada": User(password=HASHES["secret"], addresses=("10.0.0.0/8",))},
    "ada from here": {"ada": User(password=HASHES["secret"], addresses=("127.0.0.0/8",))},
    "ada for another service": {"ada": User(password=HASHES["secret"], services=("none",))},
    "bob": {"bob": User(password=HASHES["secret"])},
}
TABLES = ("one", "two", "nothing")
OTHERS = ("paused", "not paused", "the disk refuses", "the disk works", "the tokens are in the journal alone")
AS_BEFORE = ["ada", "one", "not paused", "the disk works"]
CALLS = ("plain", "again", "another length", "no JSON", "an odd callback", "two in one", "by halves", "large")
EXTRA = ("", "x-boomi-debug: true", "x-nuclide-trace: log", "connection: close")
ACTIONS = ("Say", "Keep", "Fail", "None")

Call = tuple[str, str, str]  # the action, how it is called, a line more in its head

_changes = st.sampled_from([*USERS, *TABLES, *OTHERS])
_calls = st.tuples(st.sampled_from(CALLS), st.sampled_from(EXTRA)).filter(
    lambda call: call != ("two in one", "connection: close")  # what stands behind an end is read by none or by luck
)


@st.composite
def scripts(draw: st.DrawFn) -> list[str | Call]:
    """Give calls with one head, changes amid them, and calls that are odd; mostly all is as it was in the end."""
    script: list[str | Call] = []
    for _ in range(draw(st.integers(2, 6))):
        action, change = draw(st.sampled_from(ACTIONS)), draw(_changes)
        plain = (action, "plain", "")
        script += [plain, plain, change, plain]
        script += [(action, *call) for call in draw(st.lists(_calls, max_size=3))]
        script += draw(st.sampled_from([AS_BEFORE, AS_BEFORE, []]))
    return script


class World:
    """What can be changed behind the callers' backs."""

    def __init__(self, store: MemoryStore, house: House, tables: dict[str, Table]) -> None:
        self.users, self.table = USERS["ada"], tables["one"]
        self._store, self._house, self._tables = store, house, tables

    def change(self, what: str) -> None:
        """Change one thing."""
        if what in USERS:
            self.users = dict(USERS[what])
        elif what in self._tables:
            self.table = self._tables[what]
        elif what == "paused":
            for process in ("Say", "Keep"):
                self._house.listeners.paused["hello", process] = Pause(since=0, by="a person")
        elif what == "not paused":
            self._house.listeners.paused.clear()
        elif what == "the disk refuses":
            refuse(self._store)
        elif what == "the disk works":
            self._store.journal.before_commit = None
        else:
            self._house.tokens._answers.clear()  # as time does


class Side:
    """One way to call, over one connection at a time."""

    def __init__(self, name: str, port: int, *, varies: bool) -> None:
        self._name, self._port, self._varies = name, port, varies
        self._number = self._said = 0
        self._stack = AsyncExitStack()
        self._caller: Caller | None = None

    async def say(self, action: str, kind: str, extra: str) -> list[tuple[int, bytes, list[str]]]:
        """Call, and give what was answered, without what differs from side to side."""
        self._number += kind != "again"
        body = self._body(kind)
        data = self._head(action, extra, len(body)) + body
        if kind == "two in one":
            self._number += 1
            body = self._body(kind)
            data += self._head(action, extra, len(body)) + body
        caller = self._caller
        if caller is None:
            caller = self._caller = await self._stack.enter_async_context(calling(self._port))
        if kind == "by halves":
            await caller.say(data[: -len(body)])
            await trio.testing.wait_all_tasks_blocked()
            await caller.say(data[-len(body) :])
        else:
            await caller.say(data)
        replies = [await caller.reply()]
        ends = replies[0].headers.get("connection") == "close"
        if kind == "two in one" and not ends:
            replies.append(await caller.reply())
        if ends:
            await self.close()
        return [(reply.status, self._without(reply.body), sorted(reply.headers)) for reply in replies]

    async def close(self) -> None:
        """Leave; the next call has a connection of its own."""
        await self._stack.aclose()
        self._caller = None

    def _body(self, kind: str) -> bytes:
        token = f"{self._name}{self._number:06}"
        if kind == "another length":
            token += "x" * (SIZE + self._number % 3)
        if kind == "no JSON":
            return b'{"token":'.ljust(SIZE)
        callback = ',"callbackUri":"http://evil.example/x"' if kind == "an odd callback" else ""
        large = " " * LARGE if kind == "large" else ""
        return f'{{"token":"{token}","inputs":[],"configurationValues":[]{callback}}}{large}'.encode().ljust(SIZE)

    def _head(self, action: str, extra: str, length: int) -> bytes:
        self._said += 1
        lines = [f"POST /fs/hello/actions/{action} HTTP/1.1", "host: x", f"content-length: {length}"]
        lines += [f"authorization: Basic {b64encode(b'ada:secret').decode()}", "content-type: application/json"]
        lines += [extra] if extra else []
        lines += [f"x-number: {self._said}"] if self._varies else []
        return "\r\n".join([*lines, "", ""]).encode()

    def _without(self, body: bytes) -> bytes:
        text = re.sub(rb"%b\d{6}" % self._name.encode(), b"token", body)
        return re.sub(rb"ex-[0-9a-z-]+", b"id", text)


def files(text: str) -> dict[str, str]:
    """Give a bundle with one action that is answered at once, one that is durable, and one that fails."""
    found = bundle(text=text)
    say = found["processes/say.yaml"]
    found["processes/keep.yaml"] = say.replace("name: Say", "name: Keep").replace("low latency", "general")
    fail = say.replace("name: Say", "name: Fail")
    found["processes/fail.yaml"] = (
        fail[: fail.index("steps:")] + "steps:\n  - exception: { title: Oh, message: it fails }\n"
    )
    found["flow-services/say.yaml"] += "  Keep: Keep\n  Fail: Fail\n"
    return found


@asynccontextmanager
async def living(bundles: list[Bundle]) -> AsyncGenerator[tuple[World, list[Side]]]:
    """Run one house with three callers before it."""
    store = MemoryStore()
    async with AsyncExitStack() as stack:
        tables = {"nothing": EMPTY_TABLE}
        for text, read in zip(TABLES, bundles, strict=False):
            tables[text] = table_of([await stack.enter_async_context(deployed(read, CATALOGUE))])
        bounds = ExecutionSettings()
        house = await stack.enter_async_context(
            open_executions(store, TrioClock(), bounds, owner="o", wake_outbox=lambda: None)
        )
        world = World(store, house, tables)
        metrics = Metrics("0")
        door = FlowDoor(house, lambda: world.table, DoorSettings(), metrics)
        access = AccessLimits(authentication="basic", failures_per_minute=1e6, failures_at_once=1_000_000)
        gate = FlowGate(lambda: world.users, access, refusal)
        route = Route(
            handler=door,
            refusal=refusal,
            oversize=400,
            gate=gate,
            passes=gate.passes,
            decide=door.decide,
            lane=door.lane,
            standing=gate.standing,
        )
        front, stopping = Front({"/fs": route}, limits=BodyLimits(size=LARGE // 2)), trio.Event()
        behind = hypercorn_connections(front, LIMITS, stopping)
        hot = hot_connections(front, behind, LIMITS)
        async with trio.open_nursery() as nursery:
            sides = [
                Side("A", await _served(nursery, hot, stopping), varies=False),
                Side("B", await _served(nursery, hot, stopping), varies=True),
                Side("C", await _served(nursery, behind, stopping), varies=True),
            ]
            yield world, sides
            for side in sides:
                await side.close()
            nursery.cancel_scope.cancel()


async def _served(nursery: trio.Nursery, handle: ConnectionHandler, stopping: trio.Event) -> int:
    listeners = await bind("127.0.0.1", 0)
    port: int = listeners[0].socket.getsockname()[1]
    await nursery.start(partial(serve, handle, listeners, LIMITS, stopping=stopping, drain=0))
    return port


@pytest.fixture
def bundles(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> list[Bundle]:
    """Give two versions of a bundle, in a world where a guess costs little."""
    folder = tmp_path_factory.mktemp("bundles")
    monkeypatch.setattr(verifier, "hash_password", CHEAP.hash)
    return [read_bundle(write(folder / text, files(text)), CATALOGUE) for text in TABLES[:2]]


async def compare(bundles: list[Bundle], script: list[str | Call]) -> None:
    """Say and change what a script says; fail where one caller is told something else than another."""
    async with living(bundles) as (world, sides):
        for line in script:
            if isinstance(line, str):
                world.change(line)
                continue
            one, other, alone = [await side.say(*line) for side in sides]
            told = [one, other, alone]
            if line[1] == "by halves":  # who is refused before the rest comes may stay, or not
                told = [[(status, body, []) for status, body, _ in side] for side in told]
            assert told[0] == told[1] == told[2], line


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scripts())
def test_a_head_that_comes_again_is_answered_as_any(bundles: list[Bundle], script: list[str | Call]) -> None:
    """Law: whatever changes meanwhile, what answers a head again says what is said to heads that never came before."""
    with capture_logs():
        trio.run(compare, bundles, script)
