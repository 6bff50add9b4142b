from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from runtime.store.turns import in_turn

HOSTS = st.sampled_from("abcd")
WAITING = st.dictionaries(HOSTS, st.lists(st.integers(0, 50).map(float), max_size=8).map(sorted))


@given(WAITING, st.dictionaries(HOSTS, st.integers(0, 5)), st.integers(0, 20))
def test_hosts_take_turns(waiting: dict[str, list[float]], under_way: dict[str, int], places: int) -> None:
    """Of so many places no host gets one while another waits that has fewer; each gets its oldest first."""
    rows = {host: [(due, place, host) for place, due in enumerate(dues)] for host, dues in waiting.items()}
    ordered = in_turn(rows, under_way, lambda row: row[:2])
    assert sorted(ordered) == sorted(row for many in rows.values() for row in many)
    served = ordered[:places]
    given = Counter(under_way) + Counter(host for _, _, host in served)
    for host, many in rows.items():
        mine = [row for row in served if row[2] == host]
        assert mine == many[: len(mine)]
        if len(mine) < len(many):
            assert all(given[other] <= given[host] + 1 for _, _, other in served)
