"""Folders and files: are they there, may the daemon use them, and may nobody else."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from runtime.bundle.machine import Machine, NoValue
from runtime.doctor.finding import Patient, Said, error, ok, warning
from runtime.errors import SettingsError

OTHERS = 0o077  # bits that nobody but the owner may have on what holds keys and hashes


def state(patient: Patient) -> Iterator[Said]:
    """The state folder: this user can write there, and nobody else can read."""
    folder = patient.settings.state.folder
    try:
        status = folder.stat()
    except FileNotFoundError:
        yield _made(folder)
        return
    except OSError as trouble:
        yield error(f"{folder}: {trouble.strerror}")
        return
    if not stat.S_ISDIR(status.st_mode):
        yield error(f"{folder} is no folder")
    elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield error(f"{folder} cannot be written by user {os.geteuid()}; its owner is {status.st_uid}")
    elif status.st_mode & 0o007:
        yield warning(f"{folder} is open to every user of this machine", f"chmod 700 {folder}")
    else:
        yield ok(f"{folder} can be written")
    yield from _closed(folder / "key")
    yield from _closed(patient.settings.users_file)


def bundles(patient: Patient) -> Iterator[Said]:
    """The watched folder: it is there and can be read, and strangers cannot put bundles into it."""
    folder = patient.settings.bundles.folder
    try:
        status = folder.stat()
        entries = sum(1 for _ in folder.iterdir())
    except OSError as trouble:
        yield error(
            f"{folder}: {trouble.strerror}", "bundles.folder names it; make it, and let the daemon's user read it"
        )
        return
    if status.st_mode & stat.S_IWOTH:
        yield error(f"every user of this machine can deploy into {folder}", f"chmod o-w {folder}")
    else:
        yield ok(f"{folder} can be read, {entries} entries")


def extensions(patient: Patient) -> Iterator[Said]:
    """The values of this machine: each file can be read and is TOML."""
    machine = Machine(patient.settings.extensions_file, patient.environ)
    try:
        machine.table("")
    except NoValue as reason:
        yield error(str(reason))
        return
    there = [str(file) for file in machine.files if file.exists()]
    yield ok(f"values of extensions: {', '.join(there) or 'no file, which is well where bundles need none'}")


def users(patient: Patient) -> Iterator[Said]:
    """The users: their file can be read, and there are some where they are asked for."""
    from runtime.web.access.files import read_users  # noqa: PLC0415 - it brings trio, which no other rule needs

    settings = patient.settings
    try:
        found = read_users(settings.users_file)
    except SettingsError as reason:
        yield error(reason.message, reason.hint)
        return
    if settings.access.authentication == "basic" and not found:
        yield error("Flow has to give a user and there is none", "nuclide user add NAME")
    else:
        yield ok(f"authentication {settings.access.authentication}, {len(found)} users")


def token(patient: Patient) -> Iterator[Said]:
    """The token of the admin API's port: it is there, long enough, and for the daemon alone."""
    from runtime.web.access.token import read_token  # noqa: PLC0415 - as in users

    settings = patient.settings
    if settings.admin.port is None:
        yield ok("the admin API has no port")
        return
    try:
        read_token(settings.token_file)
    except SettingsError as reason:
        yield error(reason.message, reason.hint)
    else:
        yield ok(f"{settings.token_file} holds the token of port {settings.admin.port}")


def _made(folder: Path) -> Said:
    parent = next((above for above in folder.absolute().parents if above.exists()), Path("/"))
    if os.access(parent, os.W_OK | os.X_OK):
        return ok(f"{folder} will be made at the first start")
    return error(f"{folder} is missing, and user {os.geteuid()} cannot make it in {parent}")


def _closed(path: Path) -> Iterator[Said]:
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if mode & OTHERS:
        yield error(f"{path} can be read by others than its owner", f"chmod 600 {path}")
