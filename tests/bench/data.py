"""``python -m tests.bench.data``: rate and p99 of load, save and a message action, beside the bare ASGI application.

The data type is the example `contacts`, on SQLite: a load looks one record up, a save is an upsert that is durable
before it is answered. Rounds are interleaved; figures are medians.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import trio
from msgspec import Struct

from tests.bench.greeting import AUTHORIZATION, PATH, TOKEN
from tests.bench.load import Load, measure, request_bytes
from tests.e2e.daemon import installed
from tests.flow.daemon import ROOT
from tests.ports import free_port

ROUNDS = 3
SECONDS = 2.0  # of load in each round


class Question(Struct, frozen=True):
    """What is asked of which server; the token in it is another in each request."""

    name: str
    port: int
    request: bytes


def _record(city: str) -> dict[str, object]:
    properties = [("First Name", "Ada"), ("Last Name", TOKEN.decode()), ("City", city), ("Age", "36")]
    return {
        "externalId": "bench",
        "properties": [{"developerName": name, "contentValue": text} for name, text in properties],
    }


def questions(port: int, bare: int) -> list[Question]:
    """Give what is measured."""
    contact = {"developerName": "Contact"}
    save = {"objectDataType": contact, "token": TOKEN.decode(), "objectData": [_record("Leeds")]}
    load = {"objectDataType": contact, "token": TOKEN.decode(), "listFilter": {"id": "bench"}}
    greet = {"token": TOKEN.decode(), "tenantId": None, "inputs": [{"developerName": "Name", "contentValue": "Ada"}]}
    data = "/fs/contacts/data"
    action = msgspec.json.encode(greet)
    return [
        Question("save", port, request_bytes(data, msgspec.json.encode(save), method="PUT")),
        Question("load", port, request_bytes(data, msgspec.json.encode(load))),
        Question("action", port, request_bytes(PATH, action)),
        Question("bare", bare, request_bytes(PATH, action, headers={"Authorization": AUTHORIZATION})),
    ]


async def main() -> None:
    """Measure and print."""
    with TemporaryDirectory(prefix="nuclide-bench-") as name:
        folder, bare = Path(name), free_port()
        baseline = [sys.executable, "-m", "tests.bench.baselines", "asgi", str(bare)]
        environ = {"NUCLIDE_EXT_CONTACTS_DATA_FOLDER": name}
        settings: dict[str, dict[str, object]] = {
            "bundles": {"folder": str(ROOT / "processes")},
            "log": {"level": "warning"},
        }
        async with installed(folder, settings, environ) as daemon, trio.open_nursery() as nursery:
            await daemon.start()
            run = partial(trio.run_process, baseline, cwd=ROOT, check=False, stderr=subprocess.DEVNULL)
            process: trio.Process = await nursery.start(run)
            asked = questions(daemon.port, bare)
            await _until_listening(bare)
            for connections in (16, 64):
                rounds: dict[str, list[Load]] = {each.name: [] for each in asked}
                for _ in range(ROUNDS):
                    for each in asked:
                        told = await measure(
                            each.port, each.request, connections=connections, seconds=SECONDS, token=TOKEN
                        )
                        rounds[each.name].append(told)
                _print(connections, rounds)
            process.terminate()


async def _until_listening(port: int) -> None:
    with trio.fail_after(10):
        while True:
            try:
                await (await trio.open_tcp_stream("127.0.0.1", port)).aclose()
            except OSError:
                await trio.sleep(0.05)
            else:
                return


def _print(connections: int, rounds: dict[str, list[Load]]) -> None:
    bare = statistics.median(load.rate for load in rounds["bare"])
    for name, loads in rounds.items():
        rate = statistics.median(load.rate for load in loads)
        p99 = statistics.median(load.p99 for load in loads)
        errors = sum(load.errors for load in loads)
        print(f"{name}, {connections} connections: {rate:.0f}/s, x{rate / bare:.2f}; p99 {p99:.0f} ms; errors {errors}")


if __name__ == "__main__":
    trio.run(main)
