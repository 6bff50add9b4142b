"""Replay the conformance vectors against the daemon: ``python -m tests.flow.conformance [--only PATTERN]``.

The environment variable VECTORS names another folder of vectors. Each failure is a line; the last line counts, and the
exit code is not zero when something failed or nothing ran.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import trio
from msgspec import Struct
from msgspec.structs import replace

from runtime.flow.check import check, verdict
from runtime.store.note import Note
from runtime.web.access.passwords import hash_password
from runtime.web.access.users import User, Users
from tests.flow.daemon import NotReadyError, running_daemon
from tests.flow.invariants import INVARIANTS
from tests.flow.matching import Context, header_mismatches, mismatches
from tests.flow.peers import Callback, Engine, NoAnswerError, Reply, call, running_engine
from tests.flow.records import extensions, restore
from tests.flow.replay import VECTORS, Message, Surroundings, Vector, fill, message, read_vectors
from tests.flow.run_api import replay_client
from tests.flow.selection import BASIC, CREDENTIALS, PASSWORD, USER, VARIANTS, variant

BUNDLES = Path(__file__).parent / "bundles"
BASE = "/fs/Conformance"
CALLBACKS_WITHIN = 60.0  # seconds: enough for the retries that a vector provokes
NO_MORE_AFTER = 1.0  # seconds: a callback too many would have come by then
OVERTAKING = 0.05  # seconds: what the two ends of this process may disagree about the order of events


class Bench(Struct, frozen=True):
    """What a vector is replayed with; `patience` in seconds, for a callback too many to come."""

    port: int
    engine: Engine
    surroundings: Surroundings
    patience: float = NO_MORE_AFTER


async def replay(vector: Vector, bench: Bench) -> list[str]:
    """Give every way in which the service falls short of a vector."""
    try:
        if vector.kind == "describe-response-check":
            return list(judge_description(vector))
        if vector.direction == "client-to-engine":
            return await replay_client(vector)
        if vector.trigger is not None:
            return await _replay_callbacks(vector, vector.trigger, bench)
        return await _replay_calls(vector, bench)
    except NoAnswerError as error:
        return [str(error)]
    except (KeyError, ValueError) as error:
        return [f"the vector cannot be replayed: {error!r}"]


def judge_description(vector: Vector) -> Iterator[str]:
    """Compare the verdict on a description with the expected one."""
    is_text = isinstance(vector.response, str)
    body = vector.response.encode() if is_text else msgspec.json.encode(vector.response)
    findings = check(200, "text/html" if is_text else "application/json", body)
    wanted = vector.expect["engine"]
    if wanted != "unspecified" and verdict(findings) != wanted:
        yield f"the validator says {verdict(findings)}, the engine {wanted}: {[each.message for each in findings]}"


async def _replay_calls(vector: Vector, bench: Bench) -> list[str]:
    expect = fill(vector.expect, bench.surroundings)
    parallel: int = expect.get("parallel", 1)
    requests = list(_copies(fill(vector.request, bench.surroundings), parallel))
    replies: list[Reply] = []
    lines: list[str] = []

    async def one(request: dict[str, Any]) -> None:
        try:
            reply = await call(bench.port, BASE, message(request, bench.surroundings))
        except NoAnswerError as error:
            lines.append(str(error))
            return
        replies.append(reply)
        lines.extend(judge(expect if parallel == 1 else _with_token(expect, request), request, reply))

    for _ in range(expect.get("repeat", 1)):
        async with trio.open_nursery() as nursery:
            for request in requests:
                nursery.start_soon(one, request)
    if vector.request["path"].endswith("metadata") and len({reply.body for reply in replies}) > 1:
        lines.append("the description is not the same every time")
    return lines


def judge(expect: dict[str, Any], request: dict[str, Any], reply: Reply) -> Iterator[str]:
    """Compare an answer with what a vector expects of it."""
    context = Context(status=reply.status)
    yield from mismatches(expect.get("status", reply.status), reply.status, context, "status")
    yield from header_mismatches(expect.get("headers", {}), reply.headers, context, request.get("headers", {}))
    if "json" in expect:
        yield from mismatches(expect["json"], reply.json, context)
    for name in expect.get("invariants", ()):
        yield from (f"{name}: {line}" for line in INVARIANTS[name](request.get("body"), reply.json))
    if reply.seconds > expect.get("maxSeconds", reply.seconds):
        yield f"answered after {reply.seconds:.2f} s"


async def _replay_callbacks(vector: Vector, trigger: dict[str, Any], bench: Bench) -> list[str]:
    request, expect = fill(trigger, bench.surroundings), vector.expect
    token = request["body"]["token"]
    bench.engine.prepare(token, expect["engineAnswers"], repeat_last=bool(expect.get("answersRepeat")))
    reply = await call(bench.port, BASE, message(request, bench.surroundings))
    lines = list(mismatches({"invokeType": "WAIT", "token": token}, reply.json, Context(), "the answer"))
    wanted = expect.get("callbacks", 1)
    least = wanted if isinstance(wanted, int) else wanted.get("$min", 1)
    with trio.move_on_after(CALLBACKS_WITHIN):
        await bench.engine.wait_arrived(token, least)
        await trio.sleep(bench.patience)
    arrived = bench.engine.arrived(token)
    lines += mismatches(wanted, len(arrived), Context(), "the number of callbacks")
    for callback in arrived:
        lines += judge_callback(fill(vector.request, bench.surroundings), request, callback)
        if callback.at < reply.at - OVERTAKING:
            lines.append("a callback came before the answer to the call")
    return lines


def judge_callback(expected: dict[str, Any], trigger: dict[str, Any], callback: Callback) -> Iterator[str]:
    """Compare a callback with what a vector expects of it."""
    yield from mismatches(expected["method"], callback.method, Context(), "callback method")
    yield from mismatches(expected["path"], callback.path, Context(), "callback path")
    yield from header_mismatches(expected.get("headers", {}), callback.headers, Context(), trigger["headers"])
    yield from mismatches(expected.get("body", {}), callback.body, Context(), "callback")


def _copies(request: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    yield request
    for number in range(1, count):
        token = f"{request['body']['token'][:-4]}{0xC000 + number:04x}"
        yield {**request, "body": {**request["body"], "token": token}}


def _with_token(expect: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    return {**expect, "json": {**expect.get("json", {}), "token": request["body"]["token"]}}


async def run(vectors: Iterable[Vector]) -> dict[str, list[str]]:
    """Replay vectors, each kind of daemon started once; gives the shortcomings by name, none for a passed vector."""
    kinds: dict[str | None, list[Vector]] = {}
    for vector in vectors:
        kinds.setdefault(variant(vector), []).append(vector)
    results: dict[str, list[str]] = {}
    for kind, chosen in kinds.items():
        with tempfile.TemporaryDirectory(prefix="nuclide-conformance-") as folder:
            data, values = Path(folder) / "data", Path(folder) / "extensions.toml"
            restore(data)
            values.write_text(extensions(data), encoding="utf-8")
            async with running_engine() as engine:
                settings: dict[str, dict[str, object]] = {
                    "bundles": {"folder": str(BUNDLES), "extensions": str(values)},
                    "callbacks": {"allow": [f"127.0.0.1:{engine.port}"]},
                    **VARIANTS.get(kind or "", {}),
                }
                if kind == BASIC:
                    _write_user(Path(folder) / "state" / "users.json")
                async with running_daemon(Path(folder), settings) as port:
                    results |= await _replay_all(chosen, await meet(port, engine), partial(restore, data))
    return dict(sorted(results.items()))


async def _replay_all(vectors: list[Vector], bench: Bench, restore: Callable[[], None]) -> dict[str, list[str]]:
    results: dict[str, list[str]] = {}

    async def one(vector: Vector) -> None:
        results[vector.name] = await replay(vector, bench)

    # Callbacks mostly wait, so those vectors run beside each other; calls run one by one, as their times are measured.
    async with trio.open_nursery() as nursery:
        for vector in vectors:
            if vector.trigger is not None:
                nursery.start_soon(one, vector, name=vector.name)
    for vector in vectors:
        if vector.trigger is None:
            await one(vector)
            if vector.expect.get("resetsFixture"):
                restore()
    return results


async def meet(port: int, engine: Engine) -> Bench:
    """Ask a service on `port` for its description, so that its actions can be called by name."""
    surroundings = Surroundings(base=f"http://127.0.0.1:{port}{BASE}", engine=f"http://127.0.0.1:{engine.port}")
    headers = {"Authorization": CREDENTIALS}  # a service that asks for none does not mind
    described = await call(port, BASE, Message(method="POST", path="/metadata", headers=headers, body=b""))
    actions = (described.json or {}).get("actions", [])
    uri_parts = {action["developerName"]: action["uriPart"] for action in actions}
    return Bench(port, engine, replace(surroundings, uri_parts=uri_parts))


def _write_user(path: Path) -> None:
    path.parent.mkdir(parents=True)
    Note(path, Users).write({USER: User(password=hash_password(PASSWORD))})


def main() -> int:
    """Run the command; gives its exit code."""
    parser = argparse.ArgumentParser(description="Replay the conformance vectors against the daemon.")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="names to replay, as a shell pattern")
    arguments = parser.parse_args()
    vectors = read_vectors(Path(os.environ.get("VECTORS") or VECTORS))
    selected = [vector for vector in vectors if fnmatchcase(vector.name, arguments.only)]
    results: dict[str, list[str]] = {}
    try:
        results = trio.run(run, selected)
    except* NotReadyError as group:
        print(*group.exceptions, sep="\n")
    for name, lines in results.items():
        if lines:
            print(f"FAILED {name}: {'; '.join(lines)}")
    passed = sum(not lines for lines in results.values())
    failed = len(selected) - passed  # also what was never replayed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
