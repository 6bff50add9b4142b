"""Database servers of the tests' own: started on loopback, on an empty folder, for one session."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.database.settings import Settings
from tests.ports import free_port

USERNAME, PASSWORD = "nuclide", "tests' own: §"
START = 60  # seconds for a server to be there, on a busy machine


class NoServer(Exception):
    """Raised when a server's programs are not on this machine; the message says which."""


@contextmanager
def postgresql() -> Iterator[Settings]:
    """Run PostgreSQL; gives the settings of a connection to it.

    Raises:
        NoServer: it is not installed.
    """
    bin_folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), *_folder_of("initdb")]
    folder = next((folder for folder in bin_folders if (folder / "initdb").exists()), None)
    if folder is None:
        raise NoServer("PostgreSQL is not installed: initdb is neither in /usr/lib/postgresql nor on the path")
    with _home("postgres") as (home, who):
        (home / "password").write_text(PASSWORD)
        data = home / "data"
        auth = ["--auth=scram-sha-256", f"--pwfile={home / 'password'}", "--no-sync", "--encoding=UTF8", "--locale=C"]
        _run([folder / "initdb", "-D", data, "-U", USERNAME, *auth], who)
        port = free_port()
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c fsync=off -c unix_socket_directories={home}"
        control: list[str | Path] = [folder / "pg_ctl", "-D", data, "-w", "-t", str(START)]
        _run([*control, "-l", home / "log", "-o", options, "start"], who)
        try:
            yield _settings(f"postgresql://127.0.0.1:{port}/postgres")
        finally:
            _run([*control, "-m", "immediate", "stop"], who)


@contextmanager
def mariadb() -> Iterator[Settings]:
    """Run MariaDB; gives the settings of a connection to it.

    Raises:
        NoServer: it is not installed.
    """
    install, server, admin, client = (
        shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        for name in ("mariadb-install-db", "mariadbd", "mariadb-admin", "mariadb")
    )
    if install is None or server is None or admin is None or client is None:
        raise NoServer("MariaDB is not installed: mariadbd and its tools are not on the path")
    with _home("mysql") as (home, who):
        data, wire = home / "data", home / "socket"
        common = ["--no-defaults", f"--datadir={data}"]
        _run([install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"], who)
        port = free_port()
        listen = [f"--socket={wire}", f"--port={port}", "--bind-address=127.0.0.1", f"--pid-file={home / 'pid'}"]
        quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--skip-name-resolve"]
        with (home / "log").open("wb") as log:
            running = subprocess.Popen([server, *common, *listen, *quick], stdout=log, stderr=log, **who)
        try:
            ask = ["--no-defaults", f"--socket={wire}", "--user=root"]
            _run([admin, *ask, f"--wait={START}", "--connect-timeout=1", "ping"], who)
            quoted = PASSWORD.replace("'", "''")
            user = f"CREATE USER {USERNAME} IDENTIFIED BY '{quoted}'; GRANT ALL ON *.* TO {USERNAME};"
            sql = f"{user} CREATE DATABASE it CHARSET utf8mb4"
            _run([client, *ask, "--default-character-set=utf8mb4", "-e", sql], who)
            yield _settings(f"mariadb://127.0.0.1:{port}/it")
        finally:
            running.terminate()
            running.wait(START)


def _settings(url: str) -> Settings:
    return Settings(url=url, username=USERNAME, password=PASSWORD, connections=4)


@contextmanager
def _home(user: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give a folder, and how to run as the user who may work there: servers refuse to be root."""
    home = Path(tempfile.mkdtemp(prefix="nuclide-"))  # of its own: the path of a socket has 107 bytes at most
    who: dict[str, Any] = {"cwd": home}
    if os.geteuid() == 0:
        found = pwd.getpwnam(user)
        os.chown(home, found.pw_uid, found.pw_gid)
        who |= {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    try:
        yield home, who
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(command: list[str | Path], who: dict[str, Any]) -> None:
    # To a file, as a server that stays would hold a pipe open.
    with (who["cwd"] / f"output-{len(list(who['cwd'].iterdir()))}").open("w+b") as output:
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        done = subprocess.run(command, timeout=2 * START, check=False, **streams, **who)
        output.seek(0)
        assert done.returncode == 0, f"{command[0]}: {output.read().decode()}"


def _folder_of(program: str) -> list[Path]:
    found = shutil.which(program)
    return [] if found is None else [Path(found).resolve().parent]
