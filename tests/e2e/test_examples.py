"""The example bundles, run as their READMEs say: a real daemon, a real backend, real database files."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from tests.e2e.daemon import installed
from tests.e2e.test_cli import Shell
from tests.flow.daemon import ROOT, Settings
from tests.patience import PATIENCE
from tests.ports import free_port

LINES = '[{"Sku": "A1", "Quantity": 6}, {"Sku": "C3", "Quantity": 2}]'


@asynccontextmanager
async def backend() -> AsyncGenerator[int]:
    """Run the catalogue that the examples ask; gives its port."""
    port = free_port()
    command = [sys.executable, str(ROOT / "processes" / "greeting" / "backend.py"), str(port)]
    process = await trio.lowlevel.open_process(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with trio.fail_after(PATIENCE):
            while not _listens(port):  # noqa: ASYNC110 - another process tells nobody when it listens
                await trio.sleep(0.02)
        yield port
    finally:
        process.terminate()
        with trio.CancelScope(shield=True):
            await process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@asynccontextmanager
async def running(folder: Path, catalogue: int) -> AsyncGenerator[Shell]:
    """Run a daemon with the examples, their files in `folder`."""
    bundles, data = folder / "bundles", folder / "data"
    (data / "inbox").mkdir(parents=True)
    for name in ("orders", "contacts-import"):
        shutil.copytree(ROOT / "processes" / name, bundles / name)
    connection = bundles / "orders" / "connections" / "catalogue.yaml"
    connection.write_text(connection.read_text().replace("9191", str(catalogue)))
    settings: Settings = {"bundles": {"folder": str(bundles)}, "callbacks": {"allow": ["127.0.0.1:*"]}}
    environ = {
        "NUCLIDE_EXT_ORDERS_DATA_FOLDER": str(data),
        "NUCLIDE_EXT_CONTACTS_IMPORT_DATA_FOLDER": str(data),
    }
    async with installed(folder, settings, environ) as daemon:
        await daemon.start()
        yield Shell(daemon)


async def test_orders_are_priced_kept_and_answered(tmp_path: Path) -> None:
    """Law: a good order is priced, kept once and answered; a bad one is a fault that people understand."""
    async with backend() as catalogue, running(tmp_path, catalogue) as shell:
        call = ("flow", "call", "orders", "Place Order", "--input", "Customer=Ada", "--input")
        placed = await shell.nuclide(*call, f"Lines={LINES}")
        unknown = await shell.nuclide(*call, 'Lines=[{"Sku": "Z9", "Quantity": 1}]')
        empty = await shell.nuclide(*call, "Lines=[]")
    assert placed.status == 0, placed.err
    assert (placed.json["Customer"], placed.json["Total"]) == ("Ada", 18.9)
    assert "The order was not placed. There is no item Z9." in unknown.err
    assert "An order needs at least one line." in empty.err
    assert (unknown.status, empty.status) == (1, 1)
    with sqlite3.connect(tmp_path / "data" / "orders.db") as book:
        assert book.execute("select number, customer, lines from orders").fetchall() == [
            (placed.json["Number"], "Ada", 2)
        ]


async def test_contacts_are_imported_and_their_file_removed(tmp_path: Path) -> None:
    """Law: every contact of a file is kept, then the file goes; a file that fails stays, and the run is an error."""
    async with running(tmp_path, 1) as shell:
        inbox = tmp_path / "data" / "inbox"
        shutil.copy(ROOT / "processes" / "contacts-import" / "tests" / "contacts.json", inbox)
        good = await shell.nuclide("execute", "contacts-import", "Import contacts")
        assert (good.status, good.out.split()[0]) == (0, "complete"), good.err
        assert list(inbox.iterdir()) == []
        (inbox / "torn.json").write_text('{"contacts": [{"email": "a@example.com", "first": "A"')
        bad = await shell.nuclide("execute", "contacts-import", "Import contacts")
        assert (bad.status, bad.out.split()[0]) == (1, "error"), bad.err
        assert [file.name for file in inbox.iterdir()] == ["torn.json"]
    with sqlite3.connect(tmp_path / "data" / "contacts.db") as book:
        rows = book.execute("select email, name, city from contacts order by email").fetchall()
    assert rows == [
        ("ada@example.com", "Ada Lovelace", "London"),
        ("emmy@example.com", "Emmy Noether", "unknown"),
        ("grace@example.com", "Grace Hopper", "Arlington"),
    ]
