"""The other files of a bundle as schemas: its head, processes, connections, Flow services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.boomi.natives import EXPORT
from runtime.bundle.extensions import EXTENSION_NAME
from runtime.bundle.manifest import MOST_DOCUMENTS, MOST_STEPS, VERSION_NEEDED
from runtime.bundle.schema.boomi import export_schema
from runtime.bundle.schema.disk import file_listener
from runtime.bundle.schema.fields import fields_of
from runtime.bundle.schema.web import web_listener
from runtime.bundle.schema.words import SCALARS, Schema, flag, listed, names, ref, table, whole, words
from runtime.model.bundle import ExtensionKind
from runtime.model.flow_service import ConfigurationKind, FilteredBy
from runtime.model.process import MOST_AT_ONCE, MOST_QUEUED, FlowServiceType, Mode, Recovery, Simultaneous
from runtime.model.schedule import Missed, Overlap

if TYPE_CHECKING:
    from runtime.sdk.connector import Catalogue, ConnectorSpec


def bundle_schema(catalogue: Catalogue) -> Schema:
    """Give the schema of bundle.yaml."""
    version = {"anyOf": [{"type": "string", "pattern": VERSION_NEEDED}, {"type": "number"}]}
    return table(
        "Bundle",
        {
            "name": ref("text", "What the bundle is called on the machine; no other may have the name."),
            "version": ref("text", "As the author counts; it decides nothing."),
            "description": ref("text"),
            "needs": names(
                "Connectors",
                version,
                propertyNames={"enum": sorted(catalogue.connectors)},
                description="The version of each connector that the bundle was written for.",
            ),
            "redaction": listed({"type": SCALARS}, "Paths of fields that are never in clear, on disk or in logs."),
            "extensions": names(
                "Extensions",
                {"anyOf": [words(ExtensionKind, "A value that each machine has to give."), _extension()]},
                propertyNames={"pattern": EXTENSION_NAME},
                description="Values that each machine gives for itself; connections name them ${extension.name}.",
            ),
            "caches": names(
                "Caches",
                names(
                    "Indexes",
                    {"anyOf": [ref("template"), listed(ref("template"), "The keys of the index.")]},
                    description="The keys by which documents are found; `{}` for a cache that is only read whole.",
                ),
                description="What steps keep for later ones, as long as an execution runs.",
            ),
            "limits": table(
                "Limits",
                {
                    "documents": whole(1, MOST_DOCUMENTS, "Documents that the steps of one execution are given."),
                    "steps": whole(1, MOST_STEPS, "Steps that one execution runs."),
                    "deadline": ref("duration", "The longest that an execution may take."),
                },
                description="Bounds of every execution, where they are tighter than the daemon's.",
            ),
        },
        ("name", "version"),
        description="The head of a bundle.",
    )


def _extension() -> Schema:
    return table(
        "Extension",
        {
            "type": words(ExtensionKind, "What the value reads as.", default="string"),
            "description": ref("text", "What it is for; shown where it is missing."),
            "default": ref("literal", "Used where the machine gives nothing; a secret has none."),
            "required": flag("Whether the bundle is refused without a value.", default=True),
        },
    )


def process_schema() -> Schema:
    """Give the schema of a process; its steps are definitions."""
    return table(
        "Process",
        {
            "name": ref("text", "Unique in the bundle."),
            "description": ref("text"),
            "start": {"anyOf": [{"enum": ["no data", "passthrough"]}, _listener(), web_listener(), file_listener()]},
            "options": table(
                "Options",
                {
                    "mode": words(Mode, "What is durable, and when.", default="general"),
                    "recovery": words(Recovery, "What happens after a crash.", default="resume"),
                    "track": listed(
                        ref("text"), "Process properties by whose values, at its end, an execution is found."
                    ),
                    "deadline": ref("duration", "The longest that an execution may take."),
                    "run dates": flag("Whether the process notes when it has run, for its next run."),
                    "simultaneous": words(
                        Simultaneous, "What becomes of an execution while others run.", default="allow"
                    ),
                    "at once": whole(1, MOST_AT_ONCE, "How many run at once."),
                    "queued": whole(0, MOST_QUEUED, "How many may wait for it; 100 if nothing is said."),
                    "key": ref("template", "Executions with the same value wait for each other, others do not."),
                },
            ),
            "properties": names(
                "Properties of the process",
                ref("filled"),
                propertyNames={"not": {"pattern": r"^process\."}},
                description="What an execution starts with; expressions name them process.name.",
            ),
            EXPORT: export_schema(),
            "steps": {**ref("steps"), "minItems": 1},
        },
        ("name", "start", "steps"),
        description="What happens to documents, step by step.",
    )


def _listener() -> Schema:
    return table(
        "Listener",
        {
            "listen": {"const": "flow", "description": "The Flow Services Server."},
            "service": words(FlowServiceType, "What Flow calls.", default="message action"),
            "request profile": ref("text", "What a call brings: profiles/<name>.json."),
            "response profile": ref("text", "What the answer holds."),
            "sync timeout": ref("duration", "What takes longer is answered with WAIT and called back; at most 55 s."),
            "time limit": ref("duration", "A data or file call that takes longer is a fault; at most 55 s."),
        },
        ("listen",),
    )


def connection_schema(catalogue: Catalogue) -> Schema:
    """Give the schema of a connection: a form for each connector."""
    forms = [_connection(name, spec) for name, spec in sorted(catalogue.connectors.items())]
    return {"title": "Connection", "description": "A connector with its settings.", "type": "object", "anyOf": forms}


def _connection(name: str, spec: ConnectorSpec) -> Schema:
    fields, required = fields_of(spec.settings, "filled")
    for secret in spec.secrets:
        fields[secret.replace("_", " ")] = {
            "description": "Kept secret: ${secret.NAME}, or an extension of the type secret.",
            "anyOf": [{"type": "string", "pattern": r"\$\{"}, {"const": ""}],
        }
    properties = {**fields, "connector": {"const": name}, "description": ref("text")}
    return table(f"connector: {name}", properties, ("connector", *required), description=spec.summary)


def service_schema() -> Schema:
    """Give the schema of a Flow service."""
    value = table(
        "Configuration value",
        {
            "type": words(ConfigurationKind, "What the Flow builder fills in.", default="string"),
            "required": flag("Whether it has to be filled in."),
            "default": ref("text"),
        },
    )
    action = table(
        "Action",
        {
            "process": ref("text", "The process that answers; it listens for Flow."),
            "bundle": ref("text", "The deployed bundle that has the process, where it is another one."),
            "path": ref("text", "The address below the service; the name of the action unless given."),
            "summary": ref("text", "What a Flow builder reads."),
        },
        ("process",),
    )
    kinds = words(ConfigurationKind, "A value that may be left out.")
    return table(
        "Flow service",
        {
            "external name": {"allOf": [ref("text"), {"type": SCALARS, "pattern": r"^[^/?#%\\]*$"}]},
            "description": ref("text"),
            "configuration": names("Configuration", {"anyOf": [kinds, value]}),
            "actions": names("Actions", {"anyOf": [ref("text", "The process that answers."), action]}),
            "data types": names("Data types", _data_type()),
            "file resources": names("File resources", _file_resource()),
        },
        ("external name",),
        description="What a Flow builder installs.",
    )


def schedules_schema() -> Schema:
    """Give the schema of schedules.yaml."""
    schedule = table(
        "Schedule",
        {
            "process": ref("text", "The process that runs; it is no listener."),
            "cron": ref("text", "Minute, hour, day, month, weekday: '30 2 * * *'."),
            "zone": ref("text", "The time zone, such as Europe/Oslo; UTC unless given."),
            "overlap": words(Overlap, "What happens while the last run is unfinished.", default="skip"),
            "missed": words(Missed, "What becomes of times that passed while nothing ran.", default="skip"),
            "properties": names("Properties", {"type": SCALARS}, description="What each run starts with."),
        },
        ("process", "cron"),
    )
    return names("Schedules", schedule, description="When processes of the bundle run.")


def _data_type() -> Schema:
    return table(
        "Data type",
        {
            "profile": ref("text", "The object: profiles/<name>.json. Its single values are the type's."),
            "summary": ref("text", "What a Flow builder reads."),
            "id": ref("text", "The entry that identifies a record; externalid, id or the first unless given."),
            "get": _process("Gives the record whose id is ${process.param_id}."),
            "query": _process("Gives the records that a filter asks for."),
            "save": _process("Gets a document for each record, and gives it back as saved."),
            "delete": _process("Gets a document for each record."),
            "filter": words(FilteredBy, "Who applies the filter to the records of a query.", default="process"),
        },
        ("profile",),
        anyOf=[{"required": [verb]} for verb in ("get", "query", "save", "delete")],
    )


def _file_resource() -> Schema:
    return table(
        "File resource",
        {
            "list": _process("Gives a document for each file."),
            "upload": _process("Gets the files, and gives a document for each."),
            "delete": _process("Removes the file ${process.param_id}."),
            "type": {**ref("text", "The type of the objects that tell of files."), "default": "$File"},
            "filter": words(FilteredBy, "Who applies order, search and paging to a list.", default="process"),
        },
        ("list", "upload"),
    )


def _process(description: str) -> Schema:
    elsewhere = table(
        "Process of another bundle",
        {"process": ref("text"), "bundle": ref("text", "The deployed bundle that has it.")},
        ("process",),
    )
    return {"anyOf": [ref("text"), elsewhere], "description": description}
