"""`nuclide history`: what was deployed, removed, refused and rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime.cli.options import asks_the_daemon, json_option
from runtime.cli.show import DIGEST_SHOWN, clock_time, print_json, print_table
from runtime.web.deployment_answers import DeploymentHistory

if TYPE_CHECKING:
    from runtime.cli.admin import Admin


@click.command()
@click.argument("bundle", required=False)
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="How many at most.")
@json_option
@asks_the_daemon
def history(admin: Admin, bundle: str | None, *, limit: int, as_json: bool) -> None:
    """Tell what was deployed, removed, refused and rolled back, the newest first; of one BUNDLE, or of all."""
    found = admin.get(DeploymentHistory, "history", bundle=bundle, limit=limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ("when", "what", "bundle", "version", "digest", "who", "why"),
        [
            (
                clock_time(event.at),
                event.what,
                event.bundle or event.source,
                event.version or "",
                (event.digest or "")[:DIGEST_SHOWN],
                event.who or "",
                event.reasons[0] if event.reasons else "",
            )
            for event in found.events
        ],
    )
