"""`nuclide undeploy`: a bundle out of the watched folder."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from runtime.cli.failures import Failed
from runtime.cli.options import asks_the_daemon
from runtime.cli.watched import LOOK, WITHIN, remove, watched_folder
from runtime.cli.who import who
from runtime.web.admin_answers import Deployments
from runtime.web.deployment_answers import Looked, Undeployed

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


@click.command()
@click.argument("bundle")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Whether to wait until it serves no more.")
@asks_the_daemon
def undeploy(admin: Admin, bundle: str, *, wait: bool) -> None:
    """Take a BUNDLE out of the watched folder; its running executions finish on their version.

    With --url, or where the folder is not on this machine, the daemon there does it.
    """
    from runtime.web.deployment_answers import DeploymentHistory

    events = admin.get(DeploymentHistory, "history", bundle=bundle, limit=500).events
    source = next((event.source for event in events if event.what in {"deployed", "rolled back"}), None)
    live = {each.bundle for each in admin.get(Deployments, "deployments").deployed}
    if bundle not in live or source is None:
        from runtime.bundle.findings import suggest

        raise Failed("cli.undeploy", f"there is no bundle '{bundle}'", hint=suggest(bundle, live))
    folder = watched_folder()
    if folder is None:
        admin.post(Undeployed, "undeploy", {"bundle": bundle, "who": who()})
        return
    remove(folder / source)
    admin.post(Looked, "look", {})
    end = time.monotonic() + WITHIN
    while wait and bundle in {each.bundle for each in admin.get(Deployments, "deployments").deployed}:
        if time.monotonic() > end:
            raise Failed("cli.undeploy", f"{bundle} serves on", hint="nuclide deployments")
        time.sleep(LOOK)
