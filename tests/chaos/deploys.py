"""Deployments, mistakes and removals under load: every answer comes from exactly one whole version.

    python -m tests.chaos.deploys --rounds 1000 --connections 32 --seed 7

Each bundle answers with its version in two places, which have to agree, and with none that it may not have at that
time. No request fails, but for 404 to a bundle that is, or may be, removed. The exit code is 1 when one does.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import trio

from tests.chaos.caller import Caller, NoAnswerError, Said
from tests.chaos.operations import Hand, files
from tests.chaos.telling import progress
from tests.chaos.truth import GONE, State, Truth
from tests.e2e.daemon import Daemon, installed

QUIET = 0.15  # seconds: half of the default, so that there are more rounds
PAUSE = 0.04  # seconds at most between two writes of a copy: far below the quiet time, on a machine that is busy
LIVE_WITHIN = 20.0  # seconds until a change has to be live
POLL = 0.02  # seconds between two questions
BETWEEN = 0.004  # seconds between two requests of a connection: the daemon has to have time to deploy
LONGEST_CALL = 0.6  # seconds of a slow call: longer than most deployments
MOST_TOLD = 20  # violations that are printed
TOLD_EVERY = 100  # rounds between two lines of progress

# How often each thing is done to a bundle that is live, in parts of the whole.
OPERATIONS = {"deploy": 45, "spoil": 15, "remove": 15, "rename": 10, "copy": 5, "litter": 10}


class Chaos:
    """One run: what is done, what is answered, and what went wrong."""

    def __init__(
        self, folder: Path, port: int, *, rounds: int, seed: int, bundles: int, told: Callable[[str], None]
    ) -> None:
        self._told = told
        self.done: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.live_after: list[float] = []
        self._port = port
        self._left = rounds
        self._dice = random.Random(seed)
        self._truths = {f"B{number}": Truth() for number in range(bundles)}
        self._hands = [
            Hand(folder, name, archive=number % 3 == 2, dice=random.Random(f"{seed} {name}"), pause=PAUSE)
            for number, name in enumerate(self._truths)
        ]
        self._over = False

    async def run(self, connections: int) -> None:
        """Do all rounds under load."""
        async with trio.open_nursery() as nursery:
            for number in range(connections):
                nursery.start_soon(self._call, random.Random(f"{self._dice.random()} {number}"))
            async with trio.open_nursery() as hands:
                for hand in self._hands:
                    hands.start_soon(self._work, hand)
            self._over = True

    async def _call(self, dice: random.Random) -> None:
        """Ask one bundle after the other until it is over."""
        async with await Caller.connect(self._port) as caller:
            while not self._over:
                name = dice.choice(list(self._truths))
                action, seconds = ("Slow", dice.random() * LONGEST_CALL) if dice.random() < 0.05 else ("Say", 0.0)
                begun = time.monotonic()
                try:
                    said = await caller.say(name, action, seconds)
                except NoAnswerError as error:
                    self.wrong.append(f"no answer: {error}")
                    return
                self._judge(name, action, said, begun)
                await trio.sleep(BETWEEN)

    def _judge(self, name: str, action: str, said: Said, begun: float) -> None:
        self.answers[f"{action} {said.status}"] += 1
        if said.status not in {200, 404}:
            self.wrong.append(f"{name}: answered {said.status}")
        elif said.text != said.mark:
            self.wrong.append(f"{name}: half {said.text}, half {said.mark}")
        elif not self._truths[name].allows(_state(said), begun):
            self.wrong.append(f"{name}: answered {_state(said)}, where {self._truths[name].state} is live")

    async def _work(self, hand: Hand) -> None:
        """Do one thing after the other to a bundle, until all rounds are done."""
        number, spoilt = 0, False
        truth, dice = self._truths[hand.name], random.Random(f"{self._dice.random()} {hand.name}")
        async with await Caller.connect(self._port) as caller:
            while self._left > 0 and not self.wrong:
                self._left -= 1
                number += 1
                kind = dice.choices(list(OPERATIONS), list(OPERATIONS.values()))[0]
                if truth.state is GONE or (spoilt and kind not in {"remove", "spoil"}):
                    kind = "deploy"
                self.done[kind] += 1
                if self._left % TOLD_EVERY == 0:
                    answers = sum(self.answers.values())
                    self._told(f"{sum(self.done.values())} rounds, {answers} answers, {len(self.wrong)} wrong")
                await self._do(kind, hand, truth, f"v{number}", caller)
                spoilt = kind == "spoil" or (spoilt and kind != "deploy")

    async def _do(self, kind: str, hand: Hand, truth: Truth, version: str, caller: Caller) -> None:
        match kind:
            case "deploy":
                truth.begin(version)
                await hand.put(files(hand.name, version))
                await self._confirm(truth, hand.name, caller)
            case "remove":
                truth.begin(GONE)
                hand.remove()
                await self._confirm(truth, hand.name, caller)
            case "spoil":
                await hand.spoil(files(hand.name, version))
                await self._refused(hand.source, caller)
            case "rename":
                hand.rename()
                await self._moved(hand, caller)
            case "copy":
                copy = hand.copy()
                await self._refused(copy.name, caller)
                Hand(copy.parent, copy.stem, archive=copy.suffix != "", dice=self._dice, pause=0).remove()
            case _:
                await hand.litter()

    async def _confirm(self, truth: Truth, name: str, caller: Caller) -> None:
        async def holds() -> bool:
            return _state(await caller.say(name, "Say")) == truth.state

        begun = time.monotonic()
        if await self._wait(holds, f"{name} did not come to {truth.state}"):
            self.live_after.append(time.monotonic() - begun)
            truth.confirm()

    async def _refused(self, source: str, caller: Caller) -> None:
        async def holds() -> bool:
            return source in {refused["folder"] for refused in (await caller.status())["refused"]}

        await self._wait(holds, f"{source} was not refused")

    async def _moved(self, hand: Hand, caller: Caller) -> None:
        async def holds() -> bool:
            found = (await caller.status())["bundles"].get(hand.name)
            return found is not None and found["source"] == hand.source

        await self._wait(holds, f"{hand.name} was not found under its new name")

    async def _wait(self, holds: Callable[[], Awaitable[bool]], otherwise: str) -> bool:
        try:
            with trio.fail_after(LIVE_WITHIN):
                while not await holds():  # noqa: ASYNC110 - another process: there is no event
                    await trio.sleep(POLL)
        except (trio.TooSlowError, NoAnswerError) as error:
            self.wrong.append(f"{otherwise}: {error!r}")
            return False
        return True


def _state(said: Said) -> State:
    return said.text if said.status == 200 else GONE


async def chaos(
    folder: Path,
    *,
    rounds: int,
    connections: int,
    seed: int,
    bundles: int,
    told: Callable[[str], None] = lambda _: None,
) -> Chaos:
    """Make a run in `folder`; gives it when it is over. `told` how it goes."""
    watched = folder / "bundles"
    watched.mkdir()
    settings = {
        "bundles": {"folder": str(watched), "quiet": f"{QUIET * 1000:g} ms", "rescan": "5 s"},
        "log": {"format": "json"},
    }
    async with installed(folder, settings) as daemon:
        await daemon.start()
        run = Chaos(watched, daemon.port, rounds=rounds, seed=seed, bundles=bundles, told=told)
        await run.run(connections)
        await _check_end(daemon, run)
    return run


async def _check_end(daemon: Daemon, run: Chaos) -> None:
    """What was replaced has closed, and the daemon is whole."""
    with trio.move_on_after(LIVE_WITHIN):
        await daemon.wait_gauge("nuclide_bundles", "draining", 0)
    if await daemon.gauge("nuclide_bundles", "draining") != 0:
        run.wrong.append("replaced versions are open that nobody uses")
    if await daemon.stop() != 0:
        run.wrong.append("the daemon did not stop well")
    run.wrong += [f"the daemon logged {line}" for line in daemon.logged().splitlines() if "Traceback" in line]


def main() -> int:
    """Make the run that the command line asks for, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.deploys")
    parser.add_argument("--rounds", type=int, default=1000, help="things that are done to bundles, in all")
    parser.add_argument("--connections", type=int, default=32, help="connections that ask without end")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bundles", type=int, default=8, help="bundles that are worked on at once")
    given = parser.parse_args()
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        run = trio.run(_run, Path(folder), given)
    live = sorted(run.live_after) or [0.0]
    print(f"rounds       {sum(run.done.values())} in {time.monotonic() - begun:.0f} s: {dict(run.done)}")
    print(f"answers      {sum(run.answers.values())}: {dict(run.answers)}")
    print(f"to be live   median {live[len(live) // 2]:.2f} s, worst {live[-1]:.2f} s after the last write")
    print(f"violations   {len(run.wrong)}")
    for line in run.wrong[:MOST_TOLD]:
        print(f"  {line}")
    return 1 if run.wrong else 0


async def _run(folder: Path, given: argparse.Namespace) -> Chaos:
    return await chaos(
        folder,
        rounds=given.rounds,
        connections=given.connections,
        seed=given.seed,
        bundles=given.bundles,
        told=progress,
    )


if __name__ == "__main__":
    sys.exit(main())
