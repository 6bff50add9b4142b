"""`nuclide deploy`: a bundle into the watched folder, and what the daemon says to that."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.admin import Refused
from runtime.cli.failures import Failed
from runtime.cli.options import asks_the_daemon
from runtime.cli.show import printable
from runtime.cli.watched import LOOK, WITHIN, remove, watched_folder
from runtime.cli.who import who
from runtime.web.admin_answers import Deployments
from runtime.web.deployment_answers import Looked, Uploaded

if TYPE_CHECKING:
    from runtime.cli.admin import Admin

SENT_WITHIN = 2 * WITHIN  # seconds: the way over the network is added


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--wait/--no-wait", default=True, show_default=True, help="Whether to wait until it serves.")
@asks_the_daemon
def deploy(admin: Admin, path: Path, *, wait: bool) -> None:
    """Put the bundle at PATH, a folder or a .zip, into the watched folder, and wait until it serves.

    It is written under another name and renamed, so that no half of it is ever read. A bundle with mistakes is told
    here and not put there. With --url, or where the folder is not on this machine, it is sent as a .zip: the daemon
    there reads it, says what is wrong, or lets it serve. Exit status 1 when it is refused.
    """
    bundle, digest = _read(path)
    folder = watched_folder()
    if folder is None:
        _send(admin, path, bundle)
        click.echo(f"{bundle} {digest[:12]}")
        return
    source = folder / path.name
    draft = folder / f".{path.name}.{os.getpid()}"
    try:
        _copy(path, draft)
        _swap(draft, source)
    except OSError as error:
        raise Failed("cli.deploy", f"{error.filename or source} cannot be written: {error.strerror}") from error
    finally:
        remove(draft)
    admin.post(Looked, "look", {})
    if wait:
        _until_live(admin, bundle, digest, source.name)
    click.echo(f"{bundle} {digest[:12]}")


def _read(path: Path) -> tuple[str, str]:
    from runtime.plugins import installed_connectors
    from runtime.testkit.cases.read import lint_with_tests

    bundle, problems = lint_with_tests(path, installed_connectors())
    for problem in problems:
        click.echo(printable(str(problem)), err=True)
    if bundle is None:
        raise Failed("cli.deploy", f"{path} has mistakes, and is not deployed", hint=f"nuclide lint {path}")
    return bundle.name, bundle.digest


def _send(admin: Admin, path: Path, bundle: str) -> None:
    from runtime.bundle.archive import pack
    from runtime.bundle.sources import read_sources

    sources, _ = read_sources(path)
    try:
        admin.put(Uploaded, "bundles", bundle, body=pack(sources.contents), within=SENT_WITHIN, who=who())
    except Refused as refused:
        for problem in refused.problems:
            click.echo(printable(str(problem)), err=True)
        raise


def _copy(path: Path, draft: Path) -> None:
    if path.is_dir():
        shutil.copytree(path, draft, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    else:
        shutil.copyfile(path, draft)


def _swap(draft: Path, source: Path) -> None:
    """Put the draft in the place of what is there; a folder cannot be replaced by one rename, a file can."""
    old = source.with_name(f".{source.name}.old")
    if source.is_dir():
        source.rename(old)
    draft.rename(source)
    remove(old)


def _until_live(admin: Admin, bundle: str, digest: str, source: str) -> None:
    end = time.monotonic() + WITHIN
    while time.monotonic() < end:
        found = admin.get(Deployments, "deployments")
        if any(each.bundle == bundle and each.digest == digest for each in found.deployed):
            return
        for refused in found.refused:
            if refused.folder == source:
                for problem in refused.problems:
                    click.echo(printable(str(problem)), err=True)
                raise Failed("cli.deploy", f"{bundle} was refused; what served before serves on")
        time.sleep(LOOK)
    raise Failed("cli.deploy", f"{bundle} does not serve after {WITHIN:.0f} s", hint="nuclide deployments")
