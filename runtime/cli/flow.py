"""`nuclide flow`: play Flow's part from a terminal."""

from __future__ import annotations

import click

from runtime.cli.verbs import Verbs

VERBS = {
    "call": "runtime.cli.flow_call:call",
    "describe": "runtime.cli.flow_describe:describe",
    "listen": "runtime.cli.flow_listen:listen",
}


@click.group(cls=Verbs, verbs=VERBS)
def flow() -> None:
    """Play Flow's part: describe a service, call an action, take callbacks."""
