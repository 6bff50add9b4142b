"""Findings as SARIF 2.1.0, the form in which code hosts show them beside the line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from runtime.bundle.rules import PREFIX, RULES
from runtime.host.version import version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.cli.lint import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(findings: Sequence[Finding]) -> bytes:
    """Give one run with these findings as its results, and the rules that they break."""
    codes = sorted({finding.code for finding in findings})
    driver = {"name": "nuclide", "version": version(), "rules": [_rule(code) for code in codes]}
    results = [_result(finding, codes.index(finding.code)) for finding in findings]
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2) + b"\n"


def _rule(code: str) -> dict[str, object]:
    rule = RULES.get(code.removeprefix(PREFIX))
    if rule is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.cure},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Finding, rule: int) -> dict[str, object]:
    cure = f" ({finding.hint})" if finding.hint else ""
    location: dict[str, object] = {"artifactLocation": {"uri": Path(finding.file).as_posix()}}
    if finding.line is not None:
        column = {} if finding.column is None else {"startColumn": finding.column}
        location["region"] = {"startLine": finding.line, **column}
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": finding.message + cure},
        "locations": [{"physicalLocation": location}],
    }
