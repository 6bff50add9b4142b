"""Tests of what callers meet run twice: with the front door, and with hypercorn alone."""

from __future__ import annotations

import pytest

from tests.web import house

BOTH_WAYS = {
    "test_body",
    "test_failures",
    "test_framing",
    "test_hostile",
    "test_listener",
    "test_pipelined",
    "test_requests",
    "test_smuggling",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of these modules both ways, where they ask for nothing else than a server."""
    if metafunc.module.__name__.rpartition(".")[2] in BOTH_WAYS and "unguarded" not in metafunc.function.__name__:
        metafunc.fixturenames.append("door")
        metafunc.parametrize("door", [True, False], ids=["door", "hypercorn"], indirect=True)


@pytest.fixture
def door(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Choose one of the two ways for servers under test."""
    chosen: bool = request.param
    monkeypatch.setattr(house, "DOOR", chosen)
    return chosen
