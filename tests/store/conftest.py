"""Both stores, under one name: a law that one keeps, the other keeps too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runtime.store.memory import MemoryStore
from tests.store.examples import sqlite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from runtime.store.protocols import Documents, Journal, Store


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Give an empty store."""
    if request.param == "memory":
        yield MemoryStore()
    else:
        async with sqlite(tmp_path / "state") as opened:
            yield opened


@pytest.fixture
async def journal(store: Store) -> Journal:
    """Give the journal of an empty store."""
    return store.journal


@pytest.fixture
async def documents(store: Store) -> Documents:
    """Give the files of an empty store."""
    return store.documents
