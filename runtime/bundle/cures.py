"""Cures for mistakes that people bring along from other languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from runtime.bundle.findings import suggest
from runtime.expressions import ROOTS

# What other tools call a step, and what it is called here.
_OTHER_NAMES: Mapping[str, str] = {
    "if": "decision",
    "when": "decision",
    "switch": "decision",
    "return": "return documents",
    "catch": "try",
    "try/catch": "try",
    "set": "set properties",
    "properties": "set properties",
    "http": "connector",
    "call": "connector",
    "rest": "connector",
    "database": "connector",
    "foreach": "split",
    "for each": "split",
    "loop": "go to",
    "sleep": "wait",
    "throw": "exception",
    "raise": "exception",
    "python": "script",
    "parallel": "branch",
    "end": "stop",
    "transform": "map",
}
# Steps of the platform that this runtime does not have, and what does the same where something does.
_NOT_HERE: Mapping[str, str] = {
    "agent": "call the agent's address with a connector",
    "edi": "EDI documents are not read",
    "find changes": "a 'script' can compare with what a kept property remembers",
    "multipart": "a 'script' can take multipart documents apart",
    "pgp decrypt": "a 'script' can decrypt",
    "pgp encrypt": "a 'script' can encrypt",
    "program command": "commands of the machine are not run by processes",
    "trading partner": "trading partners are not served",
}
_TEXTS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_CURLY = re.compile("[\u2018\u2019\u201c\u201d]")
_ASSIGNS = re.compile(r"(?<![=!<>])=(?!=)")
_WORDS = re.compile(r"\b(and|or|not)\b")
_OPERATORS: Mapping[str, str] = {"and": "&&", "or": "||", "not": "!"}
_UNKNOWN = re.compile(r"there is no name '([^']+)'")


def step_cure(name: str, known: Mapping[str, object]) -> str:
    """Give the cure for a step that does not exist."""
    if re.search(r"\s-\s", name):
        return "indent every '- ' of a list alike"
    if name.lower() in _NOT_HERE:
        return f"this runtime has no such step; {_NOT_HERE[name.lower()]}"
    if name.lower() in _OTHER_NAMES:
        return f"the step is called '{_OTHER_NAMES[name.lower()]}'"
    return suggest(name, known) or f"the steps are {', '.join(known)}"


def expression_cure(source: str, message: str) -> str | None:
    """Give the cure for an expression that is no CEL, where its mistake is a common one."""
    unknown = _UNKNOWN.search(message)
    if unknown is not None:
        first = unknown[1].split(".")[0]
        root = next(iter([root for root in ROOTS if root.startswith(first)] or get_close_matches(first, ROOTS)), None)
        return f"did you mean '{root}'?" if root is not None else f"a field is 'document.{unknown[1]}'"
    plain = _TEXTS.sub("", source)
    if _CURLY.search(plain):
        return "write straight quotes: ' or \""
    if (word := _WORDS.search(plain)) is not None:
        return f"write {_OPERATORS[word[1]]} for '{word[1]}'"
    return "compare with '=='" if _ASSIGNS.search(plain) else None
