"""Check the small facts of an oracle: ``python -m tests.oracle.facts [FILE]``, a table of areas, inputs and outcomes.

A fact names its area, a configuration, an input and what the platform makes of them: a value, ``{"absent": true}``,
``{"pattern": …}`` or ``{"error": …}``. Facts that are only guessed (D) are not held against anyone. Each difference
is a line; areas that nothing checks yet are named; the exit code is not zero when a fact is not met.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from runtime.model.message_format import parse_message_format
from tests.oracle import map_facts, step_facts
from tests.oracle.__main__ import folder_of
from tests.oracle.map_facts import Absent

GUESSED = "D"
_REMARK = re.compile(r" \(parameter keys [0-9,]+\)$")  # a remark of the table on the configuration, not a part of it


class Fact(Struct, frozen=True):
    """One fact, as it stands in a line of the table."""

    number: str
    area: str
    configuration: Any
    given: Any
    expected: Any
    sure: str


# Gives the outcome; an error of the platform's is a ValueError, what cannot be checked yet a NotImplementedError.
Check = Callable[[Fact], object]


def read_facts(path: Path) -> Iterator[Fact]:
    """Give the facts of a table: tab-separated, the first line names the columns."""
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        number, area, configuration, given, expected, sure, _evidence = line.split("\t")
        decode = msgspec.json.decode
        yield Fact(number, area, decode(configuration), decode(given), decode(expected), sure)


def _message(fact: Fact) -> str:
    pattern = _REMARK.sub("", fact.configuration)
    parts = parse_message_format(pattern, len(fact.given))
    values = ["null" if value is None else str(value) for value in fact.given]
    return "".join(part if isinstance(part, str) else values[part] for part in parts)


def _stepwise(check: Callable[[Any, Any], object]) -> Check:
    return lambda fact: check(fact.configuration, fact.given)


CHECKS: Mapping[str, Check] = {
    "message": _message,
    "business-rules message": _message,
    **{area: _stepwise(check) for area, check in step_facts.CHECKS.items()},
    **{area: _stepwise(check) for area, check in map_facts.CHECKS.items()},
}


def difference(fact: Fact, check: Check) -> str | None:
    """Say how an outcome differs from the fact, or give None."""
    try:
        outcome = check(fact)
    except ValueError as error:
        return None if _is_error(fact.expected, str(error)) else f"expected {fact.expected!r}, failed: {error}"
    return None if _meets(fact.expected, outcome) else f"expected {fact.expected!r}, made {outcome!r}"


def _is_error(expected: object, message: str) -> bool:
    """Whether an error was expected, and this one: its own words are those before the platform's cause."""
    if not isinstance(expected, dict) or "error" not in expected:
        return False
    wanted = expected["error"]
    return wanted is True or str(wanted).partition(";")[0].strip() == message.strip()


def _meets(expected: object, outcome: object) -> bool:
    match expected:
        case {"absent": True}:
            return isinstance(outcome, Absent)
        case {"pattern": str() as pattern}:
            return isinstance(outcome, str) and re.search(pattern, outcome) is not None
        case {"error": _}:
            return False
        case list():
            return (
                isinstance(outcome, list)
                and len(outcome) == len(expected)
                and all(_meets(one, made) for one, made in zip(expected, outcome, strict=True))
            )
        case _:
            return outcome == expected


def main(path: Path) -> int:
    """Check what can be checked and print the outcome; give 1 where a fact is not met."""
    passed = failed = 0
    unchecked: Counter[str] = Counter()
    for fact in read_facts(path):
        check = CHECKS.get(fact.area)
        if check is None or fact.sure[:1] == GUESSED:
            unchecked[fact.area if check is None else f"{fact.area} (guessed)"] += 1
            continue
        try:
            found = difference(fact, check)
        except NotImplementedError:
            unchecked[fact.area] += 1
            continue
        passed += found is None
        failed += found is not None
        if found is not None:
            print(f"fact {fact.number} ({fact.area}): {found}")
    for area, count in sorted(unchecked.items()):
        print(f"not checked: {area} ({count})")
    print(f"{passed} passed, {failed} failed, {unchecked.total()} not checked")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else folder_of(None) / "facts.tsv"))
