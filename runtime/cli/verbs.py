"""A group of verbs that are imported when they are called: `nuclide version` does not pay for the others."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from runtime.cli.failures import as_failure
from runtime.errors import NuclideError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Verbs(click.Group):
    """A group whose verbs are named by module and attribute: ``{"run": "runtime.cli.run:run"}``."""

    def __init__(self, *args: Any, verbs: Mapping[str, str], **attributes: Any) -> None:  # noqa: ANN401 - as click's
        super().__init__(*args, **attributes)
        self._verbs = verbs

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of all verbs."""
        return sorted(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb; None when there is none of that name."""
        if cmd_name not in self._verbs:
            return None
        module, _, attribute = self._verbs[cmd_name].partition(":")
        verb: click.Command = getattr(import_module(module), attribute)
        return verb

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb that is called; a misspelt one is met with the one that was probably meant."""
        name = args[0]
        if name not in self._verbs and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.exceptions.NoSuchCommand(name, possibilities=self.list_commands(ctx), ctx=ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click's own
        """Run the verb; an error of ours is shown as one line, not as a traceback."""
        try:
            return super().invoke(ctx)
        except NuclideError as error:
            raise as_failure(error) from error
