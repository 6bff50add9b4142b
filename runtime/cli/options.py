"""Options that several verbs share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.cli.admin import Admin
    from runtime.settings import Settings

_SOCKET = f"{__name__}.socket"
_CONFIG: dict[str, Any] = {
    "type": click.Path(dir_okay=False, path_type=Path),
    "envvar": "NUCLIDE_CONFIG",
    "help": "The settings file (TOML); without it the defaults and NUCLIDE_<SECTION>_<KEY> variables hold.",
}

config_option = click.option("--config", **_CONFIG)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def asks_the_daemon(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb the admin API as its parameter `admin`, and the options that say whose."""
    config = click.option("--config", expose_value=False, is_eager=True, callback=_keep, **_CONFIG)
    socket = click.option(
        "--socket",
        "admin",
        type=click.Path(path_type=Path),
        envvar="NUCLIDE_SOCKET",
        callback=_admin,
        help="The daemon's admin socket; without it the one that the settings name.",
    )
    return config(socket(verb))


def configured() -> Settings:
    """Give the settings that the options of the present verb name."""
    from runtime.settings import load

    settings, _ = load(click.get_current_context().meta.get(__name__), os.environ)
    return settings


def _keep(ctx: click.Context, _parameter: click.Parameter, config: Path | None) -> None:
    if config is not None:  # a verb below another takes what that was given
        ctx.meta[__name__] = config  # for `_admin`: an eager option is read before the others


def _admin(ctx: click.Context, _parameter: click.Parameter, socket: Path | None) -> Admin | None:
    if ctx.resilient_parsing:
        return None
    from runtime.cli.admin import Admin

    if socket is not None:
        ctx.meta[_SOCKET] = socket
    given: Path | None = ctx.meta.get(_SOCKET)
    return Admin(_configured(ctx.meta.get(__name__)) if given is None else given)


def _configured(config: Path | None) -> Path:
    from runtime.settings import load

    settings, _ = load(config, os.environ)
    return settings.admin_socket
