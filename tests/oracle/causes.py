"""Why components of a folder are refused: for what is not there, or for what nobody could run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from runtime.bundle.components.notes import MISSING
from runtime.bundle.rules import PREFIX

Reasons = tuple[tuple[str, str], ...]  # code and message

COMPONENT = "a component that is not in the folder"
CONNECTOR = "a connector, standard or database driver that is not here"
TEMPLATE = "a template of a manual, with [words] where values stand"
OTHER = "not as the platform writes it"

_CONNECTOR = re.compile(
    r"(the|with the) connector '|trading partners|EDI documents|'tradingpartneraction'|databases of the driver"
)
_BLANK = re.compile(rb'"[\[{][A-Za-z][^"]*[\]}]"|\[[A-Z_]+\]|"[A-Z][a-z]+_[A-Z][a-z]+"')


def cause_of(reasons: Reasons, content: bytes) -> str:
    """Give the cause of a refusal: the first of the four that explains it."""
    others = [message for code, message in reasons if code != PREFIX + MISSING]
    if not others:
        return COMPONENT
    if any(_CONNECTOR.search(message) for message in others):
        return CONNECTOR
    return TEMPLATE if _BLANK.search(content) else OTHER


def causes(refused: Iterable[tuple[str, Reasons]], files: Mapping[str, bytes]) -> str:
    """Give a line for each cause with its number of files, and each file that is refused for something else."""
    found = [(cause_of(reasons, files[file]), file, reasons) for file, reasons in refused]
    counts = Counter(cause for cause, _, _ in found)
    lines = [f"{count:5}  {cause}" for cause, count in counts.most_common()]
    for cause, file, reasons in found:
        if cause == OTHER:
            first = next(message for code, message in reasons if code != PREFIX + MISSING)
            lines.append(f"       {file}: {first}")
    return "\n".join(["refused for", *lines])
