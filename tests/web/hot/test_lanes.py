"""What answers heads that come again: found by address and head, bounded, forgotten when unused."""

from __future__ import annotations

from runtime.web.exchange import Answer, Request
from runtime.web.front import Route, lane_of
from runtime.web.hot.lanes import MOST, HeadLane, Lanes
from runtime.web.hot.parsing import Head
from tests.web.house import echo


def test_lanes_are_bounded_and_forgotten() -> None:
    """Law: what is used stays, what is not used goes with its time, and there are never more than two generations."""
    lanes = Lanes()

    def kept(name: str, now: float) -> HeadLane:
        raw = f"GET /{name} HTTP/1.1\r\n\r\n".encode()
        head = Head("GET", f"/{name}", b"", (), 0, True, False, Route(handler=echo))  # noqa: FBT003 - as it is told
        lane = HeadLane(raw, len(raw), head, lambda _body, _arrived: None)
        lanes.keep("there", lane, now)
        return lane

    used, unused = kept("used", 0), kept("unused", 0)
    for now in (31, 62, 93):
        assert lanes.find("there", used.raw + b"body", now) is used
        assert lanes.find("elsewhere", used.raw, now) is None
    assert lanes.find("there", unused.raw, 93) is None
    assert lanes.find("there", used.raw[:-1], 93) is None
    for number in range(3 * MOST):
        kept(str(number), 93)
    assert lanes.find("there", used.raw, 93) is None


def test_what_is_kept_of_a_request_is_not_its_body() -> None:
    """Law: what answers a head that comes again holds nothing of the body that the head came with."""
    request = Request(method="POST", path="/fs/x", query=b"", headers=(), body=b"large", client=None, arrived=0.0)
    made = lane_of(Route(handler=echo, lane=lambda _: lambda body, _arrived: Answer(status=200, body=body)), request)
    assert made is not None
    assert not any(request is cell.cell_contents for cell in made.__closure__ or ())
