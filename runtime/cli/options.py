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

_CONFIG: dict[str, Any] = {
    "type": click.Path(dir_okay=False, path_type=Path),
    "envvar": "NUCLIDE_CONFIG",
    "help": "The settings file (TOML); without it the defaults and NUCLIDE_<SECTION>_<KEY> variables hold.",
}

config_option = click.option("--config", **_CONFIG)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def asks_the_daemon(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb the admin API as its parameter `admin`, and the options that say whose."""
    kept: dict[str, Any] = {"expose_value": False, "is_eager": True, "callback": _keep}
    file = click.Path(dir_okay=False, path_type=Path)
    options = [
        click.option("--config", **kept, **_CONFIG),
        click.option("--url", envvar="NUCLIDE_ADMIN", help="The port of its admin API: https://HOST:PORT.", **kept),
        click.option(
            "--token-file", type=file, help="The file with the token of that port; else NUCLIDE_TOKEN holds it.", **kept
        ),
        click.option(
            "--ca", type=file, envvar="NUCLIDE_CA", help="Certificates that the port's must come from.", **kept
        ),
        click.option(
            "--socket",
            "admin",
            type=click.Path(path_type=Path),
            envvar="NUCLIDE_SOCKET",
            callback=_admin,
            help="The daemon's admin socket; without it the one that the settings name.",
        ),
    ]
    for option in reversed(options):
        verb = option(verb)
    return verb


def asks_elsewhere() -> bool:
    """Whether the present verb asks a daemon at an address, and no settings are named that would be that daemon's."""
    given = click.get_current_context().meta
    return given.get(_given("url")) is not None and given.get(_given("config")) is None


def configured() -> Settings:
    """Give the settings that the options of the present verb name."""
    from runtime.settings import load

    settings, _ = load(click.get_current_context().meta.get(_given("config")), os.environ)
    return settings


def _given(option: str) -> str:
    return f"{__name__}.{option}"


def _keep(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    """Keep an option for `_admin`, which is read after it; a verb below another takes what that was given."""
    if value is not None:
        ctx.meta[_given(str(parameter.name))] = value


def _admin(ctx: click.Context, _parameter: click.Parameter, socket: Path | None) -> Admin | None:
    if ctx.resilient_parsing:
        return None
    from runtime.cli.admin import Admin
    from runtime.cli.doors import SocketDoor, UrlDoor, read_token

    given = {option: ctx.meta.get(_given(option)) for option in ("config", "url", "token_file", "ca", "socket")}
    if socket is not None and (given["url"] is None or _is_typed(ctx, "admin")):
        given["socket"] = ctx.meta[_given("socket")] = socket
    if given["socket"] is not None and given["url"] is not None and _is_typed(ctx, "url"):
        raise click.UsageError("--socket and --url name two daemons", ctx)
    if given["socket"] is None and given["url"] is not None:
        token = read_token(given["token_file"], os.environ.get("NUCLIDE_TOKEN"))
        return Admin(UrlDoor(given["url"], token, given["ca"]))
    return Admin(SocketDoor(given["socket"] or _configured(given["config"])))


def _is_typed(ctx: click.Context, parameter: str) -> bool:
    return ctx.get_parameter_source(parameter) is click.core.ParameterSource.COMMANDLINE


def _configured(config: Path | None) -> Path:
    from runtime.settings import load

    settings, _ = load(config, os.environ)
    return settings.admin_socket
