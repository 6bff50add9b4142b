"""An exported process as native YAML: the same model, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from runtime.bundle.boomi.exported import PROFILES
from runtime.bundle.boomi.natives import CONNECTION_FIELDS, EXPORT
from runtime.bundle.boomi.writing import table, template
from runtime.bundle.yaml_writing import dump
from runtime.importing.native_steps import Unsayable, steps_of
from runtime.model.file_listener import USUAL_FILES, FileListener
from runtime.model.process import Options
from runtime.model.web_service import DEFAULT_TIME_LIMIT, MOST_RETURNED, WebListener

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.model.process import FlowListener, Process
    from runtime.model.shapes import Start

_OPTIONS = ("mode", "recovery", "run_dates", "simultaneous")


def yaml_of(process: Process, given: Mapping[str, frozenset[str]]) -> str:
    """Give a process as YAML. `given` are the fields of connections that each machine gives, by component id.

    Raises:
        Unsayable: YAML has no words for something that it says.
    """
    component = process.component
    if component is None:
        raise Unsayable("it is no export")
    export = {**table(component), "start": _start_shape(process.start)}
    profiles = _profiles(process)
    if profiles:
        export[PROFILES] = profiles
    if given:
        export[CONNECTION_FIELDS] = {identity: sorted(fields) for identity, fields in sorted(given.items())}
    properties = {name: template(value) for name, value in process.properties.items()}
    said = {
        "name": process.name,
        "description": process.description,
        "start": _start(process),
        "options": _options(process.options),
        "properties": properties,
        EXPORT: export,
        "steps": steps_of(process),
    }
    return dump({key: value for key, value in said.items() if value})


def _start(process: Process) -> object:
    if process.start.mode != "listen":
        return process.start.mode
    if process.listener is None:
        raise Unsayable(f"{process.start.id}: YAML has no word for what the process listens for")
    if isinstance(process.listener, WebListener):
        return _web(process.listener)
    if isinstance(process.listener, FileListener):
        return _files(process.listener)
    return _listener(process.listener)


def _files(listener: FileListener) -> dict[str, object]:
    said: dict[str, object] = {"listen": "disk", "connection": listener.connection}
    if listener.folder:
        said["folder"] = listener.folder
    if (listener.files, listener.matching) != ("*", "wildcard"):
        said |= {"files": listener.files, "matching": listener.matching}
    said |= {"every": f"{listener.pause:g} s", "then": listener.afterwards}
    if listener.moved_to:
        said["move to"] = listener.moved_to
    if listener.most != USUAL_FILES:
        said["at once"] = listener.most
    return {**said, "initial": listener.initial, "created": listener.created, "changed": listener.changed}


def _web(listener: WebListener) -> dict[str, object]:
    said = {
        "object": listener.object or None,
        "content type": listener.content_type or None,
        "maximum documents": listener.most if listener.most != MOST_RETURNED else None,
        "time limit": f"{listener.time_limit:g} s" if listener.time_limit != DEFAULT_TIME_LIMIT else None,
        "routes only": True if listener.routed else None,
    }
    given = {key: value for key, value in said.items() if value is not None}
    way = {"operation": listener.operation, "input": listener.input, "output": listener.output}
    return {"listen": "web", **way, **given}


def _profiles(process: Process) -> dict[str, str]:
    listener = process.listener
    if not isinstance(listener, WebListener):
        return {}
    said = {"request": listener.request_profile, "response": listener.response_profile}
    return {key: value for key, value in said.items() if value is not None}


def _listener(listener: FlowListener) -> dict[str, object]:
    said = {"request profile": listener.request_profile, "response profile": listener.response_profile}
    given = {key: value for key, value in said.items() if value is not None}
    return {"listen": "flow", **given, "sync timeout": f"{listener.sync_timeout:g} s"}


def _start_shape(start: Start) -> dict[str, object]:
    around: dict[str, object] = {"id": start.id, "label": start.label, "canvas": start.canvas and list(start.canvas)}
    said = {key: value for key, value in around.items() if value is not None}
    return {**said, "notes": list(start.notes)} if start.notes else said


def _options(options: Options) -> dict[str, object]:
    said, plain = table(options), Options()
    known = {name.replace("_", " ") for name in _OPTIONS}
    if said.keys() - known:
        raise Unsayable("its options are not those of an export")
    return {key: value for key, value in said.items() if value != getattr(plain, key.replace(" ", "_"))}


def same(one: Process, other: Process) -> str | None:
    """Say in which part two processes differ, places aside; None when they mean the same."""
    mine, theirs = _bare(one), _bare(other)
    shapes, others = mine.pop("shapes"), theirs.pop("shapes")
    for key in sorted({*mine, *theirs}):
        if mine.get(key) != theirs.get(key):
            return f"its {key.replace('_', ' ')}"
    for name in sorted({*shapes, *others}):
        if shapes.get(name) != others.get(name):
            return f"{name}: what the shape says"
    return None


def _bare(process: Process) -> dict[str, Any]:
    plain: dict[str, Any] = _without_places(msgspec.to_builtins(process))
    plain["shapes"] = {shape["id"]: shape for shape in plain["shapes"]}
    return plain


def _without_places(value: Any) -> Any:  # noqa: ANN401 - gives what it gets
    if isinstance(value, dict):
        return {key: _without_places(held) for key, held in value.items() if key != "place"}
    if isinstance(value, list | tuple):
        return [_without_places(held) for held in value]
    return value
