"""Rules of meaning: steps, names that refer to each other, data."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.bundle.rules.rule import Rule

STEPS: Mapping[str, Rule] = {
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
    "called-listener": Rule(
        "A process is called that listens",
        "Its documents come from whoever calls its address, and never from another process.",
        "Move its steps into a process with `start: passthrough`, which the listener calls too.",
    ),
    "return-unbound": Rule(
        "A path of a process call that nothing returns at",
        "The path would never run.",
        "Write the label of a `return documents` step of the called process.",
    ),
    "script-function": Rule("A script lacks the function", "The step would have nothing to call.", "Define it."),
    "script-signature": Rule(
        "A script's function takes other parameters",
        "A step calls it with the documents and the context, and takes what it returns or yields.",
        "Write `def process(documents, context)`; an `async def` returns its documents.",
    ),
}

REFERENCES: Mapping[str, Rule] = {
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
    "path-taken": Rule(
        "Two actions, resources, routes or listeners have one path",
        "A call could not tell which is meant.",
        "Choose another path, object or method.",
    ),
    "not-a-listener": Rule(
        "A service leads to a process that does not listen for it",
        "A process answers Flow or the web only when its start says so, and only what it says.",
        "Write `start: { listen: flow }` in the process, with `service` for data or files, or `{ listen: web, … }`.",
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
    "script-import": Rule(
        "A script cannot be imported",
        "Its import fails, takes too long or too much memory, or its function takes other parameters than"
        " `(documents, context)`; no step could call it.",
        "Mend the line that the message names; work that takes long belongs into the function.",
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
    "secret-short": Rule(
        "A secret is too short to be kept",
        "Secrets are masked wherever they appear, also in base64 and in addresses. A text of fewer than 6 characters"
        " stands in other texts by chance.",
        "Give the other system a longer one, and this machine the same.",
    ),
    "extension-unknown": Rule(
        "A value that no extension asks for",
        "It may be misspelt, or left from an older version of the bundle.",
        "Correct its name, or remove it.",
        "warning",
    ),
}

DATA: Mapping[str, Rule] = {
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
    "flat-type": Rule(
        "A data type leaves out objects and lists of its profile",
        "Flow makes one flat type of an object profile: what is nested in it cannot be loaded or saved.",
        "Remove them from the profile, or give them a message action.",
        "warning",
    ),
    "description": Rule(
        "Flow would refuse the description of a service",
        "The service could not be installed in a tenant.",
        "Mend the profile or action that the message names.",
    ),
}
