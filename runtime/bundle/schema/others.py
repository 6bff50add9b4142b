"""The schemas of the steps that come with the platform's own shapes: routes, calls, caches, small steps."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from runtime.bundle.schema.words import Schema, flag, listed, names, ref, table, whole, words
from runtime.bundle.step_caches import WhenEmpty
from runtime.bundle.step_cleanse import MOST_CHARACTERS
from runtime.bundle.step_data import MOST_IN_A_PART, WORDS, Header, Scope
from runtime.bundle.step_telling import MOST_THREADS, Level
from runtime.model.cleanse import Pad, Trim
from runtime.model.values import Operator

_STEPS = ref("steps")


class Said(Struct, frozen=True):
    """What a step says: the schema of its value, of the keys beside it, and which of those must stand there."""

    value: Schema
    beside: Mapping[str, Schema] = {}
    required: tuple[str, ...] = ()
    more: Schema = {}


_WAITS: Mapping[str, Schema] = {
    "wait": flag("Whether the call is waited for; without it nothing comes back, not even its errors.", default=True),
    "abort": flag("Whether a failure ends this process; else it fails the document.", default=True),
}
_HEADER = words(Header, "What the first line is: one like the others, left out, or kept.", default="none")


def _asked(**more: Schema) -> Schema:
    inner = {
        "cache": ref("text", "A cache of bundle.yaml."),
        "index": ref("text", "The index that finds the documents; all of them are meant without one."),
        "keys": listed(ref("template"), "A value for each key of the index."),
        **more,
    }
    return {"anyOf": [ref("text", "A cache of bundle.yaml; all its documents."), table("Cached", inner, ("cache",))]}


_SMALL: Mapping[str, Schema] = {
    "search and replace": table(
        "Search and replace",
        {
            "search": ref("text", "A pattern, as Java has it."),
            "replace": ref("literal", "$1 stands for the first group."),
            "scope": words(Scope, "Where the pattern is looked for.", default="document"),
        },
        ("search",),
    ),
    "encoding": table("Encoding", {"from": ref("text"), "to": ref("text")}),
    "xslt": ref("text", "A stylesheet of scripts/."),
    "split lines": table(
        "Split lines", {"batch": whole(1, MOST_IN_A_PART, "Lines of one document."), "header": _HEADER}
    ),
    "split groups": table(
        "Split groups",
        {
            "column": ref("text", "A name of the first line, or a number from 1."),
            "delimiter": ref("literal", "The character between columns; a comma unless given."),
            "header": _HEADER,
        },
        ("column",),
    ),
    "split xml": table(
        "Split XML",
        {
            "element": ref("text", "The path of the element, from the root: orders/order."),
            "batch": whole(1, MOST_IN_A_PART, "Elements of one document."),
        },
        ("element",),
    ),
    "combine lines": table(
        "Combine lines",
        {
            "header": _HEADER,
            "before": ref("literal", "A text of its own, first."),
            "after": ref("literal", "A text of its own, last."),
            "separator": ref("literal", "What ends each document; a line end unless given."),
        },
    ),
    "combine xml": {"description": "The name of the new root.", "type": "string", "pattern": r"^[^\W\d]\w*$"},
}


def _cleansed() -> Schema:
    return table(
        "Cleansed",
        {
            "required": flag("Whether a document without it is rejected."),
            "at least": whole(0, MOST_CHARACTERS, "Characters."),
            "at most": whole(1, MOST_CHARACTERS, "Characters."),
            "default": ref("literal", "Stands in for a value that is missing, or not of its type."),
            "trim": words(Trim, "Where a value that is too long is cut."),
            "pad": words(Pad, "Where one that is too short is filled up."),
            "with": ref("literal", "The character that fills up; a blank unless given."),
        },
    )


SAID_OF_OTHERS: Mapping[str, Said] = {
    "data process": Said(
        listed(
            {
                "anyOf": [
                    {"enum": sorted(WORDS)},
                    *(table(name, {name: schema}, (name,)) for name, schema in _SMALL.items()),
                ]
            },
            "Small steps, each on what the one before gives.",
            minItems=1,
        )
    ),
    "notify": Said(
        {
            "anyOf": [
                ref("template"),
                table(
                    "Notify",
                    {
                        "text": ref("template"),
                        "title": ref("text", "What begins the line; the step's label unless given."),
                        "level": words(Level, "How grave it is.", default="info"),
                        "once": flag("One line for the run of the step, without a document."),
                        "event": flag("Whether it is an event too, which alerts can be made of."),
                    },
                    ("text",),
                ),
            ]
        }
    ),
    "flow control": Said(
        {
            **table(
                "Flow control",
                {
                    "batch": whole(1, MOST_IN_A_PART, "Documents of one part."),
                    "threads": whole(1, MOST_THREADS, "Parts that run at once."),
                },
            ),
            "minProperties": 1,
        }
    ),
    "route": Said(
        ref("template"),
        {
            "cases": listed(
                table(
                    "Case",
                    {
                        "is": words(Operator, "How the value is compared.", default="="),
                        "value": ref("literal"),
                        "steps": _STEPS,
                    },
                    ("value", "steps"),
                ),
                "The first case that a document meets takes it.",
            ),
            "default": _STEPS,
        },
        ("cases",),
    ),
    "business rules": Said(
        listed(
            table(
                "Rule",
                {"name": ref("text"), "pass": ref("expression"), "message": ref("template")},
                ("name", "pass", "message"),
            ),
            "All rules are checked; the messages of those that fail go with the document.",
            minItems=1,
        ),
        {"accepted": _STEPS, "rejected": _STEPS},
    ),
    "cleanse": Said(
        table(
            "Cleanse",
            {
                "profile": ref("text", "A profile of this bundle: JSON, XML, or a flat file."),
                "fields": names("Fields", _cleansed(), description="What more is asked of an element, and its repair."),
            },
            ("profile",),
        ),
        {"rejected": _STEPS, "clean": _STEPS},
    ),
    "process call": Said(
        ref("text", "A process of this bundle."),
        {**_WAITS, "returns": names("Returns", _STEPS, description="A path for each label that returns documents.")},
    ),
    "process route": Said(
        ref("template"),
        {**_WAITS, "routes": names("Routes", ref("text", "A process of this bundle.")), "default": _STEPS},
        ("routes",),
    ),
    "add to cache": Said(ref("text", "A cache of bundle.yaml.")),
    "retrieve from cache": Said(
        _asked(**{"when empty": words(WhenEmpty, "Whether nothing cached ends the path, or fails.", default="stop")})
    ),
    "remove from cache": Said(_asked()),
}
