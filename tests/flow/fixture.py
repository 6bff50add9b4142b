"""The fixture service that the conformance vectors assume, as the model holds it (vectors/README.md)."""

from __future__ import annotations

from runtime.flow.codec import ActionCodec, compile_action
from runtime.model.flow_service import (
    ConfigurationValue,
    DataType,
    FileResource,
    FlowService,
    MessageAction,
    ProcessRef,
)
from runtime.model.profile import Entry, Profile


def profile(name: str, *entries: Entry) -> Profile:
    """Give a profile of these entries."""
    return Profile(name=name, entries=entries)


def text(*names: str) -> tuple[Entry, ...]:
    """Give a character entry for each name."""
    return tuple(Entry(name=name, kind="character") for name in names)


def action(name: str, request: Profile | None = None, response: Profile | None = None) -> MessageAction:
    """Give an action whose path and process are its name."""
    return MessageAction(
        name=name, path=name, process=name, request_profile=request, response_profile=response, sync_timeout=1.0
    )


SECONDS = profile("seconds", Entry(name="Seconds", kind="number"))
DONE = profile("done", Entry(name="Done", kind="boolean"))
MESSAGE = profile("message", *text("Message"))
EVERYTHING = profile(
    "everything",
    *text("Text"),
    Entry(name="Amount", kind="number"),
    Entry(name="Flag", kind="boolean"),
    Entry(name="When", kind="datetime"),
    Entry(name="Person", kind="object", entries=(*text("Name"), Entry(name="Age", kind="number"))),
    Entry(name="Lines", kind="list", entries=(*text("Sku"), Entry(name="Qty", kind="number"))),
)
CONTACT = profile(
    "contact",
    *text("Id", "Surname", "City"),
    Entry(name="Age", kind="number"),
    Entry(name="Active", kind="boolean"),
    Entry(name="BornOn", kind="datetime"),
)

SERVICE = FlowService(
    external_name="Conformance",
    configuration=(
        ConfigurationValue(name="region", required=True),
        ConfigurationValue(name="apiKey", kind="password"),
        ConfigurationValue(name="pageCap", kind="number"),
        ConfigurationValue(name="dryRun", kind="boolean"),
        ConfigurationValue(name="since", kind="datetime"),
    ),
    actions=(
        action("Greet", profile("greet", *text("Name"), Entry(name="Times", kind="number")), MESSAGE),
        action("EchoAll", EVERYTHING, EVERYTHING),
        action("Props", None, profile("props", *text("Region", "ApiKey", "DryRun"))),
        action("Who", None, profile("who", *text("UserId", "Email", "FirstName", "Token", "ManyWhoToken"))),
        action("Slow", SECONDS, DONE),
        action("SlowFail", SECONDS, DONE),
        *(action(name, None, MESSAGE) for name in ("Fail", "FailLong", "Empty", "StopOnly", "Many", "Big")),
    ),
    data_types=(
        DataType(
            name="Contact",
            profile=CONTACT,
            external_id="Id",
            get=ProcessRef("Get contact"),
            query=ProcessRef("List contacts"),
            save=ProcessRef("Save contact"),
            delete=ProcessRef("Delete contact"),
            filtered_by="runtime",
        ),
    ),
    file_resources=(
        FileResource(
            path="/invoices",
            listing=ProcessRef("List invoices"),
            upload=ProcessRef("Keep invoice"),
            filtered_by="runtime",
        ),
    ),
)


def codec(name: str) -> ActionCodec:
    """Give the compiled action of that name."""
    return compile_action(SERVICE, next(each for each in SERVICE.actions if each.name == name))
