"""Everything that can be found in a bundle: what it is called, why it matters, how it is mended.

The codes are part of the product. `RULES.md` is made from these tables by `python -m runtime.bundle.rules`, and a test
keeps the page, the tables and the code equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from runtime.bundle.rules.doubts import LINT, SCHEDULES, TESTS
from runtime.bundle.rules.form import FILES, KEYS, TEXTS
from runtime.bundle.rules.meaning import DATA, REFERENCES, STEPS
from runtime.bundle.rules.platform import PLATFORM
from runtime.bundle.rules.rule import Rule
from runtime.errors import Severity

PREFIX = "bundle."

SECTIONS: Mapping[str, Mapping[str, Rule]] = MappingProxyType(
    {
        "Files": FILES,
        "Texts": TEXTS,
        "Keys and values": KEYS,
        "Steps": STEPS,
        "References": REFERENCES,
        "Data": DATA,
        "Exports of the platform": PLATFORM,
        "Lint": LINT,
        "Schedules": SCHEDULES,
        "Tests": TESTS,
    }
)
RULES: Mapping[str, Rule] = MappingProxyType({code: rule for part in SECTIONS.values() for code, rule in part.items()})


def severity_of(code: str) -> Severity:
    """Give how grave a finding is, by its code without the prefix; what is in no table refuses the bundle."""
    rule = RULES.get(code)
    return rule.severity if rule is not None else "error"
