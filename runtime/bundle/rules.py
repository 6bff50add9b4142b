"""Everything that can be found in a bundle: what it is called, why it matters, how it is mended.

The codes are part of the product. `RULES.md` beside this file is made from the table by
`python -m runtime.bundle.rules`, and a test keeps the two and the code equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from runtime.errors import Severity

PREFIX = "bundle."


class Rule(Struct, frozen=True):
    """One thing that can be wrong. An `error` refuses the bundle, a `warning` is logged when it is deployed."""

    title: str
    why: str
    cure: str
    severity: Severity = "error"


def severity_of(code: str) -> Severity:
    """Give how grave a finding is, by its code without the prefix; what is not in the table refuses the bundle."""
    rule = RULES.get(code)
    return rule.severity if rule is not None else "error"


_FILES: Mapping[str, Rule] = {
    "unreadable": Rule(
        "A file or folder cannot be read",
        "The operating system refuses it.",
        "Give the user of the daemon the right to read it.",
    ),
    "missing-file": Rule(
        "A file is missing",
        "Without `bundle.yaml` a folder has no name and no version.",
        "Add the file.",
    ),
    "unknown-file": Rule(
        "A file does not belong where it stands",
        "A file that nobody reads is most often a misspelt one.",
        "Rename or move it; hidden files, and names that end in `~`, are passed over.",
    ),
    "unknown-folder": Rule(
        "A folder is not one of a bundle's",
        "A folder that nobody reads is most often a misspelt one.",
        "Rename it, or move it out of the bundle.",
    ),
    "link": Rule(
        "A bundle holds no links",
        "A link would let a bundle read what is not its own, and its digest would not cover it.",
        "Copy what the link points to.",
    ),
    "too-large": Rule(
        "A file or the bundle is too large",
        "A bundle is read into memory at once, before it is known to be sound.",
        "Split the file; keep data that changes outside of bundles.",
    ),
    "not-text": Rule("A file is not UTF-8", "Every text of a bundle is.", "Save it as UTF-8."),
}

_TEXTS: Mapping[str, Rule] = {
    "yaml-syntax": Rule(
        "A file is not YAML",
        "What cannot be parsed cannot be understood.",
        "Look at the line and the one before it: an indentation, a missing colon, a text that needs quotes.",
    ),
    "yaml-feature": Rule(
        "A part of YAML that bundles do not use",
        "Anchors, aliases and tags let a file say something else than it seems to say.",
        "Write the value out.",
    ),
    "tab": Rule("A tab indents a line", "YAML knows no tabs there.", "Indent with spaces."),
    "duplicate-key": Rule(
        "A key stands twice in one table",
        "One of the two would be ignored, and nobody could say which.",
        "Keep one of them.",
    ),
    "json-syntax": Rule(
        "A profile is not JSON", "What cannot be parsed cannot be understood.", "Mend it at the place."
    ),
    "script-syntax": Rule(
        "A script is not Python",
        "A step that runs it would fail for every document.",
        "Mend it at the place.",
    ),
    "table": Rule(
        "A table of reference data is not sound",
        "A row with a cell too many or too few would be looked up wrongly.",
        "Give the first line a name for each column, and every line a cell for each name.",
    ),
}

_KEYS: Mapping[str, Rule] = {
    "unknown-key": Rule(
        "A key that nothing reads",
        "A misspelt option would silently be the default.",
        "Correct its spelling, or remove it.",
    ),
    "missing-key": Rule("A key is missing", "There is no default that would be right.", "Add it."),
    "missing-value": Rule(
        "A key has no value", "Nothing is neither a text nor a default.", "Give it one, or remove it."
    ),
    "wrong-type": Rule(
        "A value of the wrong kind", "It cannot be read as what is meant.", "Write what the hint shows."
    ),
    "unknown-value": Rule("A word that is none of the known ones", "Only some words mean anything there.", "Use one."),
    "sync-timeout": Rule(
        "A Sync Timeout beyond what Flow waits",
        "Flow gives up after 60 seconds, so that neither an answer nor WAIT would reach it.",
        "Make it 55 seconds or less; what takes longer is answered with WAIT and called back.",
    ),
    "extension": Rule(
        "An extension contradicts itself",
        "Its default does not read as its type, or it is required and has a default.",
        "Correct the default, or remove it.",
    ),
    "secret": Rule(
        "A secret has a default",
        "A default stands in the bundle, where everyone can read it.",
        "Remove it: whoever installs the bundle gives the value.",
    ),
}

_STEPS: Mapping[str, Rule] = {
    "unknown-step": Rule("There is no such step", "Nothing could run it.", "Correct its spelling."),
    "duplicate-label": Rule(
        "Two steps have the same label",
        "`go to`, tests and logs name a step by its label.",
        "Give each step a label of its own.",
    ),
    "unreachable": Rule(
        "A step is never reached",
        "Every path before it ends, so it would silently not run.",
        "Remove it, or move it before the end of the path.",
    ),
    "endless-loop": Rule(
        "A loop without a way out",
        "It would run until the limit of steps ends the execution.",
        "Add a decision that leaves it, or a wait.",
    ),
    "no-answer": Rule(
        "A listener that can never answer",
        "Flow would get a fault for every call.",
        "End a path with `return documents` or `stop`.",
    ),
    "unknown-operation": Rule("The connector has no such operation", "Nothing could make the call.", "Use one it has."),
    "unknown-field": Rule(
        "The connector or operation has no such field",
        "A misspelt setting would silently be the default.",
        "Correct its spelling; a field's `_` is written as a space.",
    ),
    "script-function": Rule("A script lacks the function", "The step would have nothing to call.", "Define it."),
}

_REFERENCES: Mapping[str, Rule] = {
    "unknown-reference": Rule(
        "A name that nothing in the bundle bears",
        "What is referred to stands in the same bundle, so that a deployment is whole.",
        "Correct the name, or add what it names.",
    ),
    "unknown-connector": Rule(
        "A connector that is not installed",
        "Its connections could not be opened.",
        "Correct its name, or install the package that brings it.",
    ),
    "needs-version": Rule(
        "A connector of another version",
        "The first number of a version changes when bundles have to change with it; within one, newer is enough.",
        "Install the version that is needed, or try the bundle with the installed one and ask for that.",
    ),
    "name-taken": Rule("A name is taken", "Callers, logs and tests could not tell the two apart.", "Choose another."),
    "path-taken": Rule("Two actions have one path", "A call could not tell which is meant.", "Choose another path."),
    "not-a-listener": Rule(
        "An action leads to a process that does not listen",
        "A process answers Flow only when its start says so.",
        "Write `start: { listen: flow }` in the process.",
    ),
    "connection-reference": Rule(
        "A connection computes something",
        "Its settings are filled in once, before there is a document: only values of the machine can be named.",
        "Name `${extension.…}`, `${secret.…}` or `${env.…}`; text may stand around it.",
    ),
    "connection": Rule(
        "A value of this machine does not fit a connection",
        "The connection could not be opened.",
        "Correct the value of the extension or variable that fills the field.",
    ),
    "unexpected": Rule(
        "The runtime failed on the bundle",
        "This is a mistake of Nuclide; what was deployed before stays.",
        "Report it with the message and, where possible, the bundle.",
    ),
    "connection-not-open": Rule(
        "A connection cannot be opened",
        "Its calls would all fail.",
        "Look at the reason in the message; the values come from the machine's extensions and variables.",
    ),
    "extension-missing": Rule(
        "A value of this machine is missing",
        "The bundle says that it cannot run without it.",
        "Add it to the file of extensions, under the name of the bundle, or set the variable that the hint names.",
    ),
    "extension-value": Rule(
        "A value of this machine is not usable",
        "It does not read as its type, or the file it refers to cannot be read.",
        "Correct it where the hint says; the value itself is never shown.",
    ),
    "extension-unknown": Rule(
        "A value that no extension asks for",
        "It may be misspelt, or left from an older version of the bundle.",
        "Correct its name, or remove it.",
        "warning",
    ),
}

_DATA: Mapping[str, Rule] = {
    "unknown-element": Rule(
        "The profile has no such field",
        "The field would always be empty, or written where nobody reads it.",
        "Correct the path; `[]` stands after the name of a list.",
    ),
    "profile": Rule(
        "A profile that Flow cannot express",
        "Types of Flow know texts, numbers, truth values, dates, objects and lists of them.",
        "Use the subset of JSON Schema that the message names.",
    ),
    "map-source": Rule(
        "A source repeats more often than its target",
        "Several values cannot stand in one field.",
        "Sum, count or join them, or split the document before the map.",
    ),
    "function": Rule("A map function is used wrongly", "It could not be computed.", "Mend what the message names."),
    "unknown-function": Rule("There is no such map function", "It could not be computed.", "Correct its name."),
    "template": Rule(
        "A `${…}` is not closed, or empty",
        "Nothing could be computed.",
        "Close it with `}`; a literal `${` is written `$${`.",
    ),
    "expression": Rule("An expression is not CEL", "It could not be computed.", "Mend it at the character named."),
    "description": Rule(
        "Flow would refuse the description of a service",
        "The service could not be installed in a tenant.",
        "Mend the profile or action that the message names.",
    ),
}

_LINT: Mapping[str, Rule] = {
    "secrets.in-clear": Rule(
        "A secret stands in the bundle",
        "Whoever can read the bundle, its history or a copy of it can use the secret.",
        "Write `${secret.NAME}`, or declare an extension of the type secret; then change the secret that was seen.",
    ),
    "secrets.exposed": Rule(
        "A secret fills a field that is shown",
        "Consoles and logs show the field as it is.",
        "Use a field that the connector keeps secret, or an extension of another type.",
        "warning",
    ),
    "effects.retry-once": Rule(
        "A retry repeats a call that must not be made twice",
        "The operation has the effect `once`: a retry of the try path makes it again for every document that failed.",
        "Move the call behind the steps that are retried, or use an operation that is idempotent or keyed.",
        "warning",
    ),
    "effects.restart-once": Rule(
        "A restart repeats a call that must not be made twice",
        "With `recovery: restart` an execution begins anew after a crash, its calls with the effect `once` included.",
        "Use `recovery: resume`, or an operation that is idempotent or keyed.",
        "warning",
    ),
    "path-without-return": Rule(
        "A path of a listener ends without an answer",
        "Documents that come to its end are dropped, and Flow gets an answer without them.",
        "End the path with `return documents`, or with `stop` where that is meant.",
        "warning",
    ),
    "idle-decision": Rule(
        "A decision decides nothing",
        "Both of its arms lead to the same step.",
        "Put steps into one of the arms, or remove the decision.",
        "warning",
    ),
    "message-braces": Rule(
        "A message with the platform's placeholders",
        "`{1}` is printed as it stands: messages of bundles take their values from `${…}`.",
        "Write `${document.name}`, or whatever the value is called.",
        "warning",
    ),
    "property-never-set": Rule(
        "A property is read and never set",
        "Reading it fails for every document.",
        "Set it before, correct its name, or ask with `has(…)`.",
        "warning",
    ),
    "unused": Rule(
        "Something is never used",
        "It is read, checked and kept for nothing, or its user is misspelt.",
        "Use it, or remove it.",
        "warning",
    ),
    "needs-undeclared": Rule(
        "A connector is used and not asked for",
        "`needs` protects the bundle from a connector that has changed its meaning.",
        "Add the connector and its version to `needs`.",
        "warning",
    ),
}

SECTIONS: Mapping[str, Mapping[str, Rule]] = MappingProxyType(
    {
        "Files": _FILES,
        "Texts": _TEXTS,
        "Keys and values": _KEYS,
        "Steps": _STEPS,
        "References": _REFERENCES,
        "Data": _DATA,
        "Lint": _LINT,
    }
)
RULES: Mapping[str, Rule] = MappingProxyType(
    {code: rule for rules in SECTIONS.values() for code, rule in rules.items()}
)


def page() -> str:
    """Give the page that lists every rule, in Markdown."""
    parts = [_HEAD]
    for section, rules in SECTIONS.items():
        parts.append(f"\n## {section}\n")
        parts.extend(_entry(code, rule) for code, rule in rules.items())
    return "".join(parts)


def _entry(code: str, rule: Rule) -> str:
    return f"\n### {PREFIX}{code} ({rule.severity})\n\n{rule.title}. {rule.why}\n\n**Cure:** {rule.cure}\n"


_HEAD = """\
# What can be found in a bundle

Made from `rules.py` by `python -m runtime.bundle.rules`; do not edit. An *error* refuses the bundle, and what was
deployed before stays. A *warning* is logged when the bundle is deployed. A code never changes its meaning.
"""

if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - this is what the command is for
