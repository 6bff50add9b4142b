"""The command `nuclide`. Its start must be quick, so no verb imports trio before it needs the daemon."""

from __future__ import annotations

from typing import Any

import click

from runtime.cli.run import run
from runtime.cli.settings import settings
from runtime.cli.version import version
from runtime.errors import NuclideError


class _Failure(click.ClickException):
    """Raised when a person must mend something first: one line on stderr, exit status 2."""

    exit_code = 2


class _Verbs(click.Group):
    """A group that shows our errors as one line, not as a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click's own
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except NuclideError as error:
            raise _Failure(str(error)) from error


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run processes, and answer Flow while they run."""


for _verb in (run, settings, version):
    main.add_command(_verb)


if __name__ == "__main__":
    main()
