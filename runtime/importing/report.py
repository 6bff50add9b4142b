"""What becomes of an import: which components run, which run another way, which are refused, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

from runtime.bundle.components.notes import DIFFERS
from runtime.bundle.machine import Machine, variable_of
from runtime.bundle.read import lint_bundle
from runtime.engine.deployment import prepare
from runtime.errors import BundleError, Problem
from runtime.importing.collect import Found
from runtime.model.bundle import Bundle, Extension
from runtime.sdk.connector import Catalogue

Fate = Literal["runs", "runs differently", "refused"]

FOLDER = "components/"
_STAND_INS = {"number": "0", "boolean": "false"}  # for what only a machine knows, while it is tried whether it compiles
_PLACES = {"folder": "/", "host": "stand.in", "port": "1", "dbname": "stand-in"}  # of these by the end of their names


class Component(Struct, frozen=True, kw_only=True):
    """One component and its fate. `reasons` are why it is refused, or what is another way here."""

    file: str
    kind: str
    name: str
    fate: Fate
    reasons: tuple[str, ...] = ()


class Wanted(Struct, frozen=True, kw_only=True):
    """A value that the machine has to give, or may."""

    name: str
    kind: str
    required: bool
    description: str
    variable: str


class Report(Struct, frozen=True, kw_only=True):
    """All that an import has come to. `other` are problems that belong to no component."""

    bundle: str
    folder: str
    components: tuple[Component, ...]
    extensions: tuple[Wanted, ...]
    passed_over: tuple[tuple[str, str], ...]
    other: tuple[str, ...] = ()

    def count(self, fate: Fate) -> int:
        """Give how many components have this fate."""
        return sum(component.fate == fate for component in self.components)

    @property
    def kinds(self) -> dict[str, Counter[str]]:
        """Give the fates by kind of component."""
        kinds: dict[str, Counter[str]] = {}
        for component in self.components:
            kinds.setdefault(component.kind, Counter())[component.fate] += 1
        return dict(sorted(kinds.items()))


def judge(
    folder: Path,
    files: Mapping[str, Found],
    passed_over: Sequence[tuple[str, str]],
    catalogue: Catalogue,
) -> Report:
    """Read the bundle that was written, as a deployment would, and tell what would become of each component."""
    bundle, problems = lint_bundle(folder, catalogue)
    if bundle is not None:
        problems = (*problems, *compiled_problems(bundle, catalogue))
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.place.file or "", []).append(problem)
    components = tuple(_component(file, found, by_file.pop(FOLDER + file, [])) for file, found in files.items())
    rest = [str(problem) for left in by_file.values() for problem in left if problem.severity == "error"]
    return Report(
        bundle=folder.name if bundle is None else bundle.name,
        folder=str(folder),
        components=components,
        extensions=_wanted(bundle),
        passed_over=tuple(passed_over),
        other=tuple(rest),
    )


def compiled_problems(bundle: Bundle, catalogue: Catalogue) -> tuple[Problem, ...]:
    """Give what the engine cannot run, with stand-ins for the values that only a machine knows."""
    environ = {
        variable_of(bundle.name, extension.name): _stand_in(extension) for extension in bundle.extensions.values()
    }
    try:
        prepare(bundle, catalogue, Machine(environ=environ))
    except BundleError as error:
        return error.problems
    return ()


def _stand_in(extension: Extension) -> str:
    place = extension.name.rpartition("-")[2]
    return extension.default or _PLACES.get(place) or _STAND_INS.get(extension.kind, "http://stand.in")


def _component(file: str, found: Found, problems: Sequence[Problem]) -> Component:
    errors = [problem for problem in problems if problem.severity == "error"]
    others = [problem for problem in problems if problem.code.endswith(DIFFERS)]
    fate: Fate = "refused" if errors else "runs differently" if others else "runs"
    reasons = tuple(dict.fromkeys(_line(problem) for problem in errors or others))
    return Component(file=file, kind=found.kind, name=found.name, fate=fate, reasons=reasons)


def _line(problem: Problem) -> str:
    cure = f" ({problem.hint})" if problem.hint else ""
    return f"line {problem.place.line}: {problem.message}{cure}" if problem.place.line else problem.message + cure


def _wanted(bundle: Bundle | None) -> tuple[Wanted, ...]:
    extensions = () if bundle is None else bundle.extensions.values()
    return tuple(
        Wanted(
            name=extension.name,
            kind=extension.kind,
            required=extension.required and extension.default is None,
            description=extension.description or "",
            variable=variable_of("" if bundle is None else bundle.name, extension.name),
        )
        for extension in sorted(extensions, key=lambda each: each.name)
    )
