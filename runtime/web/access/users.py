"""Users of the listener: what their file says, and where each of them may come from and go to (reference 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from msgspec import Struct

from runtime.errors import SettingsError

FILE_MODE = 0o077  # bits that nobody but the owner may have: hashes can be guessed at
LONGEST_NAME = 200  # characters


class User(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A user. `password` is an Argon2 hash.

    `addresses` are networks that the user may call from, `services` external names that it may call; None is anything,
    an empty list nothing.
    """

    password: str
    addresses: tuple[str, ...] | None = None
    services: tuple[str, ...] | None = None


Users = dict[str, User]


def may_come(user: User, address: str | None) -> bool:
    """Tell whether a user may call from an address; None is a socket of this machine."""
    return user.addresses is None or (address is not None and within(address, user.addresses))


def may_call(user: User, service: str | None) -> bool:
    """Tell whether a user may call a service, by its external name; None is no service."""
    return user.services is None or service in user.services


def within(address: str, networks: Sequence[str]) -> bool:
    """Tell whether an address belongs to one of these networks; what is no address belongs to none."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in ip_network(network, strict=False) for network in networks)


def check_name(name: str) -> None:
    """Refuse a name that a Basic header cannot carry.

    Raises:
        SettingsError: it is empty, too long, or holds a colon or a control character.
    """
    if not name or len(name) > LONGEST_NAME or ":" in name or not name.isprintable():
        message = f"'{name}' is no name of a user"
        raise SettingsError("access.user-name", message, hint="letters, digits and signs, without a colon")


def check_networks(networks: Sequence[str]) -> None:
    """Refuse what is no network.

    Raises:
        SettingsError: one of them cannot be read.
    """
    for network in networks:
        try:
            ip_network(network, strict=False)
        except ValueError as error:
            hint = "write an address or a network, such as 10.0.0.0/8"
            raise SettingsError("access.network", f"'{network}' is no network: {error}", hint=hint) from error
