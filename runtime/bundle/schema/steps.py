"""The steps of a process as schemas: one for each kind, and one for each operation of each connector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from runtime.bundle.outline import GO_TO, KINDS
from runtime.bundle.schema.boomi import AROUND, boomi_steps
from runtime.bundle.schema.fields import fields_of
from runtime.bundle.schema.others import SAID_OF_OTHERS, Said
from runtime.bundle.schema.words import Schema, flag, listed, names, ref, table, whole, words
from runtime.bundle.step_kinds import MOST_CALLS_AT_ONCE, OnErrorResponse, WhenChanged
from runtime.bundle.step_paths import MOST_FACTOR, MOST_RETRIES, MOST_TIMES, StopWhat, Trigger
from runtime.model.values import Operator

if TYPE_CHECKING:
    from runtime.sdk.connector import Catalogue, OperationSpec

_LABEL: Schema = {
    "description": "What the step is called, in logs, tests and `go to`; it has a letter.",
    "type": ["string", "boolean"],
    "pattern": r"\S",
}
_STEPS = ref("steps")

_COMPARISON = table(
    "Comparison",
    {
        "left": ref("template"),
        "is": words(Operator, "How the two are compared: as numbers when both are, else as texts."),
        "right": ref("template"),
    },
    ("left", "is", "right"),
)
_ELEMENT: Mapping[str, Schema] = {
    "profile": ref("text", "The profile of the whole document; its only list is meant unless `element` names one."),
    "element": ref("text", "The path of the list, with dots between keys."),
}

_RETRY = table(
    "Retry",
    {
        "times": whole(1, MOST_TIMES, "Tries after the first."),
        "wait": ref("duration", "The pause before the first retry; none unless given."),
        "factor": {"type": "number", "minimum": 1, "maximum": MOST_FACTOR, "description": "How pauses grow: 2."},
        "at most": ref("duration", "The longest pause: 5 min."),
        "jitter": {"type": "number", "minimum": 0, "maximum": 1, "description": "The share of a pause left to chance."},
        "only": listed(ref("text"), "Beginnings of codes: what fails otherwise is caught at once."),
    },
    ("times",),
    description="When what failed is tried again, where the platform's schedule does not do.",
)

SAID: Mapping[str, Said] = {
    "map": Said(ref("text", "A map of this bundle: maps/<name>.yaml.")),
    "set properties": Said(
        names("Properties", ref("template"), propertyNames={"pattern": r"^(?!process\.\s*$).*\S"}),
        {
            "persist": flag("Keep the properties of the process for its next run."),
            "when changed": words(
                WhenChanged, "Whether a value that another run has kept meanwhile is replaced.", default="overwrite"
            ),
        },
    ),
    "message": Said(
        {
            "anyOf": [
                ref("template"),
                table(
                    "Message",
                    {"text": ref("template"), "combine": flag("One text of all documents instead of one for each.")},
                    ("text",),
                ),
            ]
        }
    ),
    "decision": Said(
        {"anyOf": [ref("expression"), _COMPARISON]},
        {"yes": _STEPS, "no": _STEPS},
        more={"anyOf": [{"required": ["yes"]}, {"required": ["no"]}]},
    ),
    "branch": Said(
        listed(_STEPS, "The paths, each a list of steps.", minItems=2),
        {"parallel": flag("Run all paths at once: each gets all documents, and none sees what another sets.")},
    ),
    "try": Said(
        _STEPS,
        {
            "catch": ref("steps", "The steps for documents that failed."),
            "retries": whole(0, MOST_RETRIES, "How often what failed is tried again before it is caught."),
            "retry": _RETRY,
            "trigger": words(Trigger, "What is caught.", default="document errors"),
        },
        ("catch",),
    ),
    "exception": Said(
        table(
            "Exception",
            {
                "title": ref("template"),
                "message": ref("template"),
                "stop": words(StopWhat, "What fails.", default="process"),
            },
            ("title", "message"),
        )
    ),
    "stop": Said({"enum": [None, "process"], "description": "`process` ends everything, as a success."}),
    "return documents": Said({"type": "null"}),
    "split": Said(
        {
            "anyOf": [
                {"type": "null"},
                table(
                    "Split", {**_ELEMENT, "keep wrapper": flag("Keep what stands around the list in each document.")}
                ),
            ]
        }
    ),
    "combine": Said({"anyOf": [{"type": "null"}, table("Combine", _ELEMENT)]}),
    "progress": Said(
        {
            "anyOf": [
                ref("template"),
                table(
                    "Progress",
                    {
                        "message": ref("template", "What the person who waits reads."),
                        "outputs": flag("Give the first document as the outputs that there are so far."),
                    },
                    ("message",),
                ),
            ]
        }
    ),
    "wait": Said({"anyOf": [ref("duration"), {"type": "string", "pattern": r"\$\{"}]}),
    "script": Said(
        {
            "anyOf": [
                ref("text", "A file of scripts/."),
                table("Script", {"file": ref("text"), "function": ref("text", "`process` unless named.")}, ("file",)),
            ]
        }
    ),
    **SAID_OF_OTHERS,
    GO_TO: Said(ref("text", "The label of a step of this process.")),
}


CONNECTOR = Said(
    ref("text", "A connection of this bundle: connections/<name>.yaml."),
    {
        "operation": ref("text", "An operation of its connector; the keys that are left are the operation's fields."),
        "on error response": words(
            OnErrorResponse, "What an answer that tells an error does: fail the document, or go on.", default="fail"
        ),
        "track": names("Tracked", ref("template"), description="Fields of each document that is sent, to find it by."),
        "track answers": names("Tracked answers", ref("template"), description="Fields of each answer, to find it by."),
        "concurrency": whole(1, MOST_CALLS_AT_ONCE, "Calls at once; the operation's effect decides unless given."),
    },
    ("operation",),
)


def step_definitions(catalogue: Catalogue) -> dict[str, Schema]:
    """Give the definitions of a step and of a list of steps."""
    bare = {"enum": [kind for kind, about in KINDS.items() if about.bare], "description": "A step without any keys."}
    calls = [
        _call(connector, operation)
        for connector, spec in sorted(catalogue.connectors.items())
        for operation in spec.operations
    ]
    forms = [*(_step(kind, said) for kind, said in SAID.items()), *boomi_steps(_LABEL)]
    return {
        "steps": listed(ref("step"), "Steps, one after the other: each takes what the one before it gives."),
        "step": {"title": "Step", "anyOf": [bare, *forms, *calls]},
    }


def _step(kind: str, said: Said) -> Schema:
    label = {} if kind == GO_TO else {"label": _LABEL, **AROUND}
    properties = {kind: said.value, **label, **said.beside}
    return table(kind, properties, (kind, *said.required), description=KINDS[kind].summary, **said.more)


def _call(connector: str, operation: OperationSpec) -> Schema:
    fields, required = fields_of(operation.fields, "template")
    properties = {
        **fields,
        **CONNECTOR.beside,
        "connector": CONNECTOR.value,
        "label": _LABEL,
        "operation": {"const": operation.name, "description": operation.summary},
    }
    title = f"connector: {connector} {operation.name}"
    return table(title, properties, ("connector", "operation", *required), description=operation.summary)
