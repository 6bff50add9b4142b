"""What is found in one component: where it stands, in which shape, and how grave it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.errors import Place

if TYPE_CHECKING:
    from runtime.bundle.components.xml import Element
    from runtime.bundle.findings import Findings

REFUSED = "component-refused"  # it is understood, and cannot run here
UNKNOWN = "component-unknown"  # it is not understood
MISSING = "component-missing"  # it names a component that is not in the bundle
ELSEWHERE = "component-elsewhere"  # another deployed bundle must have what it names
WRONG = "component-wrong"  # the platform itself would not run it
DIFFERS = "component-differs"  # it runs, and something about it is another way here


class Notes:
    """The findings of one component. `where` says which shape or function of it is being read."""

    def __init__(self, findings: Findings, file: str, component: str, where: str = "") -> None:
        self._findings = findings
        self._file = file
        self._component = component
        self._where = where

    @property
    def component(self) -> str:
        """What the findings call the component: its type and name, or its file."""
        return self._component

    def within(self, where: str) -> Notes:
        """Give the notes of a part of the component."""
        return Notes(self._findings, self._file, self._component, where)

    def __len__(self) -> int:
        """Give how many errors there are in the bundle; readers compare it to see whether a part was sound."""
        return len(self._findings)

    def place(self, element: Element) -> Place:
        """Give the place of an element."""
        return Place(file=self._file, line=element.line)

    def refused(self, element: Element, message: str, hint: str | None = None) -> None:
        """Note what is understood and cannot run here."""
        self._add(REFUSED, element, message, hint)

    def unknown(self, element: Element, message: str) -> None:
        """Note what is not understood."""
        self._add(UNKNOWN, element, message, None)

    def missing(self, element: Element, kind: str, identity: str) -> None:
        """Note a component that is referred to and is not in the bundle."""
        hint = "export it too, into components/"
        self._add(MISSING, element, f"the {kind} '{identity}' is not in the bundle", hint)

    def elsewhere(self, element: Element, message: str) -> None:
        """Note what another deployed bundle must have; it refuses nothing."""
        self._add(ELSEWHERE, element, message, "export it too, into components/, or deploy the bundle that has it")

    def wrong(self, element: Element, message: str, hint: str | None = None) -> None:
        """Note what the platform itself would not run."""
        self._add(WRONG, element, message, hint)

    def differs(self, element: Element, message: str, hint: str | None = None) -> None:
        """Note what runs, and is another way here; it refuses nothing."""
        self._add(DIFFERS, element, message, hint)

    def _add(self, code: str, element: Element, message: str, hint: str | None) -> None:
        where = f"{self._component}, {self._where}" if self._where else self._component
        self._findings.add(code, f"{where}: {message}", self.place(element), hint)
