"""Lint of a bundle without errors: what is allowed and most often not meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.lint.effects import check_effects
from runtime.bundle.lint.messages import check_message
from runtime.bundle.lint.paths import check_paths
from runtime.bundle.lint.platform_properties import check_platform_properties
from runtime.bundle.lint.properties import check_properties
from runtime.bundle.lint.secrets import check_exposed
from runtime.bundle.lint.unused import check_unused
from runtime.model.shapes import DecisionStep, MessageStep

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.model.bundle import Bundle
    from runtime.model.process import Process
    from runtime.sdk.connector import Catalogue


def lint(bundle: Bundle, catalogue: Catalogue, findings: Findings) -> None:
    """Note what is doubtful in a sound bundle."""
    for process in bundle.processes.values():
        _check_steps(process, findings)
        check_effects(process, bundle, catalogue, findings)
        check_properties(process, bundle, findings)
        check_platform_properties(process, bundle, findings)
        check_paths(process, findings)
    for connection in bundle.connections.values():
        check_exposed(connection, bundle, catalogue, findings)
    check_unused(bundle, findings)
    _check_needs(bundle, findings)


def _check_steps(process: Process, findings: Findings) -> None:
    for shape in process.shapes:
        match shape:
            case DecisionStep(yes=yes, no=no) if yes == no:
                hint = "put steps into one of the arms"
                findings.add("idle-decision", "both arms of this decision go on at the same step", shape.place, hint)
            case MessageStep():
                check_message(shape, findings)


def _check_needs(bundle: Bundle, findings: Findings) -> None:
    used = {connection.connector: connection.place for connection in bundle.connections.values()}
    for name, place in sorted(used.items()):
        if name not in bundle.needs:
            message = f"the connector '{name}' is used here, and bundle.yaml does not say in which version"
            findings.add("needs-undeclared", message, place, f"add 'needs: {{ {name}: 1 }}' to bundle.yaml")
