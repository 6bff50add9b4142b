from __future__ import annotations

from collections import Counter

from structlog.testing import capture_logs

from tests.web.fuzz import calls, fuzz

CONNECTIONS = 1_500  # about 60 times what an unguarded hypercorn survives at best


async def test_no_fuzzed_connection_ends_the_server() -> None:
    """Law: whatever bytes callers send, the server serves the next one and no connection is left behind."""
    ways: Counter[str] = Counter()
    with capture_logs():
        statistics = await fuzz(seed=1, count=CONNECTIONS, ways=ways)
    assert statistics.accepted == CONNECTIONS + 1
    assert statistics.open == 0
    assert sum(statistics.guarded.values()) > 0  # else this run no longer reaches what it is for
    assert set(ways) == {"at once", "later", "by a handler", "by lane", "by a lane's handler"}


def test_a_seed_gives_its_connections_again() -> None:
    """Law: a death can be repeated from its seed."""
    assert list(calls(3, 50)) == list(calls(3, 50))
    assert list(calls(3, 50)) != list(calls(4, 50))
