"""The servers of the bench: each a process of its own on the first core, where there are two."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from runtime.web.access.passwords import hash_password
from tests.bench.ports import wait_for_port
from tests.ports import free_port

CHECKOUT = Path(__file__).parents[2]
NODE_MODULES = CHECKOUT / ".bench" / "node_modules"
OURS = "front door"
USER, PASSWORD = "bench", "bench"
DURABLE = "front door, durable"
SERVER_CORE, LOAD_CORE = 0, 1


class Server(Struct, frozen=True):
    """A server that runs."""

    name: str
    port: int
    pid: int

    def cpu(self) -> float:
        """Give the seconds of processor time that it has used in all its threads."""
        total = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            try:
                total += int((task / "schedstat").read_text().split()[0])
            except OSError:
                continue  # a thread that has ended meanwhile
        return total / 1e9

    def memory(self) -> float:
        """Give its memory in MiB."""
        return rss(self.pid)


def rss(pid: int) -> float:
    """Give the memory of a process in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def names() -> list[str]:
    """Give the servers that can be had here."""
    found = [OURS, DURABLE, "hypercorn", "asgi on hypercorn", "quart"]
    if has_module("uvicorn"):
        found.append("uvicorn")
    if shutil.which("node"):
        found.append("node:http")
        found += [peer for peer in ("express", "fastify", "node-red") if (NODE_MODULES / peer).is_dir()]
    return found


def has_module(module: str) -> bool:
    """Whether a module is installed."""
    return subprocess.run([sys.executable, "-c", f"import {module}"], check=False, capture_output=True).returncode == 0


@contextmanager
def running(name: str, folder: Path) -> Iterator[Server]:
    """Run one of `names` while the block runs; its files lie in `folder`."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"NODE_ENV": "production", "NODE_PATH": str(NODE_MODULES)}
    process = subprocess.Popen(
        [*pinned(SERVER_CORE), *_command(name, port, folder)], cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        wait_for_port(port, process)
        yield Server(name, port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _command(name: str, port: int, folder: Path) -> list[str]:
    peers = Path(__file__).parent / "peers"
    match name:
        case "front door" | "front door, durable" | "hypercorn":
            config, state = folder / "nuclide.toml", folder / "state"
            _write_user(state)
            config.write_text(
                f"[server]\nport = {port}\nfront_door = {'false' if name == 'hypercorn' else 'true'}\n"
                f'[access]\nauthentication = "basic"\n[state]\nfolder = "{state}"\n'
                f'[bundles]\nfolder = "{CHECKOUT / "processes"}"\n'
                '[log]\nlevel = "error"\n'
            )
            return [sys.executable, "-c", "from runtime.cli.main import main; main()", "run", "--config", str(config)]
        case "asgi on hypercorn":
            return [sys.executable, "-m", "tests.bench.baselines", "asgi", str(port)]
        case "quart":
            return [sys.executable, "-m", "tests.bench.baselines", "quart", str(port)]
        case "uvicorn":
            options = ["--port", str(port), "--http", "httptools", "--loop", "uvloop", "--lifespan", "off"]
            quiet = ["--no-access-log", "--log-level", "warning"]
            return [sys.executable, "-m", "uvicorn", "tests.bench.baselines:asgi", *options, *quiet]
        case "node-red":
            return ["node", str(peers / "node-red.js"), str(port), str(folder)]
        case _:
            return ["node", str(peers / "servers.js"), name, str(port)]


def _write_user(state: Path) -> None:
    """Let the load in, as a user like any other: everything that a daemon does for a request is measured."""
    state.mkdir(mode=0o700, exist_ok=True)
    users = state / "users.json"
    users.touch(mode=0o600)
    users.write_bytes(msgspec.json.encode({USER: {"password": hash_password(PASSWORD)}}))


def pinned(core: int) -> list[str]:
    """Give what runs a command on one core, where there are several."""
    return ["taskset", "-c", str(core)] if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else []


def generator(server: Server, connections: int, seconds: float, *, durable: bool) -> list[str]:
    """Give the command of the load for a server."""
    kind = "durable" if durable else "plain"
    command = [sys.executable, "-m", "tests.bench.generator", str(server.port), str(connections), str(seconds), kind]
    return [*pinned(LOAD_CORE), *command]
