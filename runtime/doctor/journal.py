"""The journal: is it whole, and is anybody keeping it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runtime.doctor.finding import Patient, Said, error, ok, warning
from runtime.engine.records import named_files
from runtime.errors import HostError, StoreError
from runtime.host.crowd import crowd_of
from runtime.store.cipher import open_cipher
from runtime.store.sqlite.check import check
from runtime.store.sqlite.opening import JOURNAL

MIB = 1024 * 1024
LARGE = 256 * MIB  # bytes: beyond it a check takes more than a person waits for
SHOWN = 5  # damages that are told; `nuclide journal check` has them all


def daemon(patient: Patient) -> Iterator[Said]:
    """A daemon runs on this state folder; where it does not, that may be meant."""
    if patient.daemon is None:
        yield warning(f"no daemon runs on {patient.settings.state.folder}")
    else:
        yield ok(f"daemon {patient.daemon} runs")


def health(patient: Patient) -> Iterator[Said]:
    """Every page and payload of the journal reads as it was written."""
    crowd = crowd_of(patient.settings.state.folder, 1, JOURNAL)
    for number in crowd.numbers:
        yield from _health(patient, crowd.folder(number))


def _health(patient: Patient, folder: Path) -> Iterator[Said]:
    path = folder / JOURNAL
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        yield ok("no journal yet: it is made at the first start")
        return
    except OSError as trouble:
        yield error(f"{path}: {trouble.strerror}", "run this as the daemon's own user")
        return
    if size > LARGE:
        yield ok(f"{path} has {size // MIB} MiB, too much to read now: `nuclide journal check` does")
        return
    try:
        report = check(folder, open_cipher(patient.settings.state.folder, patient.environ), named_files)
    except (StoreError, HostError) as reason:
        yield error(reason.message, reason.hint)
        return
    for damage in report.damage[:SHOWN]:
        yield error(f"{damage.what}{f' of execution {damage.execution}' if damage.execution else ''}")
    if not report.damage:
        yield ok(f"{report.payloads} payloads and {report.files} files are whole (schema {report.schema})")
