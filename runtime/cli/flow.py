"""`nuclide flow`: play Flow's part from a terminal."""

from __future__ import annotations

import click

from runtime.cli.verbs import Verbs

VERBS = {
    "call": "runtime.cli.flow_call:call",
    "delete": "runtime.cli.flow_data:delete",
    "describe": "runtime.cli.flow_describe:describe",
    "install": "runtime.cli.flow_install:install",
    "launch": "runtime.cli.flow_launch:launch",
    "list": "runtime.cli.flow_files:listed",
    "listen": "runtime.cli.flow_listen:listen",
    "load": "runtime.cli.flow_data:load",
    "save": "runtime.cli.flow_data:save",
    "tenant": "runtime.cli.flow_tenant:tenant",
    "upload": "runtime.cli.flow_files:upload",
}


@click.group(cls=Verbs, verbs=VERBS)
def flow() -> None:
    """Play Flow's part: install a service, call it, handle its objects and files, take callbacks, launch flows.

    An address may carry the credentials of the connector, as in http://flow:secret@127.0.0.1:9090; SSL_CERT_FILE names
    who signs a certificate that the system does not know.
    """
