"""The race of the hand-over: ``python -m tests.chaos.handover --requests 1000 --kills 10 --seed N``.

Real processes and real sockets. Every call ends within milliseconds of its Sync Timeout, and in the middle of it the
daemon is killed. Some of those who lost their connection call again. At the end each token must have brought one
finishing content, as the answer or by callback, however often the same one came; the journal must have nothing left.

With ``--workers 2`` it is one of two workers that is killed, most of the times, and nobody starts it again but its
daemon.

Prints ``requests, forwarded, waited, broken, silent, contradictory`` and exits with 1 unless the last two are 0.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

import msgspec
import trio
from msgspec import Struct

from tests.e2e.daemon import Daemon, installed
from tests.e2e.flow import Flow, ask, text_of, token_of
from tests.e2e.workers import kill_one
from tests.flow.daemon import Settings
from tests.flow.peers import NoAnswerError
from tests.flow.replay import Message

SYNC_TIMEOUT = 1.0  # seconds, of the actions below
ACTIONS = ("Named", "NamedDurable")  # kept in memory until the hand-over, and journalled from the start
NEAR = 0.02  # seconds around the Sync Timeout in which a process ends
SPREAD = 0.1  # seconds in which the calls of one wave begin
ALONE = 0.75  # of the kills end one worker where there are several, the others all of them
WAVES_A_KILL = 2  # one wave is killed, the next sees what recovery has made of it
PATIENCE = 30.0  # seconds for the last results, tries that Flow refused among them
ANSWERS = ('"SUCCESS"', '"SUCCESS"', '"WAIT"', '"BUSY"', "cut")  # of Flow to a callback, at random; then SUCCESS


class Result(Struct, frozen=True, kw_only=True):
    """What a run has come to, in calls. `left` names what the journal still holds, and answers that were refusals."""

    requests: int
    forwarded: int
    waited: int
    broken: int
    silent: int
    contradictory: int
    left: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether the promise was kept."""
        return not (self.silent or self.contradictory or self.left)

    def __str__(self) -> str:
        """Give one line."""
        left = f", left: {', '.join(self.left)}" if self.left else ""
        names = ("requests", "forwarded", "waited", "broken", "silent", "contradictory")
        return ", ".join(f"{name} {getattr(self, name)}" for name in names) + left


class Call:
    """One token: what its caller was told."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.token = token_of(message)
        self.waits = False
        self.broken = False
        self.refusal: str | None = None
        self.contents: set[str] = set()

    async def ask(self, daemon: Daemon) -> None:
        """Call, and note the answer or that there was none."""
        try:
            reply = await ask(daemon.port, self.message)
        except NoAnswerError:
            self.broken = True
            return
        if reply.status != 200:
            self.refusal = f"{reply.status} {reply.body!r}"
        elif reply.json["invokeType"] == "WAIT":
            self.waits = True
        else:
            self.contents.add(content_of(reply.json))


def content_of(body: object) -> str:
    """Give what ends a call: the text, or everything else that was said."""
    text = text_of(body) if isinstance(body, dict) and body.get("outputs") else None
    return msgspec.json.encode(body).decode() if text is None else text


async def run(requests: int, kills: int, seed: int, workers: int = 1) -> Result:
    """Make so many calls with so many kills among them; the seed decides when."""
    chance = random.Random(seed)
    flow = Flow()
    settings: Settings = {"callbacks": flow.settings, "log": {"level": "warning"}, "server": {"workers": workers}}
    with tempfile.TemporaryDirectory(prefix="nuclide-chaos-") as folder:
        async with installed(Path(folder), settings) as daemon, flow.up():
            await daemon.start()
            calls = [_call(flow, chance) for _ in range(requests)]
            waves = kills * WAVES_A_KILL
            for number in range(waves):
                wave = calls[number * requests // waves : (number + 1) * requests // waves]
                kill_at = SYNC_TIMEOUT + chance.uniform(-NEAR, SPREAD + NEAR) if number % WAVES_A_KILL == 0 else None
                await _wave(daemon, wave, chance, kill_at, one=workers > 1 and chance.random() < ALONE)
            await _last_results(daemon, flow, calls)
            counts = await _at_rest(daemon)
        _note_callbacks(flow, calls)
    return Result(
        requests=requests,
        forwarded=sum(bool(call.contents) and not call.waits and not call.broken for call in calls),
        waited=sum(call.waits for call in calls),
        broken=sum(call.broken for call in calls),
        silent=sum(_is_silent(flow, call) for call in calls),
        contradictory=sum(len(call.contents) > 1 for call in calls),
        left=(*_left(counts), *(call.refusal for call in calls if call.refusal is not None)),
    )


def _left(counts: dict[str, int]) -> list[str]:
    finished = {"complete", "error", "cancelled"}
    return [f"{count} {name}" for name, count in counts.items() if count and name not in finished]


def _call(flow: Flow, chance: random.Random) -> Call:
    seconds = SYNC_TIMEOUT + chance.uniform(-NEAR, NEAR) - NEAR / 4  # what passes before the process begins to wait
    call = Call(flow.request(chance.choice(ACTIONS), Seconds=round(seconds, 4), Text=f"{chance.random()}"))
    answer = chance.choice(ANSWERS)
    flow.prepare(call.token, [{"closeConnection": True} if answer == "cut" else {"body": answer}])
    return call


async def _wave(daemon: Daemon, calls: list[Call], chance: random.Random, kill_at: float | None, *, one: bool) -> None:
    """Make calls; `one`: only one worker is killed."""

    async def make(call: Call, after: float) -> None:
        await trio.sleep(after)
        await call.ask(daemon)

    async with trio.open_nursery() as nursery:
        for call in calls:
            nursery.start_soon(make, call, chance.uniform(0, SPREAD))
        if kill_at is not None:
            await trio.sleep(kill_at)
            if one:
                kill_one(daemon, chance)
            else:
                await daemon.kill()
    if kill_at is not None:
        if not one:
            await daemon.start()
        async with trio.open_nursery() as nursery:
            for call in calls:
                if call.broken and chance.random() < 0.5:  # the others leave it to the runtime, and ask at the end
                    nursery.start_soon(call.ask, daemon)


async def _last_results(daemon: Daemon, flow: Flow, calls: list[Call]) -> None:
    """Wait for what was promised; then those who were promised nothing ask for the last time."""
    with trio.move_on_after(PATIENCE):
        for call in calls:
            if call.waits:
                await flow.wait_arrived(call.token, 1)
    async with trio.open_nursery() as nursery:
        for call in calls:
            if not call.contents and not call.waits and not flow.arrived(call.token):
                nursery.start_soon(call.ask, daemon)
    with trio.move_on_after(PATIENCE):
        for call in calls:
            if call.waits:
                await flow.wait_arrived(call.token, 1)


async def _at_rest(daemon: Daemon) -> dict[str, int]:
    """Stop the daemon, again until its journal has nothing left to do; gives what it holds."""
    deadline = trio.current_time() + PATIENCE
    while True:
        await daemon.stop()
        counts = await daemon.counts()
        if not _left(counts) or trio.current_time() > deadline:
            return counts
        await daemon.start()
        await trio.sleep(1)


def _note_callbacks(flow: Flow, calls: list[Call]) -> None:
    for call in calls:
        for callback in flow.arrived(call.token):
            if callback.body["invokeType"] != "WAIT":
                call.contents.add(content_of(callback.body))


def _is_silent(flow: Flow, call: Call) -> bool:
    """Whether nothing ended the call: after WAIT only a callback does."""
    return not flow.arrived(call.token) if call.waits else not call.contents


def main() -> int:
    """Run the command; gives its exit code."""
    parser = argparse.ArgumentParser(description="Kill the daemon while calls are handed over.")
    parser.add_argument("--requests", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    result = trio.run(run, arguments.requests, arguments.kills, arguments.seed, arguments.workers)
    print(f"{result} (seed {arguments.seed})")
    return 0 if result.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
