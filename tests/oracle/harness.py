"""Running a case: its components become a bundle, and its process runs against a counterparty on a real socket."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import trio
from msgspec.structs import replace

from runtime.bundle.machine import Machine
from runtime.bundle.read import read_bundle
from runtime.engine.batch import Held
from runtime.engine.context import Context, EngineLimits, Facts
from runtime.engine.deployment import Deployment, deployed
from runtime.engine.interruption import Interruption
from runtime.engine.log import ExecutionLog
from runtime.engine.places import Control, Slot
from runtime.engine.run import run
from runtime.engine.start import start_documents
from runtime.errors import BundleError, NuclideError
from runtime.model.bundle import Bundle
from runtime.model.journal import Accept, ExecutionRow, Status
from runtime.sdk.connector import Catalogue
from runtime.store.memory import MemoryStore
from tests.engine.worlds import TrioClock
from tests.oracle.cases import Case
from tests.oracle.compare import differences
from tests.oracle.counterparty import Counterparty, running_counterparty
from tests.oracle.stubs import standing_in, stubbed, unavailable
from tests.oracle.watching import Recorder, Seen

PATIENCE = 120.0  # seconds on trio's clock that one case may take
EXECUTION = "oracle"
AVAILABLE = frozenset(["officialboomi-X3979C-rest-prod", "disk-sdk", "fss", "wss", "http"])
MANIFEST = "name: oracle\nversion: 1.0.0\n"


def untimed(case: Case) -> Case:
    """Give a case that holds however slow the machine is: how long retries wait is not compared."""
    return replace(case, expect=replace(case.expect, retry_delays_nominal=None))


async def judge(case: Case, catalogue: Catalogue, patience: float = PATIENCE) -> list[str]:
    """Run a case and give every way in which it differs from what was seen on the platform."""
    with trio.move_on_after(patience):
        try:
            return await _judge(case, catalogue)
        except Exception as error:  # noqa: BLE001 - one case must not end the others
            return list(_told(error))
    return [f"not run to an end within {patience:.0f} s"]


def _told(error: Exception) -> Iterator[str]:
    match error:
        case ExceptionGroup():
            for inner in error.exceptions:
                yield from _told(inner)
        case BundleError():
            yield from (f"not loaded: {problem}" for problem in error.problems)
        case Interruption() | NuclideError():
            yield f"not run to an end: {type(error).__name__}: {error}"
        case _:
            yield f"crashed: {type(error).__name__}: {error}"


async def _judge(case: Case, catalogue: Catalogue) -> list[str]:
    async with running_counterparty(case.stimulus.http_mock) as counterparty, standing_in() as stand_in:
        files = {file: counterparty.pointed_at(content) for file, content in case.files.items()}
        stubs = case.stimulus.connector_stubs or unavailable(files, AVAILABLE)
        bundle = await trio.to_thread.run_sync(_bundle, stubbed(files, stubs, stand_in), catalogue)
        async with deployed(bundle, catalogue, Machine()) as deployment:
            names = {
                process.component.id: name
                for name, process in bundle.processes.items()
                if process.component is not None
            }
            if case.root not in names:
                return [f"there is no process with the id {case.root}"]
            seen = await observe(deployment, names[case.root], case.stimulus.dynamic_process_properties, counterparty)
            return differences(case, seen, names)


def _bundle(files: dict[str, bytes], catalogue: Catalogue) -> Bundle:
    with tempfile.TemporaryDirectory(prefix="nuclide-oracle-") as name:
        folder = Path(name) / "oracle"
        (folder / "components").mkdir(parents=True)
        (folder / "bundle.yaml").write_text(MANIFEST, encoding="utf-8")
        for file, content in files.items():
            (folder / "components" / file).write_bytes(content)
        return read_bundle(folder, catalogue)


async def observe(deployment: Deployment, name: str, properties: dict[str, str], counterparty: Counterparty) -> Seen:
    """Run a process as a manual execution does, with one empty document (behaviours 5 and 6); give what was seen."""
    recorder = Recorder(deployment.bundle.processes)
    store = MemoryStore()
    row = ExecutionRow(
        id=EXECUTION, bundle="oracle", version="1", digest="d", process=name, mode="general",
        status=Status.RUNNING, started_at=0.0, owner="o", epoch=1,
    )  # fmt: skip
    await store.journal.commit([Accept(row, b"")])
    context = Context(
        Facts(id=EXECUTION, bundle="oracle", version="1", process=name, started_at=0.0),
        ExecutionLog(store.journal, store.documents, EXECUTION, 1, durable=True, write_behind=0.0),
        store.documents,
        TrioClock(),
        connections=deployment.connections,
        limits=EngineLimits(),
        control=Control(handed_over=False),
        slot=Slot(),
        observer=recorder,
    )
    context.properties.update(deployment.prepared.properties.get(name, {}))
    context.properties.update(properties)
    await run(deployment.processes[name], name, Held(start_documents([b""])), context)
    return recorder.seen(EXECUTION, tuple(counterparty.heard), context.properties)
