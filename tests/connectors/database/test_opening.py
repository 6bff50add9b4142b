from __future__ import annotations

import threading
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from connectors.database import opening
from connectors.database.settings import Settings
from runtime.sdk.faults import NotSent

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


async def test_the_library_is_imported_beside_the_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLAlchemy takes a third of a second to import, so a thread does it, and callers are served meanwhile."""
    threads: list[threading.Thread] = []

    def importing(name: str) -> ModuleType:
        threads.append(threading.current_thread())
        return import_module(name)

    monkeypatch.setattr(opening, "import_module", importing)
    async with opening.open_connection(Settings(url=f"sqlite:///{tmp_path}/orders.db")):
        pass
    assert threads
    assert threading.main_thread() not in threads


async def test_a_library_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, the one who opens a connection is told what to install."""

    def missing(name: str) -> ModuleType:
        raise ImportError("No module named 'sqlalchemy'")

    monkeypatch.setattr(opening, "import_module", missing)
    with pytest.raises(NotSent, match=r"install nuclide\[db\]: No module named 'sqlalchemy'"):
        async with opening.open_connection(Settings(url="sqlite://")):
            pass
