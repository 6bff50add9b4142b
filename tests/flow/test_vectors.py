from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runtime.flow.describe import uri_part
from tests.flow.conformance import judge, judge_callback, judge_description
from tests.flow.door import answer
from tests.flow.fixture import SERVICE
from tests.flow.peers import Callback, Reply
from tests.flow.replay import Surroundings, Vector, fill, message, read_vectors
from tests.flow.run_api import replay_client
from tests.flow.selection import VARIANTS, variant

ENGINE = "http://127.0.0.1:9"
SURROUNDINGS = Surroundings(
    base="http://127.0.0.1:1/fs/Conformance",
    engine=ENGINE,
    uri_parts={action.name: uri_part(action) for action in SERVICE.actions},
)
ALL = read_vectors()
CHECKS = [vector for vector in ALL if vector.kind == "describe-response-check"]
UPLOADS = [vector for vector in ALL if vector.request.get("path") == "/file/content"]  # parts of bodies are for web
CALLS = [
    vector
    for vector in ALL
    if vector.kind is None
    and vector.trigger is None
    and not VARIANTS.get(variant(vector) or "")
    and vector not in UPLOADS
    and vector.direction == "engine-to-service"
]
RUNS = [vector for vector in ALL if vector.direction == "client-to-engine"]
CALLBACKS = [vector for vector in ALL if vector.trigger is not None]


def _name(vector: Vector) -> str:
    return vector.name


def _reply(request: dict[str, Any]) -> Reply:
    told, _ = answer(message(request, SURROUNDINGS))
    return Reply(status=told.status, headers=dict(told.headers), body=told.body, seconds=0, at=0)


@pytest.mark.parametrize("vector", CHECKS, ids=_name)
def test_descriptions_are_judged(vector: Vector) -> None:
    """The validator of descriptions says what the engine is known, or believed, to do."""
    assert list(judge_description(vector)) == []


@pytest.mark.parametrize("vector", CALLS, ids=_name)
def test_calls(vector: Vector) -> None:
    """The protocol library alone answers each call as its vector wants it."""
    request, expect = fill(vector.request, SURROUNDINGS), fill(vector.expect, SURROUNDINGS)
    assert list(judge(expect, request, _reply(request))) == []


@pytest.mark.parametrize("vector", RUNS, ids=_name)
async def test_launches(vector: Vector) -> None:
    """The Flow Client connector sends what the Run API's vector wants, to a real socket."""
    assert await replay_client(vector) == []


@pytest.mark.parametrize("vector", CALLBACKS, ids=_name)
def test_callbacks(vector: Vector) -> None:
    """The callback of a slow call is addressed and filled as its vector wants it."""
    trigger = fill(vector.trigger, SURROUNDINGS)
    told, request = answer(message(trigger, SURROUNDINGS))
    assert msgspec.json.decode(told.body)["invokeType"] == "WAIT"
    assert request is not None
    callback = Callback(
        method="POST",
        path=request.url.removeprefix(ENGINE),
        headers=dict(request.headers),
        body=msgspec.json.decode(request.body),
        at=0,
    )
    assert list(judge_callback(fill(vector.request, SURROUNDINGS), trigger, callback)) == []


def test_nothing_is_forgotten() -> None:
    """Each vector is replayed by the library alone, or needs a listener, or a variant of it."""
    replayed = {vector.name for vector in (*CHECKS, *CALLS, *CALLBACKS, *RUNS)}
    others = [vector for vector in ALL if vector.name not in replayed]
    assert all(vector in UPLOADS or variant(vector) in VARIANTS for vector in others)
    assert len(replayed) > 50
