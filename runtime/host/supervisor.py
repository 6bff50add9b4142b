"""The supervisor: the process that systemd knows, which starts workers and replaces those that die.

It forks, so that a worker begins with everything imported already, and a replacement serves within a fraction of a
second. A process forks safely while it has one thread and no event loop, so this one has neither: it waits in `select`
for signals and messages, and decides by the pure rules of `runtime.host.staff`. Nothing of a bundle is ever read here.

The listening sockets are this process' own, so connections that came to a worker that has died wait in the kernel for
its replacement. The kernel ends the workers when this process has gone (`PR_SET_PDEATHSIG`): a kill of the supervisor
is a kill of the daemon.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import structlog
from msgspec import Struct

from runtime.clock import SECONDS
from runtime.host.agreement import Agreement
from runtime.host.control import Adopt, Alive, Closed, Finish, Ready, Reload, Reloaded, Stop, heard, pair, say
from runtime.host.notify import READY, STOPPING, WATCHDOG, notify, status, watchdog_interval
from runtime.host.staff import MARGIN, Staff, State, Worker

_PDEATHSIG: Final = 1  # prctl(2)
_LONGEST_WAIT: Final = 5 * SECONDS
_SOON: Final = 0.1 * SECONDS
_BURIED: Final = 0.02 * SECONDS  # between two looks whether a process that has closed its end has ended
_MICROSECONDS: Final = 1_000  # nanoseconds in one
_UNTIL_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

_log = structlog.get_logger("nuclide.supervisor")


class Placed(Struct, frozen=True):
    """What a worker begins with, in its own process. `starts` counts how often one of its number has been started."""

    number: int
    starts: int
    listeners: tuple[socket.socket, ...]
    control: socket.socket
    heartbeat: float | None


class Supervisor:
    """Runs `len(listeners)` workers, each with sockets of its own, or with those that all of them share.

    `drain` is for how many seconds callers, and then executions, may go on when the daemon stops. The workers that are
    there take part in the `agreement`.
    """

    def __init__(self, listeners: Sequence[tuple[socket.socket, ...]], *, drain: float, agreement: Agreement) -> None:
        self._agreement = agreement
        self._listeners = dict(enumerate(listeners, start=1))
        self._staff = Staff(len(listeners))
        self._ends: dict[int, socket.socket] = {}
        self._drain = drain
        self._watchdog = watchdog_interval()
        self._fed_at = 0.0
        self._ready = False
        self._stopping_at: float | None = None
        self._finishing_at: float | None = None
        self._reloading: set[int] | None = None  # the workers that are still reading
        self._begun = time.monotonic()
        self._wake, self._waker = socket.socketpair()

    def run(self) -> int | Placed:
        """Supervise until told to stop, and give the exit code; in a worker's process, give what it begins with."""
        for end in (self._wake, self._waker):
            end.setblocking(False)  # noqa: FBT003 - as the library has it
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        for number in _UNTIL_SIGNALS:
            signal.signal(number, _noted)
        while True:
            placed = self._start_due()
            if placed is not None:
                return placed
            if not self._staff.present and (self._stopping_at is not None or self._staff.failed is not None):
                return self._staff.exit_code
            self._wait()
            self._look_after()

    def _start_due(self) -> Placed | None:
        """Start every worker that is due; in the process of one, give what it begins with."""
        if self._stopping_at is not None or self._staff.failed is not None:
            return None
        for worker in self._staff.due(time.monotonic()):
            placed = self._start(worker)
            if placed is not None:
                return placed
        return None

    def _start(self, worker: Worker) -> Placed | None:
        mine, theirs = pair()
        self._agreement.join(worker.number)
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            pid = os.fork()
        except OSError as error:
            mine.close()
            theirs.close()
            _log.error("a worker cannot be started", worker=worker.number, error=error.strerror)
            self._agreement.leave(worker.number)
            self._staff.not_started(worker.number, time.monotonic())
            return None
        if pid == 0:
            mine.close()
            return self._placed(worker, theirs)
        theirs.close()
        mine.setblocking(False)  # noqa: FBT003 - as the library has it
        self._ends[worker.number] = mine
        self._staff.started(worker.number, pid, time.monotonic())
        return None

    def _placed(self, worker: Worker, control: socket.socket) -> Placed:
        """Become a worker: nothing of the supervisor is left in this process."""
        supervisor = os.getppid()
        signal.set_wakeup_fd(-1)
        for number in _UNTIL_SIGNALS:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        for end in (self._wake, self._waker, *self._ends.values()):
            end.close()
        mine = self._listeners.get(worker.number, ())
        for sockets in self._listeners.values():
            if not set(sockets) & set(mine):
                for each in sockets:
                    each.close()
        for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
            os.environ.pop(name, None)
        ctypes.CDLL(None, use_errno=True).prctl(_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:  # it died before the kernel was told
            os.kill(os.getpid(), signal.SIGKILL)
        return Placed(worker.number, worker.starts + 1, mine, control, self._watchdog)

    def _wait(self) -> None:
        """Wait for a signal, a message, or the next thing that is due."""
        now = time.monotonic()
        dues = [now + _LONGEST_WAIT, *self._staff.deadlines(None if self._watchdog is None else 2 * self._watchdog)]
        if self._watchdog is not None:
            dues.append(self._fed_at + self._watchdog)
        stopping = (self._stopping_at, self._finishing_at)
        dues.extend(max(now + _SOON, begun + self._drain + MARGIN) for begun in stopping if begun is not None)
        ends = {end: number for number, end in self._ends.items()}
        readable, _, _ = select.select([self._wake, *ends], [], [], max(0.0, min(dues) - now))
        for end in readable:
            if end is self._wake:
                self._take_signals()
            else:
                self._hear(ends[end], end)

    def _take_signals(self) -> None:
        with suppress(BlockingIOError):
            for number in self._wake.recv(64):
                if number == signal.SIGHUP:
                    self._reload()
                elif number in {signal.SIGTERM, signal.SIGINT}:
                    self._stop(signal.Signals(number))

    def _hear(self, number: int, end: socket.socket) -> None:
        message = heard(end)
        now = time.monotonic()
        match message:
            case None:
                self._lost(number)
            case Ready(addresses=addresses, safe=safe):
                self._staff.ready(number, now)
                self._bequeath()
                self._tell_ready(addresses, safe=safe)
            case Alive():
                self._staff.alive(number, now)
            case Reloaded():
                self._reloaded(number)
            case Closed():
                self._staff.closed(number)
                if self._stopping_at is None:  # it was asked alone; the others go on
                    say(end, Finish())

    def _lost(self, number: int) -> None:
        """Bury a worker whose end of the pair is closed: it has died, or is about to."""
        self._ends.pop(number).close()
        self._agreement.leave(number)
        pid = self._staff.pid(number)
        exit_code = _ended(pid)
        self._reloaded(number)
        again = self._staff.died(number, exit_code, time.monotonic(), stopping=self._stopping_at is not None)
        if self._stopping_at is not None:
            return
        if self._staff.failed is not None:
            self._end_all()
            return
        _log.error("a worker has died", worker=number, process=pid, exit_code=exit_code, again_in_seconds=again)
        if again is None:
            self._give_up(number)

    def _give_up(self, number: int) -> None:
        """Let another worker finish what one has begun that cannot be started any more."""
        if any(not set(self._listeners[number]).isdisjoint(self._listeners[other]) for other in self._ends):
            self._listeners[number] = ()
        for each in self._listeners[number]:
            each.close()
        self._listeners[number] = ()
        _log.error("a worker cannot be started; another takes its journal over", worker=number)
        self._bequeath()

    def _bequeath(self) -> None:
        """See that every journal whose worker was given up has another one that keeps it."""
        heir = self._staff.heir
        for number in () if heir is None else self._staff.without_heir(heir):
            say(self._ends[heir or 0], Adopt(number))

    def _look_after(self) -> None:
        """Do what is due: feed systemd's watchdog, end workers that hang, go on with a stop."""
        now = time.monotonic()
        if self._watchdog is not None:
            if now - self._fed_at >= self._watchdog:
                self._fed_at = now
                notify(WATCHDOG)
            for worker in self._staff.hanging(now, 2 * self._watchdog):
                _log.error("a worker hangs and is ended", worker=worker.number, process=worker.pid)
                os.kill(worker.pid, signal.SIGKILL)
                self._staff.alive(worker.number, now)  # its death is told in a moment, once
        if self._stopping_at is None:
            return
        late = now > self._stopping_at + self._drain + MARGIN
        if self._finishing_at is None and (late or self._staff.all_closed):
            self._finishing_at = now
            for end in self._ends.values():
                say(end, Finish())
        if self._finishing_at is not None and now > self._finishing_at + self._drain + MARGIN:
            self._end_all()

    def _stop(self, number: signal.Signals) -> None:
        if self._stopping_at is not None:
            return
        _log.info("stopping", signal=number.name, workers=len(self._ends), drain_seconds=self._drain)
        self._stopping_at = time.monotonic()
        for each in (signal.SIGTERM, signal.SIGINT):  # a second one ends a stop that takes too long
            signal.signal(each, signal.SIG_DFL)
        notify(STOPPING)
        for sockets in self._listeners.values():
            for sock in sockets:
                sock.close()
        for end in self._ends.values():
            say(end, Stop())

    def _reload(self) -> None:
        if self._stopping_at is not None:
            return
        notify("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // _MICROSECONDS}")
        _log.info("reloading")
        self._reloading = {number for number, end in self._ends.items() if say(end, Reload())}

    def _reloaded(self, number: int) -> None:
        """Note that a worker has read again what stands in files, or has died: then its replacement does."""
        if self._reloading is None:
            return
        self._reloading.discard(number)
        if not self._reloading:
            self._reloading = None
            notify(READY)
            _log.info("reloaded")

    def _tell_ready(self, addresses: tuple[str, ...], *, safe: bool) -> None:
        if self._ready or not self._staff.all_ready:
            return
        self._ready = True
        serving = "safe start, nothing is deployed" if safe else "serving"
        workers = len(self._listeners)
        notify(READY, status(f"{serving} at {', '.join(addresses)}, {workers} workers"))
        seconds = round(time.monotonic() - self._begun, 3)
        _log.info("all workers are ready", addresses=addresses, workers=workers, seconds=seconds)

    def _end_all(self) -> None:
        for worker in self._staff.workers:
            if worker.state is not State.GONE:
                with suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)


def _ended(pid: int) -> int:
    """Give the exit code of a process that ends; one that does not is killed."""
    until = time.monotonic() + MARGIN
    while time.monotonic() < until:
        done, code = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(code)
        time.sleep(_BURIED)
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _noted(_number: int, _frame: object) -> None:
    """Do nothing: the signal's number is in the wake-up socket."""
