"""All bundles of a folder at once; where two claim the same Flow service, the first by folder name has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.read import read_bundle
from runtime.bundle.sources import MANIFEST
from runtime.errors import BundleError, Place, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from runtime.model.bundle import Bundle
    from runtime.sdk.connector import Catalogue

Found = tuple["Path", "Bundle"]
Refused = tuple["Path", BundleError]


def read_all(folder: Path, catalogue: Catalogue) -> tuple[tuple[Found, ...], tuple[Refused, ...]]:
    """Read every bundle below `folder`, by name: those that can be deployed, and the others with what is wrong.

    Each comes with the folder that it was read from. Hidden folders, links and single files are passed over. A folder
    that does not exist holds no bundles.
    """
    bundles: list[Bundle] = []
    found: list[Found] = []
    refused: list[Refused] = []
    for path in _folders(folder):
        try:
            bundle = read_bundle(path, catalogue)
            _check_names(bundle, bundles)
        except BundleError as error:
            refused.append((path, error))
        else:
            bundles.append(bundle)
            found.append((path, bundle))
    return tuple(found), tuple(refused)


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir() if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
    )


def _check_names(bundle: Bundle, others: list[Bundle]) -> None:
    """Refuse a bundle that bears another's name or claims one of its services."""
    problems: list[Problem] = []
    for other in others:
        if other.name == bundle.name:
            message = f"another folder already holds the bundle '{bundle.name}'"
            place = Place(bundle=bundle.name, file=MANIFEST)
            problems.append(_taken(message, place, "give it another name"))
        theirs = {service.external_name.lower() for service in other.services}
        for service in bundle.services:
            if service.external_name.lower() in theirs:
                message = f"the external name '{service.external_name}' belongs to the bundle '{other.name}'"
                problems.append(_taken(message, service.place, "give the service another external name"))
    if problems:
        raise BundleError(tuple(problems))


def _taken(message: str, place: Place, hint: str) -> Problem:
    return Problem(code="bundle.name-taken", message=message, place=place, hint=hint)
