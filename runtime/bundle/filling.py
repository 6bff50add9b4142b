"""Completing a bundle with what its machine gives, before it is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.extensions import reads_as
from runtime.bundle.machine import Machine, NoValue, near, variable_of
from runtime.bundle.references import Reference, reference_of
from runtime.bundle.rules import PREFIX, severity_of
from runtime.errors import BundleError, Place, Problem
from runtime.model.values import Expression
from runtime.observe.redaction import Secret

if TYPE_CHECKING:
    from runtime.model.bundle import Bundle, Extension
    from runtime.model.values import Template

Texts = dict[str, str]
SHORTEST_SECRET = 6  # characters: a shorter text stands in others by chance, so masking it would harm them


class Filled(Struct, frozen=True):
    """The texts of each connection's settings and of each process' first properties, by name. Some are secret."""

    connections: dict[str, Texts]
    properties: dict[str, Texts]
    warnings: tuple[Problem, ...] = ()
    secrets: tuple[Secret, ...] = ()

    def __repr__(self) -> str:
        """Show no value."""
        return f"Filled({sorted(self.connections)}, {sorted(self.properties)})"


def fill(bundle: Bundle, machine: Machine) -> Filled:
    """Give every text that the machine completes. Reads files: not for the event loop.

    Raises:
        BundleError: a value is missing, or does not read as what it should be; no value is in the message.
    """
    filler = _Filler(bundle, machine)
    connections = {name: filler.texts(connection.settings) for name, connection in bundle.connections.items()}
    properties = {
        name: filler.texts(process.properties) for name, process in bundle.processes.items() if process.properties
    }
    if filler.problems:
        raise BundleError(tuple(filler.problems))
    return Filled(connections, properties, tuple(filler.warnings), tuple(filler.secrets))


class _Filler:
    def __init__(self, bundle: Bundle, machine: Machine) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.secrets: list[Secret] = []
        self._bundle = bundle
        self._machine = machine
        self._told: set[tuple[str, str]] = set()
        self._values = self._extensions() if bundle.extensions else {}

    def texts(self, templates: Mapping[str, Template]) -> Texts:
        """Give the texts of templates; what is missing in them is among the problems.

        Where an optional extension without a value is all that a template says, it says nothing and stays away.
        """
        return {name: self._text(template) for name, template in templates.items() if not self._is_nothing(template)}

    def _is_nothing(self, template: Template) -> bool:
        (part,) = template.parts if len(template.parts) == 1 else ("",)
        reference = reference_of(part) if isinstance(part, Expression) else None
        return reference is not None and reference.root == "extension" and self._values.get(reference.name) is None

    def _text(self, template: Template) -> str:
        return "".join(part if isinstance(part, str) else self._part(part) for part in template.parts)

    def _part(self, expression: Expression) -> str:
        reference = reference_of(expression)
        if reference is None:  # reading the bundle refuses it
            return ""
        if reference.root == "extension":
            return self._values.get(reference.name) or ""
        try:
            return self._machine_value(reference)
        except NoValue as reason:
            if (reference.root, reference.name) not in self._told:
                self._told.add((reference.root, reference.name))
                self._problem("extension-missing", str(reason), reference.place)
            return ""

    def _machine_value(self, reference: Reference) -> str:
        if reference.root != "secret":
            return self._machine.environment(reference.name)
        value = self._machine.secret(reference.name)
        self._keep_secret(reference.name, value, reference.place)
        return value

    def _extensions(self) -> Mapping[str, str | None]:
        bundle = self._bundle
        try:
            given = self._machine.table(bundle.name)
        except NoValue as reason:
            self._problem("extension-value", str(reason), Place(file="bundle.yaml"))
            return {}
        for name in given.keys() - bundle.extensions.keys():
            message = f"{self._machine.extensions} gives '{name}' to this bundle, which has no such extension"
            meant = near(name, dict.fromkeys(bundle.extensions, ""))
            hint = f"did you mean '{meant}'?" if meant is not None else "remove it"
            self._problem("extension-unknown", message, Place(file=str(self._machine.extensions)), hint)
        return {name: self._value(extension, given) for name, extension in bundle.extensions.items()}

    def _value(self, extension: Extension, given: Mapping[str, str]) -> str | None:
        """Give the value of an extension: the environment's, the file's, its default; None when it has none."""
        bundle, name = self._bundle.name, extension.name
        value, origin = self._machine.variable(bundle, name), variable_of(bundle, name)
        if value is None and name in given:
            value, origin = given[name], f"{self._machine.extensions}, [{bundle}]"
            if extension.kind == "secret":
                return self._secret(extension, value, origin)
        if value is None:
            if extension.default is None and extension.required:
                self._missing(extension, given)
            return extension.default
        if extension.kind == "secret":
            self._keep_secret(name, value, extension.place)
        if not reads_as(extension.kind, value):
            message = f"the extension '{name}' is no {extension.kind}"
            self._problem("extension-value", message, extension.place, f"correct it in {origin}")
        return value

    def _secret(self, extension: Extension, reference: str, origin: str) -> str:
        try:
            value = self._machine.referred(reference)
        except NoValue as reason:
            message = f"the secret extension '{extension.name}' cannot be had: {reason}"
            self._problem("extension-value", message, extension.place, f"correct it in {origin}")
            return ""
        self._keep_secret(extension.name, value, extension.place)
        return value

    def _keep_secret(self, name: str, value: str, place: Place) -> None:
        """Note what must be masked wherever it appears; what is very short stands in other texts by chance."""
        if 0 < len(value) < SHORTEST_SECRET and ("short", name) not in self._told:
            self._told.add(("short", name))
            message = f"the secret '{name}' has fewer than {SHORTEST_SECRET} characters"
            self._problem("secret-short", message, place, "give it a longer one, there and in the other system")
        elif value:
            self.secrets.append(Secret(value))

    def _missing(self, extension: Extension, given: Mapping[str, str]) -> None:
        bundle, name, file = self._bundle.name, extension.name, self._machine.extensions
        meant = near(name, {key: "" for key in given if key not in self._bundle.extensions})
        value = '"file:/path"' if extension.kind == "secret" else "…"
        table = f"[{bundle}]" if bundle.isidentifier() else f'["{bundle}"]'
        place = f"add '{name} = {value}' below {table} in {file}, or set" if file is not None else "set"
        hint = f"{place} {variable_of(bundle, name)}"
        if meant is not None:
            hint = f"{file} has '{meant}': did you mean '{name}'?"
        purpose = f" ({extension.description})" if extension.description else ""
        self._problem("extension-missing", f"this machine gives no '{name}'{purpose}", extension.place, hint)

    def _problem(self, code: str, message: str, place: Place, hint: str | None = None) -> None:
        severity = severity_of(code)
        where = Place(bundle=self._bundle.name, file=place.file, line=place.line, column=place.column)
        problem = Problem(code=PREFIX + code, message=message, place=where, hint=hint, severity=severity)
        (self.problems if severity == "error" else self.warnings).append(problem)
