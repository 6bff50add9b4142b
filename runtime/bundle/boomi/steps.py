"""Steps of `format: boomi`: what they say themselves is read by the model's types, their paths as those of any step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from runtime.bundle.boomi.forms import ARMS, AROUND, FORMS
from runtime.bundle.boomi.reading import Unsound, ValueReader
from runtime.bundle.findings import suggest
from runtime.bundle.keys import Keys, as_table
from runtime.bundle.nodes import Items, Scalar, Table
from runtime.model.platform_shapes import ReturnPath, RouteCase, RouteEntry
from runtime.model.shape import Flowing

if TYPE_CHECKING:
    from runtime.bundle.outline import Step
    from runtime.bundle.step_at import At
    from runtime.model.shapes import AnyShape


def read_boomi(step: Step, at: At) -> AnyShape | None:
    """Read a step; None when it is not sound, which is then among the findings."""
    cls = FORMS.get(step.kind)
    if cls is None:
        message = f"'{step.kind}' has one format only"
        at.findings.add("unknown-value", message, step.place, suggest(step.kind, FORMS) or "remove 'format'")
        return None
    beside = at.keys(step.beside, step.kind)
    paths = _PATHS[step.kind](step, beside, at) if step.kind in _PATHS else {}
    beside.done()
    table = as_table(step.value, step.kind, at.findings) if step.value is not None else None
    if paths is None or table is None:
        return None
    keys = at.keys(table, step.kind)
    around = at.flowing if issubclass(cls, Flowing) else at.common
    arms: dict[str, Any] = {name: at.arms.get(name, at.to) for name in ARMS.get(step.kind, ())}
    labels = _labels(keys) if step.kind == "process call" else {}
    try:
        said = ValueReader(at.known, at.findings).fields(cls, keys, without={*AROUND, *paths})
    except Unsound:
        return None
    keys.done()
    if labels:
        paths["returns"] = tuple(
            ReturnPath(shape=path.shape, label=labels.get(path.shape, ""), to=path.to) for path in paths["returns"]
        )
    if step.kind == "process route":
        said["entries"] = tuple(_led(entry, at) for entry in said["entries"])
    return cls(**around, **arms, **said, **paths)  # type: ignore[return-value]


def _led(entry: RouteEntry, at: At) -> RouteEntry:
    """Lead what a process returns to the arm that its path names."""
    returns = tuple(replace(path, to=_arm(path.to, at)) for path in entry.returns)
    return replace(entry, returns=returns, rest=_arm(entry.rest, at))


def _arm(name: str | None, at: At) -> str | None:
    if name is not None and name not in at.arms:
        at.findings.unknown("unknown-reference", "return path", name, at.arms, at.place)
    return at.arms.get(name) if name is not None else None


def _labels(keys: Keys) -> dict[str, str]:
    """Read what people call the shapes that a process returns at."""
    table = keys.table("labels") if keys.has("labels") else None
    return {key.text: node.text for key, node in table or () if isinstance(node, Scalar)}


def _returns(_: Step, __: Keys, at: At) -> dict[str, Any]:
    """Give the return paths of a call: the arms, by the shapes of the called process."""
    return {"returns": tuple(ReturnPath(shape=shape, to=to) for shape, to in at.arms.items()), "rest": None}


def _cases(_: Step, beside: Keys, at: At) -> dict[str, Any] | None:
    """Read the cases of a route; each says its key, its comparison and its steps."""
    items = beside.items("cases", required=True)
    reader = ValueReader(at.known, at.findings)
    cases: list[RouteCase] = []
    for number, node in enumerate(items.items if isinstance(items, Items) else (), start=1):
        table = as_table(node, "a case", at.findings)
        if not isinstance(table, Table):
            return None
        keys = at.keys(table, "route")
        keys.node("steps", required=True)
        try:
            said = reader.fields(RouteCase, keys, without={"to"})
        except Unsound:
            return None
        keys.done()
        cases.append(RouteCase(**said, to=at.arms.get(str(number), at.to)))
    return {"cases": tuple(cases)}


_PATHS: Mapping[str, Callable[[Step, Keys, At], dict[str, Any] | None]] = MappingProxyType(
    {"process call": _returns, "route": _cases}
)
