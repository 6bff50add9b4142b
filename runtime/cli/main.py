"""The command `nuclide`. Its start must be quick, so a verb is imported when it is called, and trio by `run` alone."""

from __future__ import annotations

import click

from runtime.cli.verbs import Verbs

VERBS = {
    "cancel": "runtime.cli.cancel:cancel",
    "completion": "runtime.cli.completion:completion",
    "counters": "runtime.cli.counters:counters",
    "dead": "runtime.cli.dead:dead",
    "decide": "runtime.cli.decide:decide",
    "deploy": "runtime.cli.deploy:deploy",
    "deployments": "runtime.cli.deployments:deployments",
    "diff": "runtime.cli.diff:diff",
    "doctor": "runtime.cli.doctor:doctor",
    "execute": "runtime.cli.execute:execute",
    "executions": "runtime.cli.executions:executions",
    "flow": "runtime.cli.flow:flow",
    "graph": "runtime.cli.graph:graph",
    "convert": "runtime.cli.convert:convert",
    "import": "runtime.cli.importing:import_",
    "journal": "runtime.cli.journal:journal",
    "history": "runtime.cli.history:history",
    "levels": "runtime.cli.levels:levels",
    "lint": "runtime.cli.lint:lint",
    "listeners": "runtime.cli.listeners:listeners",
    "logs": "runtime.cli.logs:logs",
    "parked": "runtime.cli.parked:parked",
    "profile": "runtime.cli.profile:profile",
    "properties": "runtime.cli.properties:properties",
    "ps": "runtime.cli.ps:ps",
    "reload": "runtime.cli.reload:reload",
    "replay": "runtime.cli.replay:replay",
    "rollback": "runtime.cli.rollback:rollback",
    "run": "runtime.cli.run:run",
    "schedules": "runtime.cli.schedules:schedules",
    "docs": "runtime.cli.docs:docs",
    "schema": "runtime.cli.schema:schema",
    "settings": "runtime.cli.settings:settings",
    "tail": "runtime.cli.tail:tail",
    "test": "runtime.cli.test:test",
    "trace": "runtime.cli.trace:trace",
    "undeploy": "runtime.cli.undeploy:undeploy",
    "user": "runtime.cli.user:user",
    "version": "runtime.cli.version:version",
}


@click.group(cls=Verbs, verbs=VERBS, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run processes, and answer Flow while they run.

    Exit status: 0 done; 1 findings, or what was asked for failed; 2 the command, its settings or the machine must be
    mended first; 3 nobody answers.
    """


if __name__ == "__main__":
    main()
