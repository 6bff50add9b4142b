from __future__ import annotations

from runtime.outbox.rooms import Rooms


def test_room_is_earned() -> None:
    """A host begins with one place, and gets one more with each answer, up to its most."""
    rooms = Rooms(3)
    found = []
    for _ in range(5):
        found.append(rooms.left("a"))
        rooms.begin("a")
        rooms.answered("a")
    assert found == [1, 1, 1, 0, -1]
    assert rooms.left("b") == 1


def test_silence_takes_all_but_one() -> None:
    """A host that is silent has one place again, however many it had."""
    rooms = Rooms(4)
    for _ in range(4):
        rooms.begin("a")
        rooms.answered("a")
    rooms.failed("a")
    assert rooms.left("a") == 1 - 4
    for _ in range(3):
        rooms.end("a")
    assert rooms.left("a") == 0


def test_hosts_are_forgotten() -> None:
    """Of hosts to which nothing is sent or to be sent nothing is kept, so that those of long ago take no memory."""
    rooms = Rooms(4)
    for host in ("a", "b", "c"):
        rooms.begin(host)
        rooms.answered(host)
    rooms.end("a")
    rooms.end("b")
    rooms.forget(but={"a"})
    assert [rooms.left(host) for host in ("a", "b", "c")] == [2, 1, 1]
    assert set(rooms.under_way) == {"c"}
