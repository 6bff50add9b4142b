"""Everything goes wrong: ``make chaos ROUNDS=200 SEED=1``, or ``python -m tests.chaos.everything``.

The daemon runs as a real process under load, on a disk and a clock of the tests (`under_faults`), with a fake Flow
and a fake backend. In each round something strikes: a signal, the disk, a power cut, Flow, the backend or the wall
clock (`plan` decides from the seed). At the end everything is well again, and what was accepted must be finished, or
parked where a person sees it, and no effect that must happen once may have happened twice.

Prints ``rounds, accepted, finished, parked, lost, doubled`` as its last line; exits with 1 unless the last two are 0.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import trio
from msgspec import Struct

from runtime.clock import SystemClock
from runtime.engine.records import named_files
from runtime.model.journal import Status
from runtime.store.cipher import open_cipher
from runtime.store.sqlite import open_sqlite
from runtime.store.sqlite.check import Damage, check
from tests.chaos.peers import Backend, MoodyFlow
from tests.chaos.plan import CallPlan, Round, plan
from tests.chaos.power import cut
from tests.e2e.daemon import Daemon, installed
from tests.e2e.flow import token_of
from tests.e2e.workers import gone, kill_one, workers_of
from tests.flow.daemon import COMMAND, NotReadyError, Settings
from tests.flow.peers import NoAnswerError, call
from tests.flow.replay import Message

BASE = "/fs/Chaos"
CALLS = 6  # at most, of one round
PATIENCE = 90.0  # seconds for the last results when everything is well again
LOOK = 0.2  # seconds between two looks at another process
BUNDLE = Path(__file__).parent / "bundle"
PATHS = {"once": "before"}  # of steps that are not called as the path that they call
ENDING = ("kill", "terminate", "power")  # faults after which the daemon is gone
STARTS = 5  # tries to start a daemon that is not ready in half a minute
PROGRESS = 10  # rounds between two lines that say how far a run has come

SETTINGS: Settings = {
    "log": {"level": "warning", "format": "json"},
    "executions": {"suspend_after": "1 s", "lease": "3 s", "drain": "3 s", "park_answer_after": "1 h"},
    "documents": {"in_memory": 3, "in_memory_bytes": "4 KiB", "payload_in_memory": "1 KiB"},
}


class Result(Struct, frozen=True, kw_only=True):
    """What a run has come to. `parked` had to be decided by a person, which the run has played.

    `odd` are other promises that were broken; each is told.
    """

    rounds: int
    seed: int
    accepted: int
    finished: int
    parked: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    odd: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.doubled or self.odd)

    def __str__(self) -> str:
        """Give one line."""
        names = ("rounds", "accepted", "finished", "parked")
        counted = ", ".join(f"{name} {getattr(self, name)}" for name in names)
        return f"{counted}, lost {len(self.lost)}, doubled {len(self.doubled)}"


class Token:
    """One call, whatever became of it."""

    def __init__(self, message: Message, plan: CallPlan) -> None:
        self.message = message
        self.plan = plan
        self.token = token_of(message)
        self.waits = False
        self.answered = False  # with its result, or a fault, at once
        self.execution = ""
        self.told: list[str] = []

    async def ask(self, port: int) -> None:
        """Call, and note what was promised."""
        try:
            reply = await call(port, BASE, self.message)
        except NoAnswerError as error:
            self.told.append(str(error)[:80])
            return
        self.execution = reply.headers.get("x-execution-id", self.execution)
        self.told.append(f"{reply.status} {reply.body[:80]!r}")
        if reply.status == 200 and reply.json["invokeType"] == "WAIT":
            self.waits = True
        else:
            self.answered = reply.status in {200, 500}

    def __str__(self) -> str:
        """Name the call and what its caller was told."""
        return f"{self.token} ({self.plan.action}, {self.execution}): {'; '.join(self.told)}"


class Run:
    """One run: the daemon, the others, and all calls that were made."""

    def __init__(self, daemon: Daemon, control: Path, flow: MoodyFlow, backend: Backend) -> None:
        self.daemon = daemon
        self.flow = flow
        self.backend = backend
        self.tokens: list[Token] = []
        self.odd: list[str] = []
        self.decided = 0  # parked calls of which the person has said what became of them
        self._control = control

    def tell(self, what: str, value: object) -> None:
        """Set the disk's mood or the clock's error."""
        draft = self._control / f".{what}"
        draft.write_text(str(value))
        draft.replace(self._control / what)

    async def round(self, planned: Round) -> None:
        """Make the calls of a round, and let its fault strike in the middle of them."""
        made = [self._token(each) for each in planned.calls]
        async with trio.open_nursery() as nursery:
            for token in made:
                nursery.start_soon(self._begin, token)
            await trio.sleep(planned.at)
            await self._strike(planned)
        if not self.daemon.is_running and not planned.fault.startswith(ENDING):
            self.odd.append(f"the daemon ended by itself ({planned.fault})")
        await self._mend()
        async with trio.open_nursery() as nursery:
            for token in made:
                if not token.waits and not token.answered and token.plan.repeats:
                    nursery.start_soon(token.ask, self.daemon.port)

    def _token(self, planned: CallPlan) -> Token:
        text = "x" * planned.size
        token = Token(self.flow.request(planned.action, Seconds=planned.seconds, Text=text), planned)
        self.tokens.append(token)
        return token

    async def _begin(self, token: Token) -> None:
        await trio.sleep(token.plan.begins)
        await token.ask(self.daemon.port)

    async def _strike(self, planned: Round) -> None:
        kind, _, how = planned.fault.partition(" ")
        match kind:
            case "kill":
                await self._kill()
            case "worker" | "stop":
                await self._strike_one(planned)
            case "terminate":
                self.daemon.terminate()
                if await self.daemon.ended() != 0:
                    self.odd.append("a daemon that was asked to stop ended with an error")
            case "power":
                await self._kill()
                cut(self._control, "torn" if how == "torn" else "forgotten", random.Random(planned.seed))
            case "disk":
                self.tell("mood", how)
                await trio.sleep(planned.lasts)
                self.tell("mood", "well")
            case "flow":
                self.flow.mood = how  # type: ignore[assignment]  # the plan's words are its moods
                await trio.sleep(planned.lasts)
                self.flow.mood = "well"
            case "backend":
                self.backend.mood = how  # type: ignore[assignment]
                await trio.sleep(planned.lasts)
                self.backend.mood = "well"
            case "clock":
                self.tell("clock", planned.jump)
                await trio.sleep(planned.lasts)
                self.tell("clock", 0)

    async def _strike_one(self, planned: Round) -> None:
        """Kill or stop one process: a worker, where there are several."""
        chance = random.Random(planned.seed)
        if planned.fault == "worker":
            kill_one(self.daemon, chance)
            return
        process = chance.choice(workers_of(self.daemon) or [self.daemon.pid])
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGSTOP)
            await trio.sleep(planned.lasts)
            os.kill(process, signal.SIGCONT)

    async def _kill(self) -> None:
        """End it with all of its workers, which the kernel ends a moment after their supervisor."""
        workers = workers_of(self.daemon)
        await self.daemon.kill()
        await gone(workers)

    async def _mend(self) -> None:
        """Bring the daemon back where it is gone."""
        if self.daemon.is_running:
            return None
        for attempt in range(STARTS):
            try:
                return await self.daemon.start()
            except NotReadyError as error:
                if attempt == STARTS - 1:
                    self.odd.append(f"did not start: {error}")
                await self.daemon.close()  # it was only slow: the machine may have other things to do
        return None

    async def settle(self) -> None:
        """With everything well, wait for what was promised; those who were promised nothing ask again."""
        await self._results()
        async with trio.open_nursery() as nursery:
            for token in self.tokens:
                if not token.waits and not token.answered and token.token not in self.flow.accepted:
                    nursery.start_soon(token.ask, self.daemon.port)
        await self._results()
        await self._decide()
        await self._results()
        await self._at_rest()
        code = await self.daemon.stop()
        if code != 0:
            self.odd.append(f"the daemon ended with {code}")

    async def _results(self) -> None:
        with trio.move_on_after(PATIENCE):
            while missing := [token for token in self.tokens if token.waits and token.token not in self.flow.accepted]:
                known = {token.execution for token in missing}.difference(await self._parked())
                if not known:
                    return
                await trio.sleep(LOOK)

    async def _at_rest(self) -> None:
        """Wait until nothing runs or waits any more: what was decided ends, too, though nobody is told of it."""
        with trio.move_on_after(PATIENCE):
            while (told := await self._ask("ps")) is None or told["executions"]:  # noqa: ASYNC110 - another process
                await trio.sleep(LOOK)

    async def _decide(self) -> None:
        """Look at the backend, as a person does, and say of each parked call whether it happened."""
        for execution, steps in (await self._parked()).items():
            happened = self.backend.has_done(f"/once/{execution}/{PATHS.get(steps[0], steps[0])}")
            await self._ask("decide", execution, "happened" if happened else "did-not")
            self.decided += 1

    async def _parked(self) -> dict[str, list[str]]:
        """Ask the running daemon, as an operator does: which executions are parked, and which steps are in doubt."""
        listed = await self._ask("parked", "--limit", "1000")
        return {} if listed is None else {each["execution"]["id"]: each["steps"] for each in listed["parked"]}

    async def _ask(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        command = [
            sys.executable,
            "-c",
            COMMAND,
            *arguments,
            "--json",
            "--socket",
            str(self.daemon.state / "admin.sock"),
        ]
        ran = await trio.run_process(command, capture_stdout=True, capture_stderr=True, check=False)
        return msgspec.json.decode(ran.stdout) if ran.returncode == 0 else None

    async def result(self, rounds: int, seed: int) -> Result:
        """Hold what has happened against the promises."""
        cipher = open_cipher(self.daemon.state, {})
        counts: Counter[str] = Counter()
        damage: list[Damage] = []
        parked: set[str] = set()
        for folder in self.daemon.journals():
            damage += check(folder, cipher, named_files).damage
            async with open_sqlite(folder, cipher=cipher, clock=SystemClock(), group=1, queue=1) as store:
                parked |= {row.id for row in await store.journal.executions(status=Status.PARKED, limit=100_000)}
                counts.update(await store.journal.counts())
        unfinished = [token for token in self.tokens if token.waits and token.token not in self.flow.accepted]
        silent = [token for token in self.tokens if not (token.waits or token.answered or self._has_result(token))]
        left = {name: count for name, count in counts.items() if count and name not in _AT_REST}
        if left.get("callbacks due", 0) <= len(parked):  # the fault that parked work gives when nobody decides in time
            left.pop("callbacks due", None)
        twice = [f"{token}: {said}" for token in self.tokens if len(said := self._said(token)) > 1]
        accepted = [token for token in self.tokens if token.waits]
        return Result(
            rounds=rounds,
            seed=seed,
            accepted=len(accepted),
            finished=len(accepted) - len(unfinished),
            parked=self.decided + sum(token.execution in parked for token in unfinished),
            lost=tuple(str(token) for token in unfinished if token.execution not in parked),
            doubled=(*self.backend.doubled(lambda _: True), *twice),
            odd=(
                *self.odd,
                *(f"silent: {token}" for token in silent),
                *([f"left: {left}"] if left else []),
                *map(str, damage),
            ),
        )

    def _has_result(self, token: Token) -> bool:
        return token.token in self.flow.accepted

    def _said(self, token: Token) -> set[str]:
        return self.flow.contents.get(token.token, set())


_AT_REST = {"complete", "error", "cancelled", "parked"}


async def run(
    folder: Path,
    rounds: int,
    seed: int,
    *,
    calls: int = CALLS,
    planned: Sequence[Round] | None = None,
    workers: int = 1,
) -> Result:
    """Make so many rounds; `planned` are other ones than the seed's."""
    flow, backend = MoodyFlow(), Backend()
    control, bundles = folder / "control", folder / "bundles"
    control.mkdir()
    _bundle(bundles, backend.port)
    settings = {
        **SETTINGS,
        "callbacks": {**flow.settings, "timeout": "1 s"},
        "bundles": {"folder": str(bundles)},
        "server": {"workers": workers},
    }
    async with installed(folder, settings) as daemon, flow.up(), backend.up():
        daemon.program = [sys.executable, "-m", "tests.chaos.under_faults", str(control)]
        await daemon.start()
        this = Run(daemon, control, flow, backend)
        for number, each in enumerate(planned or plan(rounds, seed, calls, workers), start=1):
            await this.round(each)
            if number % PROGRESS == 0:
                print(f"{number} rounds, {len(this.tokens)} calls", file=sys.stderr, flush=True)
        await this.settle()
        return await this.result(rounds, seed)


def _bundle(bundles: Path, port: int) -> None:
    shutil.copytree(BUNDLE, bundles / "chaos")
    connection = bundles / "chaos" / "connections" / "backend.yaml"
    connection.write_text(re.sub(r":9\b", f":{port}", connection.read_text(encoding="utf-8")), encoding="utf-8")


def main() -> int:
    """Run the command; gives its exit code."""
    parser = argparse.ArgumentParser(description="Let everything go wrong while calls are made.")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--keep", type=Path, help="a folder for the state and the log, instead of one that is removed")
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    made = partial(run, workers=arguments.workers)
    print(f"seed {arguments.seed}", file=sys.stderr, flush=True)
    if arguments.keep is not None:
        arguments.keep.mkdir(parents=True)
        result = trio.run(made, arguments.keep, arguments.rounds, arguments.seed)
    else:
        with tempfile.TemporaryDirectory(prefix="nuclide-chaos-") as folder:
            result = trio.run(made, Path(folder), arguments.rounds, arguments.seed)
    for what in ("lost", "doubled", "odd"):
        for each in getattr(result, what):
            print(f"{what}: {each}")
    print(result)
    return 0 if result.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
