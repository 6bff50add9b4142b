"""Data Process: a list of small steps, each on what the one before gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from runtime.bundle.findings import suggest
from runtime.bundle.keys import Keys, as_scalar, as_table
from runtime.bundle.known import find
from runtime.bundle.nodes import Items, Scalar, describe
from runtime.model.data_process import (
    Base64Decode,
    Base64Encode,
    CombineDocuments,
    CombineLines,
    CombineXml,
    DataStep,
    Gunzip,
    Gzip,
    Recode,
    SearchReplace,
    SplitGroups,
    SplitLines,
    SplitXml,
    Transform,
    Unzip,
    Zip,
)
from runtime.model.platform_shapes import DataProcessStep

if TYPE_CHECKING:
    from runtime.bundle.nodes import Node
    from runtime.bundle.outline import Step
    from runtime.bundle.step_at import At, Reader

Header = Literal["none", "remove", "retain"]
Scope = Literal["document", "line"]
MOST_IN_A_PART = 1_000_000  # lines or elements of one document


def read_data_process(step: Step, at: At) -> DataProcessStep | None:
    """Read ``data process: [ … ]``: a word, or a table of one key, for each sub-step."""
    at.keys(step.beside, step.kind).done()
    if not isinstance(step.value, Items) or not step.value.items:
        if step.value is not None:
            message = f"a data process is a list of small steps, not {describe(step.value)}"
            at.findings.add("wrong-type", message, step.value.place, "write 'data process: [ base64 encode ]'")
        return None
    steps = tuple(made for node in step.value.items if (made := _sub_step(node, at)) is not None)
    return DataProcessStep(steps=steps, **at.flowing)


def _sub_step(node: Node, at: At) -> DataStep | None:
    if isinstance(node, Scalar) and not node.is_null:
        if node.text in WORDS:
            return WORDS[node.text]
        hint = f"'{node.text}' says more: '{node.text}: …'" if node.text in TABLES else suggest(node.text, _KNOWN)
        at.findings.add("unknown-value", f"there is no small step '{node.text}'", node.place, hint)
        return None
    table = as_table(node, "a small step", at.findings)
    entries = list(table) if table is not None else []
    if len(entries) != 1:
        if table is not None:
            at.findings.add("wrong-type", "a small step is a table of one key", table.place, "begin each with '- '")
        return None
    key, value = entries[0]
    reader = TABLES.get(key.text)
    if reader is None:
        hint = suggest(key.text, _KNOWN)
        at.findings.add("unknown-value", f"there is no small step '{key.text}'", key.place, hint)
        return None
    return reader(value, at)


def _keys(node: Node, name: str, at: At) -> Keys | None:
    table = as_table(node, name, at.findings)
    return at.keys(table, "data process") if table is not None else None


def _replace(node: Node, at: At) -> DataStep | None:
    keys = _keys(node, "search and replace", at)
    if keys is None:
        return None
    search, replacement = keys.text("search", required=True), keys.literal("replace")
    scope: Scope = keys.choice("scope", Scope, "document")
    keys.done()
    return SearchReplace(pattern=search, replacement=replacement or "", scope=scope) if search is not None else None


def _recode(node: Node, at: At) -> DataStep | None:
    keys = _keys(node, "encoding", at)
    if keys is None:
        return None
    source, target = keys.text("from"), keys.text("to")
    keys.done()
    return Recode(source=source or "utf-8", target=target or "utf-8")


def _xslt(node: Node, at: At) -> DataStep | None:
    name = as_scalar(node, "xslt", at.findings)
    found = find(name, "stylesheet", at.known.stylesheets, at.findings)
    return Transform(stylesheet=found, file=f"scripts/{name.text}") if name is not None and found is not None else None


def _split_lines(node: Node, at: At) -> DataStep | None:
    keys = _keys(node, "split lines", at)
    if keys is None:
        return None
    batch = keys.whole("batch", least=1, most=MOST_IN_A_PART)
    header: Header = keys.choice("header", Header, "none")
    keys.done()
    return SplitLines(batch=batch or 1, header=header)


def _split_groups(node: Node, at: At) -> DataStep | None:
    keys = _keys(node, "split groups", at)
    if keys is None:
        return None
    column, delimiter = keys.text("column", required=True), keys.literal("delimiter")
    header: Header = keys.choice("header", Header, "none")
    keys.done()
    return SplitGroups(column=column, delimiter=delimiter or ",", header=header) if column is not None else None


def _split_xml(node: Node, at: At) -> DataStep | None:
    keys = _keys(node, "split xml", at)
    if keys is None:
        return None
    element = keys.text("element", required=True)
    batch = keys.whole("batch", least=1, most=MOST_IN_A_PART)
    path = _path(element) if element is not None else ()
    if element is not None and len(path) < len(("root", "element")):
        hint = "write 'element: root/element'"
        at.findings.add("wrong-type", "the path of an element begins with the root", keys.place_of("element"), hint)
    keys.done()
    return SplitXml(element=path, batch=batch or 1)


def _path(element: str) -> tuple[str, ...]:
    """Give the names of a path; a name may have a namespace in braces, with slashes of its own."""
    names: list[str] = []
    for part in element.strip("/").split("/"):
        if names and names[-1].count("{") > names[-1].count("}"):
            names[-1] += f"/{part}"
        else:
            names.append(part)
    return tuple(names)


def _combine_lines(node: Node, at: At) -> DataStep | None:
    keys = _keys(node, "combine lines", at)
    if keys is None:
        return None
    header: Header = keys.choice("header", Header, "none")
    before, after, separator = keys.literal("before"), keys.literal("after"), keys.literal("separator")
    keys.done()
    return CombineLines(
        header=header, before=before or "", after=after or "", separator="\n" if separator is None else separator
    )


def _combine_xml(node: Node, at: At) -> DataStep | None:
    root = as_scalar(node, "combine xml", at.findings)
    if root is None:
        return None
    if not root.text.isidentifier():
        at.findings.add("wrong-type", "the new root is called by one word", root.place, "write 'combine xml: orders'")
    return CombineXml(root=root.text)


WORDS: Mapping[str, DataStep] = MappingProxyType(
    {
        "base64 encode": Base64Encode(),
        "base64 decode": Base64Decode(),
        "zip": Zip(),
        "unzip": Unzip(),
        "gzip": Gzip(),
        "gunzip": Gunzip(),
        "split lines": SplitLines(),
        "combine lines": CombineLines(),
        "combine bytes": CombineDocuments(format="bytes"),
    }
)
TABLES: Mapping[str, Callable[[Node, At], DataStep | None]] = MappingProxyType(
    {
        "search and replace": _replace,
        "encoding": _recode,
        "xslt": _xslt,
        "split lines": _split_lines,
        "split groups": _split_groups,
        "split xml": _split_xml,
        "combine lines": _combine_lines,
        "combine xml": _combine_xml,
    }
)
_KNOWN = (*WORDS, *TABLES)

DATA_READERS: Mapping[str, Reader] = {"data process": read_data_process}
