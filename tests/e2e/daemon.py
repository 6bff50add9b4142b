"""The daemon as its operator has it: started, stopped, killed and started again over one state folder and one port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import trio
from prometheus_client.parser import text_string_to_metric_families

from runtime.clock import SystemClock
from runtime.host.crowd import crowd_of
from runtime.store.cipher import open_cipher
from runtime.store.sqlite import JOURNAL, open_sqlite
from tests.flow.daemon import COMMAND, READY_WITHIN, ROOT, STOP_WITHIN, NotReadyError, Settings
from tests.flow.peers import NoAnswerError, Reply, call
from tests.flow.replay import Message
from tests.ports import free_port

BUNDLES = Path(__file__).parent / "bundles"
POLL = 0.05  # seconds between two looks at something that sends no event


class Daemon:
    """One installation: a folder with settings, state, log, and at most one process at a time.

    `environ` is added to the process' environment.
    """

    def __init__(self, folder: Path, settings: Settings, environ: Mapping[str, str]) -> None:
        self.port = free_port()
        self.state = folder / "state"
        self.log = folder / "daemon.log"
        self.program = [sys.executable, "-c", COMMAND]
        self._config = folder / "nuclide.toml"
        self._settings = settings
        self._environ = {**os.environ, **environ}
        self._process: trio.Process | None = None

    @property
    def pid(self) -> int:
        """The number of the process that runs."""
        return self._running.pid

    @property
    def workers(self) -> int:
        """How many processes serve; the environment may say so for a whole run of the tests."""
        told = self._environ.get("NUCLIDE_SERVER_WORKERS") or self._settings.get("server", {}).get("workers", 1)
        return int(str(told))

    @property
    def has_workers(self) -> bool:
        """Whether it is several processes."""
        return self.workers != 1

    @property
    def _running(self) -> trio.Process:
        assert self._process is not None, "the daemon has not been started"
        return self._process

    def change(self, section: str, values: Mapping[str, object]) -> None:
        """Have its next life begin with other settings of a section."""
        self._settings = {**self._settings, section: values}

    async def start(self, *options: str, told: bytes = b"ready\n") -> None:
        """Start it with options, and wait until it tells that it is ready.

        Raises:
            NotReadyError: it ended, or was not ready in time.
        """
        self._process = await self._open(*options)
        with trio.move_on_after(READY_WITHIN):
            while self._process.poll() is None:
                if await self._tells(told) and await self._is_whole():
                    return
                await trio.sleep(POLL)
        raise NotReadyError(f"the daemon is not ready (exit code {self._process.poll()}): {self.logged()[-3_000:]}")

    async def start_unasked(self) -> None:
        """Start it, and wait until its log says that it is ready: where its listener does not speak clear text."""
        self._process = await self._open()
        await self.wait_logged("all workers are ready" if self.has_workers else "ready")

    async def refused(self) -> tuple[int, str]:
        """Start one that cannot run; give its exit code and what it said."""
        process = await self._open()
        with trio.fail_after(READY_WITHIN):
            return await process.wait(), self.logged()

    async def kill(self) -> None:
        """End it as a power cut would: it learns nothing of it."""
        self._running.kill()
        await self._running.wait()

    def terminate(self) -> None:
        """Ask it to stop, as systemd does."""
        self.signal(signal.SIGTERM)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._running.send_signal(number)

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    async def ended(self) -> int:
        """Wait until it has ended; gives the exit code."""
        with trio.fail_after(STOP_WITHIN):
            return await self._running.wait()

    async def stop(self) -> int:
        """Stop it; gives the exit code."""
        self.terminate()
        return await self.ended()

    async def restart(self) -> None:
        """Kill it and start it again."""
        await self.kill()
        await self.start()

    def logged(self) -> str:
        """Give all that it has logged so far, over all its lives."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    async def wait_logged(self, event: str) -> None:
        """Wait until it has logged this event, in any of its lives."""
        with trio.fail_after(READY_WITHIN):
            while f'"event":"{event}"' not in self.logged():  # noqa: ASYNC110 - another process: there is no event
                await trio.sleep(POLL)

    async def get(self, path: str) -> Reply:
        """Ask an address that is not Flow's."""
        return await call(self.port, "", Message(method="GET", path=path, headers={}, body=b""))

    async def samples(self) -> dict[str, float]:
        """Scrape its metrics: each sample by its name and the values of its labels, those of several workers added."""
        text = (await self.get("/metrics")).body.decode()
        found: Counter[str] = Counter()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                labels = [sample.labels[name] for name in sorted(sample.labels) if name != "worker"]
                found[" ".join((sample.name, *labels))] += sample.value  # type: ignore[assignment]
        return {name: float(value) for name, value in found.items()}

    async def gauge(self, name: str, label: str) -> float:
        """Give the present value of a metric with this label's value."""
        return (await self.samples()).get(f"{name} {label}", 0.0)

    async def wait_gauge(self, name: str, label: str, value: float) -> None:
        """Wait until a metric has this value; it is renewed every few seconds."""
        while await self.gauge(name, label) != value:  # noqa: ASYNC110 - another process: there is no event
            await trio.sleep(POLL)

    async def counts(self) -> dict[str, int]:
        """Give what its journals hold, by state; it must not be running."""
        cipher = open_cipher(self.state, {})
        counts: Counter[str] = Counter()
        for folder in self.journals():
            async with open_sqlite(folder, cipher=cipher, clock=SystemClock(), group=1, queue=1) as store:
                counts.update(await store.journal.counts())
        return dict(counts)

    def journals(self) -> list[Path]:
        """Give the folders of its journals: one for each worker that it has ever had."""
        crowd = crowd_of(self.state, 1, JOURNAL)
        return [crowd.folder(number) for number in crowd.numbers]

    async def close(self) -> None:
        """Leave no process behind."""
        if self._process is not None and self._process.poll() is None:
            await self.kill()

    async def _tells(self, told: bytes) -> bool:
        try:
            return (await self.get("/readyz")).body == told
        except NoAnswerError:
            return False  # it does not listen yet

    async def _is_whole(self) -> bool:
        """Whether all of its workers are there."""
        return (
            not self.has_workers or (await self.get("/metrics")).body.count(b"\nnuclide_worker_starts{") >= self.workers
        )

    def _write_config(self) -> None:
        server = {"host": "127.0.0.1", "port": self.port, **self._settings.get("server", {})}
        places: Settings = {"state": {"folder": str(self.state)}, "bundles": {"folder": str(BUNDLES)}}
        self._config.write_text(_toml({**places, **self._settings, "server": server}), encoding="utf-8")

    async def _open(self, *options: str) -> trio.Process:
        self._write_config()
        command = [*self.program, "run", "--config", str(self._config), *options]
        with self.log.open("ab") as output:
            return await trio.lowlevel.open_process(
                command, cwd=ROOT, env=self._environ, stdout=output, stderr=subprocess.STDOUT
            )


@asynccontextmanager
async def installed(
    folder: Path, settings: Settings | None = None, environ: Mapping[str, str] | None = None
) -> AsyncGenerator[Daemon]:
    """Give an installation in `folder`, not yet started; nothing of it runs when the block has ended."""
    daemon = Daemon(folder, settings or {}, environ or {})
    try:
        yield daemon
    finally:
        with trio.CancelScope(shield=True):
            await daemon.close()


def _toml(settings: Settings) -> str:
    lines: list[str] = []
    for section, values in settings.items():
        lines.append(f"[{section}]")
        lines += [f"{key} = {msgspec.json.encode(value).decode()}" for key, value in values.items()]
    return "\n".join([*lines, ""])
