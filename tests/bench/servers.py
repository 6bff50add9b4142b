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
from tests.bench.greeting import AUTHORIZATION, PASSWORD, USER
from tests.bench.pinning import CHECKOUT, SERVER_CORE, pinned
from tests.bench.ports import wait_for_port
from tests.ports import free_port

NODE_MODULES = CHECKOUT / ".bench" / "node_modules"
OURS = "front door"
DURABLE = "front door, durable"
DAEMONS = {  # how each is started, and with the front door or without
    OURS: ("runtime.cli.main", True),
    DURABLE: ("runtime.cli.main", True),
    "hypercorn": ("runtime.cli.main", False),
    "quart route": ("tests.bench.on_quart", False),
}
BY_HAND = {"asgi on hypercorn": "asgi", "quart by hand": "quart"}
NODE = ("node:http", "fastify", "express", "node-red")


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
        """Give its memory in MiB, what it shares with others in proportion."""
        return pss(self.pid)


def rss(pid: int) -> float:
    """Give the resident memory of a process in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def pss(pid: int) -> float:
    """Give the proportional memory of a process in MiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


def names() -> list[str]:
    """Give the servers that can be had here."""
    gone = absent()
    return [name for name in (*DAEMONS, *BY_HAND, "uvicorn", *NODE) if name not in gone]


def absent() -> dict[str, str]:
    """Give the servers that cannot be had here, each with the reason."""
    gone: dict[str, str] = {}
    if not has_module("uvicorn"):
        gone["uvicorn"] = "the extra bench is not installed"
    for peer in NODE:
        if not shutil.which("node"):
            gone[peer] = "there is no node"
        elif peer != "node:http" and not (NODE_MODULES / peer).is_dir():
            gone[peer] = "npm could not install it" if shutil.which("npm") else "there is no npm to install it"
    return gone


def has_module(module: str) -> bool:
    """Whether a module is installed."""
    return subprocess.run([sys.executable, "-c", f"import {module}"], check=False, capture_output=True).returncode == 0


@contextmanager
def running(name: str, folder: Path) -> Iterator[Server]:
    """Run one of `names` while the block runs; its files lie in `folder`."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [*pinned(SERVER_CORE), *command(name, port, folder)],
        cwd=CHECKOUT,
        env=environment(),
        stdout=subprocess.DEVNULL,
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


def environment() -> dict[str, str]:
    """Give the environment of the servers: as where they are installed, so byte code is kept."""
    node = {"NODE_ENV": "production", "NODE_PATH": str(NODE_MODULES), "BENCH_AUTHORIZATION": AUTHORIZATION}
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return plain | node


def command(name: str, port: int, folder: Path) -> list[str]:
    """Give the command that runs one of `names`."""
    peers = Path(__file__).parent / "peers"
    if name in DAEMONS:
        module, front_door = DAEMONS[name]
        config = _configured(folder, port, front_door=front_door)
        start = ["-c", f"from {module} import main; main()"] if name != "quart route" else ["-m", module]
        return [sys.executable, *start, "run", "--config", str(config)]
    if name in BY_HAND:
        return [sys.executable, "-m", "tests.bench.baselines", BY_HAND[name], str(port)]
    if name == "uvicorn":
        options = ["--port", str(port), "--http", "httptools", "--loop", "uvloop", "--lifespan", "off"]
        quiet = ["--no-access-log", "--log-level", "warning"]
        return [sys.executable, "-m", "uvicorn", "tests.bench.baselines:asgi", *options, *quiet]
    if name == "node-red":
        return ["node", str(peers / "node-red.js"), str(port), str(folder)]
    return ["node", str(peers / "servers.js"), name, str(port)]


def _configured(folder: Path, port: int, *, front_door: bool) -> Path:
    """Give the settings of a daemon as it stands in front of people: everything is on."""
    config, state, bundles = folder / "nuclide.toml", folder / "state", folder / "bundles"
    shutil.copytree(CHECKOUT / "processes" / "greeting", bundles / "greeting", dirs_exist_ok=True)
    state.mkdir(mode=0o700, exist_ok=True)
    users = state / "users.json"
    users.touch(mode=0o600)
    users.write_bytes(msgspec.json.encode({USER: {"password": hash_password(PASSWORD)}}))
    config.write_text(
        f"[server]\nport = {port}\nfront_door = {'true' if front_door else 'false'}\n"
        f'[access]\nauthentication = "basic"\n[state]\nfolder = "{state}"\n'
        f'[bundles]\nfolder = "{bundles}"\n'
        '[log]\nlevel = "error"\n'
    )
    return config
