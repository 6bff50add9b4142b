"""Many slow calls at the same moment: ``python -m tests.chaos.slow --requests 1000``.

All must be answered WAIT within their Sync Timeout and a second, and all must be called back. Prints the worst time of
an answer and how many there were of each; exits with 1 when one was late, missing or something else.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import trio

from tests.e2e.daemon import installed
from tests.e2e.flow import Flow, ask, token_of
from tests.flow.daemon import Settings
from tests.flow.peers import NoAnswerError

SYNC_TIMEOUT = 1.0  # seconds, of the actions
LATE = SYNC_TIMEOUT + 1.0  # seconds from the first byte sent to the last received
PATIENCE = 60.0  # seconds for all callbacks: each is a request of its own, a few at a time
ACTIONS = ("Light", "Slow")


async def run(requests: int, seconds: float) -> bool:
    """Make so many calls at once, each `seconds` long; whether all were answered in time and called back."""
    flow = Flow()
    settings: Settings = {"callbacks": flow.settings, "log": {"level": "warning"}}
    times: list[float] = []
    odd: list[str] = []

    with tempfile.TemporaryDirectory(prefix="nuclide-chaos-") as folder:
        async with installed(Path(folder), settings) as daemon, flow.up():
            await daemon.start()
            messages = [flow.request(ACTIONS[n % 2], Seconds=seconds, Text=str(n)) for n in range(requests)]

            async def one(number: int) -> None:
                try:
                    reply = await ask(daemon.port, messages[number])
                except NoAnswerError as error:
                    odd.append(str(error))
                    return
                times.append(reply.seconds)
                if reply.status != 200 or reply.json["invokeType"] != "WAIT":
                    odd.append(f"{reply.status} {reply.body!r}")

            began = trio.current_time()
            async with trio.open_nursery() as nursery:
                for number in range(requests):
                    nursery.start_soon(one, number)
            with trio.move_on_after(PATIENCE):
                for message in messages:
                    await flow.wait_arrived(token_of(message), 1)
            took = trio.current_time() - began
            back = [flow.arrived(token_of(message)) for message in messages]
    called_back, twice = sum(map(bool, back)), sum(len(each) > 1 for each in back)
    late = sum(each > LATE for each in times)
    worst = max(times, default=0.0)
    print(
        f"requests {requests}, worst answer {worst:.2f} s, late {late}, odd {len(odd)}, called back {called_back},"
        f" twice {twice}, all done after {took:.1f} s"
    )
    print(*odd[:3], sep="\n", end="")
    return not late and not odd and called_back == requests


def main() -> int:
    """Run the command; gives its exit code."""
    parser = argparse.ArgumentParser(description="Make many slow calls at once.")
    parser.add_argument("--requests", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each process takes")
    arguments = parser.parse_args()
    return 0 if trio.run(run, arguments.requests, arguments.seconds) else 1


if __name__ == "__main__":
    sys.exit(main())
