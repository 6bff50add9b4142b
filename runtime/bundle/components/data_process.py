"""The sub-steps of a Data Process step (component XML, section 2.13), in the order of their index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from runtime.bundle.components.fields import Fields, content_of, fields_in, number_of
from runtime.bundle.components.scripts import LANGUAGES, source_of
from runtime.model.data_process import (
    Base64Decode,
    Base64Encode,
    CombineDocuments,
    DataStep,
    RunScript,
    ScriptLanguage,
    SearchReplace,
    SplitDocuments,
    Unzip,
    Zip,
)

if TYPE_CHECKING:
    from runtime.bundle.components.library import Library

_SCOPES: Mapping[str, Literal["document", "line", "window"]] = MappingProxyType(
    {"document": "document", "line": "line", "char_limit": "window"}
)
_OPTIONS: Mapping[str, tuple[str, Literal["json", "xml"]]] = MappingProxyType(
    {"json": ("JSONOptions", "json"), "xml": ("XMLOptions", "xml")}
)


# Sub-steps by a word of their names: their types and elements are not public.
_LATER: Mapping[str, str] = MappingProxyType(
    {
        "pgp": "is not available here: PGP is not done",
        "multipart": "is not available here: multipart documents are not taken apart",
        "edi": "is not available here: EDI documents are not read",
    }
)
_INSTEAD = "a Custom Scripting step in its place does what a script can"


def read_data_steps(fields: Fields, library: Library) -> tuple[DataStep, ...]:
    """Read the sub-steps of a step; those that cannot run are told."""
    elements = fields.children("step")
    ordered = sorted(elements, key=lambda element: number_of(element.attributes.get("index", "")) or 0)
    read = (_step(Fields(element, fields.notes), library) for element in ordered)
    return tuple(step for step in read if step is not None)


def _step(fields: Fields, library: Library) -> DataStep | None:
    fields.text("index")
    kind, name = fields.required("processtype"), fields.text("name")
    tag, read = _KINDS.get(kind, ("", None))
    if read is None:
        reason = next((why for word, why in _LATER.items() if word in name.lower()), "is not available here")
        fields.notes.refused(fields.element, f"the sub-step '{name}' (type {kind}) {reason}", _INSTEAD)
        return None
    child = fields_in(fields, tag) if tag else fields
    if child is None:
        fields.notes.wrong(fields.element, f"the sub-step '{name}' has no '{tag}'")
        return None
    step = read(child, name, library)
    for part in (child, fields):
        part.done()
    return step


def _replace(fields: Fields, name: str, _: Library) -> DataStep:
    return SearchReplace(
        name=name,
        pattern=fields.required("texttofind"),
        replacement=fields.text("replacewith"),
        scope=fields.word("searchType", _SCOPES, "window"),
        window=fields.whole("searchCharacterLimit", 1024),
    )


def _zip(_: Fields, name: str, __: Library) -> DataStep:
    return Zip(name=name)


def _unzip(fields: Fields, name: str, _: Library) -> DataStep:
    fields.only("connectorType", why="entries are not named after a connector's property")
    return Unzip(name=name)


def _encode(_: Fields, name: str, __: Library) -> DataStep:
    return Base64Encode(name=name)


def _decode(_: Fields, name: str, __: Library) -> DataStep:
    return Base64Decode(name=name)


def _split(fields: Fields, name: str, library: Library) -> DataStep | None:
    kind, holder = fields.required("profileType"), fields_in(fields, "SplitOptions")
    if kind not in _OPTIONS:
        fields.notes.refused(fields.element, f"documents of the kind '{kind}' cannot be split here")
    options = fields_in(holder, _OPTIONS[kind][0]) if holder is not None and kind in _OPTIONS else None
    if holder is not None and kind in _OPTIONS:
        holder.done()
    if options is None:
        return None
    profile, link = options.required("profileId"), options.key("linkElementKey")
    library.check_element(profile, link, options)
    batch = options.whole("batchCount", 1)
    options.done()
    return SplitDocuments(name=name, format=_OPTIONS[kind][1], profile=profile, link=link, batch=batch)


def _combine(fields: Fields, name: str, library: Library) -> DataStep | None:
    kind = fields.text("profileType")
    if kind in {"", "none"}:
        return CombineDocuments(name=name, format="bytes")
    options = fields_in(fields, _OPTIONS[kind][0]) if kind in _OPTIONS else None
    if options is None:
        fields.notes.refused(fields.element, f"documents of the kind '{kind}' cannot be combined here")
        return None
    profile, link = options.required("profileId"), options.key("linkElementKey")
    written = options.text("combineIntoLinkElementKey")
    into = number_of(written)
    if into is None and written not in {"", "null"}:
        options.notes.wrong(options.element, f"'combineIntoLinkElementKey' is no key: '{written}'")
    library.check_element(profile, link, options)
    options.done()
    return CombineDocuments(name=name, format=_OPTIONS[kind][1], profile=profile, link=link, into=into)


def _script(fields: Fields, name: str, library: Library) -> DataStep:
    if "language" not in fields:
        fields.required("language")
    language: ScriptLanguage = fields.word("language", LANGUAGES, "groovy2")
    written = content_of(fields, "script")
    once = fields.flag("useCache", default=True)
    source, component = source_of(fields, written, library)
    return RunScript(name=name, language=language, source=source, component=component, compiled_once=once)


_KINDS: Mapping[str, tuple[str, Callable[[Fields, str, Library], DataStep | None]]] = MappingProxyType(
    {
        "1": ("dataprocessreplace", _replace),
        "4": ("dataprocesszip", _zip),
        "5": ("dataprocessunzip", _unzip),
        "6": ("", _encode),
        "7": ("", _decode),
        "8": ("documentsplit", _split),
        "9": ("dataprocesscombine", _combine),
        "12": ("dataprocessscript", _script),
    }
)
