"""All bundles of a folder at once: where they are, and what happens when two claim the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.addresses import addresses_of
from runtime.bundle.files import is_litter
from runtime.bundle.read import read_bundle
from runtime.bundle.sources import MANIFEST
from runtime.errors import BundleError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runtime.model.bundle import Bundle
    from runtime.sdk.connector import Catalogue

Found = tuple["Path", "Bundle"]
Refused = tuple["Path", BundleError]

ARCHIVE = ".zip"


class Claims(Struct, frozen=True, kw_only=True):
    """What a bundle claims for itself alone: its name, the external names of its services, addresses of web services.

    Names and addresses come with their places. `source` is the folder or archive that it was read from.
    """

    source: str
    bundle: str
    services: tuple[tuple[str, Place], ...] = ()
    addresses: tuple[tuple[str, Place], ...] = ()


def claims_of(source: str, bundle: Bundle) -> Claims:
    """Give what a bundle claims."""
    services = tuple((service.external_name, service.place) for service in bundle.services)
    return Claims(source=source, bundle=bundle.name, services=services, addresses=tuple(addresses_of(bundle)))


def clashes(claims: Claims, others: Iterable[Claims]) -> tuple[Problem, ...]:
    """Say what others claim already; external names differ in more than upper and lower case."""
    problems: list[Problem] = []
    for other in others:
        if other.bundle == claims.bundle:
            message = f"'{other.source}' already holds the bundle '{other.bundle}'"
            place = Place(bundle=claims.bundle, file=MANIFEST)
            problems.append(_taken(message, place, "give it another name, or remove one of the two"))
        theirs = {name.lower() for name, _ in other.services}
        for name, place in claims.services:
            if name.lower() in theirs:
                message = f"the external name '{name}' belongs to the bundle '{other.bundle}' in '{other.source}'"
                problems.append(_taken(message, place, "give the service another external name"))
        held = {address for address, _ in other.addresses}
        for address, place in claims.addresses:
            if address in held:
                message = f"the address '{address}' belongs to the bundle '{other.bundle}' in '{other.source}'"
                problems.append(_taken(message, place, "give one of them another object or base path"))
    return tuple(problems)


def bundle_paths(folder: Path) -> tuple[Path, ...]:
    """Give every bundle in `folder`, by name: folders and .zip files; links and what is left behind are passed over.

    Raises:
        OSError: the folder cannot be listed.
    """
    return tuple(sorted(path for path in folder.iterdir() if _is_bundle(path)))


def read_all(folder: Path, catalogue: Catalogue) -> tuple[tuple[Found, ...], tuple[Refused, ...]]:
    """Read every bundle in `folder`, by name: those that can be deployed, and the others with what is wrong.

    Each comes with the path that it was read from. A folder that does not exist holds no bundles. Where two claim one
    name, the first has it.
    """
    taken: list[Claims] = []
    found: list[Found] = []
    refused: list[Refused] = []
    for path in bundle_paths(folder) if folder.is_dir() else ():
        try:
            bundle = read_bundle(path, catalogue)
            claims = claims_of(path.name, bundle)
            problems = clashes(claims, taken)
            if problems:
                raise BundleError(problems)
        except BundleError as error:
            refused.append((path, error))
        else:
            taken.append(claims)
            found.append((path, bundle))
    return tuple(found), tuple(refused)


def _is_bundle(path: Path) -> bool:
    name = path.name
    if is_litter(name) or name.encode(errors="replace").decode() != name or path.is_symlink():
        return False
    return path.is_dir() or (path.suffix.lower() == ARCHIVE and path.is_file())


def _taken(message: str, place: Place, hint: str) -> Problem:
    return Problem(code="bundle.name-taken", message=message, place=place, hint=hint)
