from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING, cast

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from runtime.web import behind
from runtime.web.listener import ListenerLimits
from tests.patience import PATIENCE
from tests.web.house import front

if TYPE_CHECKING:
    from runtime.web.listener import ConnectionHandler
    from runtime.web.wire import Wire


def test_callers_wait_for_nothing_that_they_do_not_need() -> None:
    """What a hot route is served by imports neither hypercorn nor Quart nor the library of databases."""
    late = "{'hypercorn', 'h2', 'wsproto', 'quart', 'flask', 'jinja2', 'sqlalchemy'}"
    code = f"import sys, runtime.daemon, connectors.database; print(*sorted({late} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


async def test_the_first_connections_wait_for_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that come while what stands behind is imported are all served by it; the loop goes on meanwhile."""
    served: list[object] = []

    class Connection:
        @staticmethod
        def hypercorn_connections(app: object, limits: object, stopping: object) -> ConnectionHandler:
            async def handle(wire: Wire) -> None:
                served.append(wire)
                await trio.lowlevel.checkpoint()

            return handle

    go_on = threading.Event()

    def importing(name: str) -> type[Connection]:
        assert name == behind.CONNECTION
        assert go_on.wait(PATIENCE)
        return Connection

    monkeypatch.setattr(behind, "import_module", importing)
    handle = behind.connections_behind(front(), ListenerLimits(), trio.Event())
    async with trio.open_nursery() as nursery:
        for wire in ("one", "another"):
            nursery.start_soon(handle, cast("Wire", wire))
        await wait_all_tasks_blocked()
        assert served == []
        go_on.set()
    assert sorted(map(str, served)) == ["another", "one"]
