"""`nuclide deployments`: which bundles serve, and what is wrong with the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import print_json, print_table
from runtime.web.admin_answers import Deployments

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


@click.command()
@json_option
@asks_the_daemon
def deployments(admin: Admin, *, as_json: bool) -> None:
    """List the bundles that serve, and those that were refused with their problems."""
    found = admin.get(Deployments, "deployments")
    if as_json:
        print_json(found)
        return
    print_table(
        ("bundle", "version", "digest", "services", "processes"),
        [
            (
                bundle.bundle,
                bundle.version,
                bundle.digest[:12],
                ", ".join(service.name for service in bundle.services),
                ", ".join(bundle.processes),
            )
            for bundle in found.deployed
        ],
    )
    for refused in found.refused:
        click.echo()
        click.secho(f"{refused.folder} was refused:", fg="red")
        for problem in refused.problems:
            click.echo(str(problem))
