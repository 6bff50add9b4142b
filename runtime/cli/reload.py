"""`nuclide reload`: what stands in files is read again, without a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon
from runtime.web.admin_answers import Reloaded

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


@click.command()
@asks_the_daemon
def reload(admin: Admin) -> None:
    """Read users, certificates, values of extensions, secrets and bundles again, as SIGHUP does.

    What cannot be used changes nothing, and the daemon's log says why. It ends a safe start (`nuclide run --safe`).
    """
    admin.post(Reloaded, "reload", {})
    click.echo("reloaded")
