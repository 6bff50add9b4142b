"""`nuclide user`: who may call Flow services and web services with a name and a password."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from runtime.cli.failures import Failed
from runtime.cli.options import config_option, json_option
from runtime.cli.show import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runtime.store.note import Note
    from runtime.web.access.users import User, Users

_password = click.option(
    "--password-stdin", is_flag=True, help="Read the password from stdin; without it, it is asked for."
)
_address = click.option(
    "--address", "addresses", metavar="NETWORK", multiple=True, help="Where the user may call from; anywhere without."
)
_service = click.option(
    "--service",
    "services",
    metavar="NAME",
    multiple=True,
    help="A Flow service, or the address of a web service, that the user may call; any without.",
)


@click.group()
def user() -> None:
    """Keep the users of the listener: those of `access.authentication = "basic"`.

    They stand in the file that `access.users` names. A running daemon takes a change over within a second or two, and
    drops no connection for it.
    """


@user.command("list")
@config_option
@json_option
def listed(config: Path | None, *, as_json: bool) -> None:
    """List the users, and where they may come from and go to; passwords are not shown."""
    users = _note(config).read() or {}
    rows = [{"name": name, "addresses": each.addresses, "services": each.services} for name, each in users.items()]
    if as_json:
        print_json(rows)
    else:
        print_table(
            ("user", "from", "to"), [(name, _all(each.addresses), _all(each.services)) for name, each in users.items()]
        )


@user.command()
@click.argument("name")
@_password
@_address
@_service
@config_option
def add(
    name: str, addresses: tuple[str, ...], services: tuple[str, ...], config: Path | None, *, password_stdin: bool
) -> None:
    """Add a user called NAME, as Flow's connector is then given it."""
    from runtime.web.access.users import User, check_name, check_networks

    check_name(name)
    check_networks(addresses)

    def added(users: Users) -> Users:
        if name in users:
            raise Failed("access.known", f"there is a user '{name}' already", hint="nuclide user passwd, or remove")
        made = User(password=_hashed(stdin=password_stdin), addresses=addresses or None, services=services or None)
        return {**users, name: made}

    _change(config, added)


@user.command()
@click.argument("name")
@_password
@config_option
def passwd(name: str, config: Path | None, *, password_stdin: bool) -> None:
    """Give the user NAME another password; the old one holds no longer."""

    def changed(users: Users) -> Users:
        return {**users, name: replace(_known(users, name), password=_hashed(stdin=password_stdin))}

    _change(config, changed)


@user.command()
@click.argument("name")
@config_option
def remove(name: str, config: Path | None) -> None:
    """Remove the user NAME."""

    def removed(users: Users) -> Users:
        _known(users, name)
        return {each: kept for each, kept in users.items() if each != name}

    _change(config, removed)


def _change(config: Path | None, change: Callable[[Users], Users]) -> None:
    note = _note(config)
    note.write(change(note.read() or {}))


def _note(config: Path | None) -> Note[Users]:
    from runtime.settings import load
    from runtime.store import note
    from runtime.web.access.users import Users

    settings, _ = load(config, os.environ)
    settings.users_file.parent.mkdir(parents=True, exist_ok=True)
    return note.Note(settings.users_file, Users)


def _known(users: Users, name: str) -> User:
    if name not in users:
        from runtime.bundle.findings import suggest

        raise Failed("access.unknown", f"there is no user '{name}'", hint=suggest(name, users))
    return users[name]


def _hashed(*, stdin: bool) -> str:
    from runtime.web.access.passwords import LONGEST, hash_password

    if stdin:
        with click.open_file("-") as file:
            password = file.readline().rstrip("\r\n")
    else:
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    if not password or len(password.encode()) > LONGEST:
        raise Failed("access.password", f"a password has between 1 and {LONGEST} bytes")
    return hash_password(password)


def _all(names: tuple[str, ...] | None) -> str:
    return "any" if names is None else ", ".join(names) or "none"
