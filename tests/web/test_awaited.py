"""Connections whose answer is on its way: they stay watched, and nobody is busy with them."""

from __future__ import annotations

import errno
import select
from types import SimpleNamespace

import pytest
import trio
import trio.testing

from runtime.web import watch
from runtime.web.exchange import Answer, Request
from runtime.web.front import BodyLimits, Front, Route
from runtime.web.later import Later
from runtime.web.wire import Wire
from tests.patience import PATIENCE
from tests.web.caller import calling
from tests.web.house import echo, running
from tests.web.test_watch import begun, mirrored


class Counted:
    """An epoll that counts what is told to it."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self.told = 0

    def __getattr__(self, name: str) -> object:
        self.told += name in {"register", "unregister", "modify"}
        return getattr(self._epoll, name)


async def test_while_an_answer_is_on_its_way_the_kernel_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: an answer that comes later costs no change of what is watched; what comes before it keeps nobody busy."""
    made: list[Counted] = []
    laters: list[Later] = []

    def counted() -> Counted:
        made.append(Counted())
        return made[-1]

    def decide(request: Request) -> Answer | Later:
        if request.path == "/fs/x":
            return mirrored(request)
        laters.append(Later())
        return laters[-1]

    monkeypatch.setattr(watch, "select", SimpleNamespace(epoll=counted, EPOLLIN=select.EPOLLIN))
    front = Front({"/fs": Route(handler=echo, decide=decide)}, limits=BodyLimits(size=1024))
    async with running(front) as house, calling(house.port) as caller:
        await caller.request("POST", "/fs/x", b"0")
        await caller.reply()
        before = made[0].told
        for number in range(3):
            await caller.request("POST", "/fs/later")
            await begun(laters, number + 1)
            laters[number].complete(Answer(status=200, body=b"later"))
            assert (await caller.reply()).body == b"later"
        assert made[0].told == before
        await caller.request("POST", "/fs/later")
        await begun(laters, 4)
        await caller.request("POST", "/fs/x", b"early")
        with trio.fail_after(PATIENCE):
            await trio.testing.wait_all_tasks_blocked(0.01)  # which a watch that turns round and round never is
        laters[3].complete(Answer(status=200, body=b"last"))
        assert [(await caller.reply()).body, (await caller.reply()).body] == [b"last", b"early"]


async def test_who_cannot_be_watched_again_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: where the kernel has no room to hear what came before an answer, that is sent, and the connection ends."""
    laters: list[Later] = []

    def decide(request: Request) -> Answer | Later:
        if request.path == "/fs/x":
            return mirrored(request)
        laters.append(Later())
        return laters[-1]

    def full(_watch: watch.Watch, _wire: Wire, _conversation: watch.Conversation) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    front = Front({"/fs": Route(handler=echo, decide=decide)}, limits=BodyLimits(size=1024))
    async with running(front) as house, calling(house.port) as other, calling(house.port) as caller:
        await other.request("POST", "/fs/x", b"1")
        await other.reply()
        await caller.request("POST", "/fs/later")
        await begun(laters, 1)
        await caller.request("POST", "/fs/x", b"early")
        await trio.testing.wait_all_tasks_blocked(0.01)
        monkeypatch.setattr(watch.Watch, "add", full)
        laters[0].complete(Answer(status=200, body=b"last"))
        assert (await caller.reply()).body == b"last"
        await house.until_open(1)
        assert house.tally.broken == 1
        await other.request("POST", "/fs/x", b"2")
        assert (await other.reply()).body == b"2"
