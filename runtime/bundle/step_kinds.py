"""What each kind of step with one path onward says: one function a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from runtime.bundle.connections import read_fields
from runtime.bundle.elements import read_element
from runtime.bundle.findings import suggest
from runtime.bundle.keys import as_scalar, as_table
from runtime.bundle.known import find
from runtime.bundle.mapped import map_id
from runtime.bundle.nodes import Scalar, Table
from runtime.bundle.step_caches import CACHE_READERS
from runtime.bundle.step_calls import CALL_READERS
from runtime.bundle.step_cleanse import CLEANSE_READERS
from runtime.bundle.step_data import DATA_READERS
from runtime.bundle.step_paths import PATH_READERS
from runtime.bundle.step_telling import TELLING_READERS
from runtime.bundle.templates import read_template
from runtime.model.platform_shapes import PlatformMapStep
from runtime.model.shapes import (
    Assignment,
    CombineStep,
    ConnectorStep,
    MapProgramStep,
    MapStep,
    MessageStep,
    ProgressStep,
    ScriptStep,
    SetPropertiesStep,
    SplitStep,
    WaitStep,
)
from runtime.model.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.outline import Step
    from runtime.bundle.step_at import At, Reader
    from runtime.model.values import Template

MOST_CALLS_AT_ONCE = 100  # a step's calls share the daemon with every other execution
MOST_TRACKED_FIELDS = 20  # as on the platform
OnErrorResponse = Literal["fail", "continue"]
WhenChanged = Literal["overwrite", "fail"]

PROCESS_SCOPE = "process."


def read_connector(step: Step, at: At) -> ConnectorStep | None:
    """Read ``connector: <connection>`` with its operation; further keys are the operation's own fields."""
    keys = at.keys(step.beside, step.kind)
    operation = keys.scalar("operation", required=True)
    on_error: OnErrorResponse = keys.choice("on error response", OnErrorResponse, "fail")
    concurrency = keys.whole("concurrency", least=1, most=MOST_CALLS_AT_ONCE)
    track, answers = read_tracked(keys.table("track"), at), read_tracked(keys.table("track answers"), at)
    name = as_scalar(step.value, step.kind, at.findings) if step.value is not None else None
    connection = find(name, "connection", at.known.connections, at.findings)
    if name is None or connection is None or operation is None:
        return None
    spec = at.known.catalogue.connectors[connection.connector]
    chosen = spec.operation(operation.text)
    if chosen is None:
        message = f"the connector '{spec.name}' has no operation '{operation.text}'"
        hint = suggest(operation.text, [known.name for known in spec.operations])
        at.findings.add("unknown-operation", message, operation.place, hint)
        return None
    what = f"the operation '{chosen.name}' of the connector '{spec.name}'"
    fields = read_fields(keys.rest(), chosen.fields, what, step.place, at.findings)
    return ConnectorStep(
        connection=name.text,
        operation=chosen.name,
        fields=fields,
        on_error_response=on_error,
        concurrency=concurrency,
        track=track,
        track_answers=answers,
        **at.flowing,
    )


def read_tracked(table: Table | None, at: At) -> dict[str, Template]:
    """Read ``{name: value}``: the fields of a document by which an execution is found."""
    entries = list(table or ())
    if len(entries) > MOST_TRACKED_FIELDS:
        message = f"a step tracks {MOST_TRACKED_FIELDS} fields at most"
        at.findings.add("wrong-type", message, entries[-1][0].place, "track what people look for")
    read = ((key.text, as_scalar(node, key.text, at.findings)) for key, node in entries)
    return {name: read_template(scalar, at.findings) for name, scalar in read if scalar is not None}


def read_map(step: Step, at: At) -> MapStep | MapProgramStep | PlatformMapStep | None:
    """Read ``map: <name>``."""
    at.keys(step.beside, step.kind).done()
    name = as_scalar(step.value, step.kind, at.findings) if step.value is not None else None
    find(name, "map", dict.fromkeys(at.known.maps), at.findings)
    if name is None:
        return None
    if name.text in at.known.programs:
        return MapProgramStep(map=name.text, source=at.known.programs[name.text] or "", **at.flowing)
    if name.text in at.known.by_profile:
        return PlatformMapStep(map=map_id(name.text), **at.flowing)
    return MapStep(map=name.text, **at.flowing)


def read_set_properties(step: Step, at: At) -> SetPropertiesStep | None:
    """Read ``set properties: {name: value}``; a name that begins with ``process.`` is the execution's.

    ``persist: true`` keeps the execution's for the next run; ``when changed: fail`` only over the value it began with.
    """
    keys = at.keys(step.beside, step.kind)
    persist = keys.flag("persist")
    changed: WhenChanged = keys.choice("when changed", WhenChanged, "overwrite")
    keys.done()
    table = as_table(step.value, step.kind, at.findings) if step.value is not None else None
    if table is None:
        return None
    made = tuple(one for key, node in table if (one := _assignment(key, node, at)) is not None)
    if persist:
        kept = (one.scope == "process" for one in made)
        if not any(kept):
            message = "nothing is kept: only properties of the process are, and none is set"
            at.findings.add("wrong-type", message, keys.place_of("persist"), "write 'process.name: …'")
        strict = _is_strict(changed)
        made = tuple(replace(one, persist=True, strict=strict) if one.scope == "process" else one for one in made)
    return SetPropertiesStep(assignments=made, **at.flowing)


def _is_strict(changed: WhenChanged) -> bool:
    return changed == "fail"


def _assignment(key: Scalar, node: object, at: At) -> Assignment | None:
    name = key.text.removeprefix(PROCESS_SCOPE)
    if not name.strip():
        at.findings.add("missing-value", "a property has a name", key.place)
        return None
    if not isinstance(node, Scalar) or node.is_null:
        at.findings.add("wrong-type", f"'{key.text}' must be a single value", key.place, 'an empty text is ""')
        return None
    value = read_template(node, at.findings)
    return Assignment(scope="document" if name == key.text else "process", name=name, value=value)


def read_message(step: Step, at: At) -> MessageStep | None:
    """Read ``message: text`` or ``message: {text, combine}``."""
    at.keys(step.beside, step.kind).done()
    if not isinstance(step.value, Table):
        text = _template(step, at)
        return MessageStep(text=text, **at.flowing) if text is not None else None
    keys = at.keys(step.value, step.kind)
    if not keys.has("text"):
        hint = "put JSON in quotes: '{…}'"
        at.findings.add("wrong-type", "a message is a text, and this is a table of keys", step.value.place, hint)
        return None
    text, combine = keys.template("text", required=True), keys.flag("combine")
    keys.done()
    return MessageStep(text=text, combine=combine, **at.flowing) if text is not None else None


def read_split(step: Step, at: At) -> SplitStep | None:
    """Read ``split: {profile, element, keep wrapper}``; a bare ``split`` takes a document that is a list."""
    at.keys(step.beside, step.kind).done()
    if step.value is None:
        return SplitStep(element=(), **at.flowing)
    table = as_table(step.value, step.kind, at.findings)
    if table is None:
        return None
    keys = at.keys(table, step.kind)
    element = read_element(keys, at.known)
    keep = keys.flag("keep wrapper")
    keys.done()
    return SplitStep(element=element, keep_wrapper=keep, **at.flowing)


def read_combine(step: Step, at: At) -> CombineStep | None:
    """Read ``combine: {profile, element}``; a bare ``combine`` makes a document that is a list."""
    at.keys(step.beside, step.kind).done()
    if step.value is None:
        return CombineStep(**at.flowing)
    table = as_table(step.value, step.kind, at.findings)
    if table is None:
        return None
    keys = at.keys(table, step.kind)
    element = read_element(keys, at.known)
    keys.done()
    return CombineStep(element=element, **at.flowing)


def read_wait(step: Step, at: At) -> WaitStep | None:
    """Read ``wait: 5 s``; a computed text needs its unit as well: ``wait: ${document.seconds} s``."""
    at.keys(step.beside, step.kind).done()
    duration = _template(step, at)
    if duration is None:
        return None
    if duration.literal is not None and step.value is not None:
        try:
            parse_duration(duration.literal)
        except ValueError as error:
            at.findings.add("wrong-type", str(error), step.value.place)
    return WaitStep(duration=duration, **at.flowing)


def read_progress(step: Step, at: At) -> ProgressStep | None:
    """Read ``progress: text`` or ``progress: {message, outputs}``."""
    at.keys(step.beside, step.kind).done()
    if not isinstance(step.value, Table):
        message = _template(step, at)
        return ProgressStep(message=message, **at.flowing) if message is not None else None
    keys = at.keys(step.value, step.kind)
    message, outputs = keys.template("message", required=True), keys.flag("outputs")
    keys.done()
    return ProgressStep(message=message, outputs=outputs, **at.flowing) if message is not None else None


def read_script(step: Step, at: At) -> ScriptStep | None:
    """Read ``script: file.py`` or ``script: {file, function}``; files are those of ``scripts/``."""
    at.keys(step.beside, step.kind).done()
    name, function = step.value, None
    if isinstance(step.value, Table):
        keys = at.keys(step.value, step.kind)
        name, function = keys.node("file", required=True), keys.scalar("function")
        keys.done()
    file = as_scalar(name, "file", at.findings) if name is not None else None
    if file is None:
        return None
    wanted = function.text if function is not None else "process"
    functions = find(file, "script", at.known.scripts, at.findings)
    if functions is not None and wanted not in functions:
        place = function.place if function is not None else file.place
        message = f"scripts/{file.text} defines no function '{wanted}'"
        at.findings.add("script-function", message, place, suggest(wanted, functions))
    elif functions is not None and (complaint := functions[wanted].complaint) is not None:
        hint = f"write 'def {wanted}(documents, context)'"
        at.findings.add("script-signature", complaint, functions[wanted].place, hint)
    return ScriptStep(file=f"scripts/{file.text}", function=wanted, **at.flowing)


def _template(step: Step, at: At) -> Template | None:
    scalar = as_scalar(step.value, step.kind, at.findings) if step.value is not None else None
    return read_template(scalar, at.findings) if scalar is not None else None


READERS: Mapping[str, Reader] = {
    "connector": read_connector,
    "map": read_map,
    "set properties": read_set_properties,
    "message": read_message,
    "split": read_split,
    "combine": read_combine,
    "wait": read_wait,
    "progress": read_progress,
    "script": read_script,
    **PATH_READERS,
    **TELLING_READERS,
    **CALL_READERS,
    **CACHE_READERS,
    **DATA_READERS,
    **CLEANSE_READERS,
}
