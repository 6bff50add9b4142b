"""Shapes of a process (component XML, section 2): each becomes one shape of the model, native where they are equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from runtime.bundle.components.business_rules import business_rules
from runtime.bundle.components.calls import call
from runtime.bundle.components.data_process import read_data_steps
from runtime.bundle.components.fields import Fields, content_of
from runtime.bundle.components.library import find
from runtime.bundle.components.process_routes import process_route
from runtime.bundle.components.routing import branch, decision, flow_control, process_call, route, try_catch
from runtime.model.parameters import property_name
from runtime.model.platform_shapes import (
    AddToCacheStep,
    DataProcessStep,
    NotifyStep,
    PlatformAssignment,
    PlatformExceptionStep,
    PlatformMapStep,
    PlatformMessageStep,
    PlatformSetPropertiesStep,
    RemoveFromCacheStep,
    RetrieveFromCacheStep,
)
from runtime.model.shapes import ReturnDocumentsStep, StopStep

if TYPE_CHECKING:
    from runtime.bundle.components.shape import ShapeSource
    from runtime.model.document_cache import DocumentCache
    from runtime.model.shapes import AnyShape

_LEVELS: Mapping[str, Literal["info", "warning", "severe"]] = MappingProxyType({"INFO": "info", "WARNING": "warning"})
_WHEN_EMPTY: Mapping[str, Literal["stop", "fail"]] = MappingProxyType({"stopprocess": "stop", "returnerror": "fail"})


def message(source: ShapeSource) -> AnyShape:
    """Read a Message."""
    pattern = content_of(source.fields, "msgTxt")
    text = source.parameters.text(pattern, source.inner("msgParameters"), source.element, source.fields)
    return PlatformMessageStep(**source.common, to=source.to(), text=text, combine=source.fields.flag("combined"))


def notify(source: ShapeSource) -> AnyShape:
    """Read a Notify. A level that is none of the known ones is logged as severe (behaviour 46)."""
    pattern, level = content_of(source.fields, "notifyMessage"), content_of(source.fields, "notifyMessageLevel")
    text = source.parameters.text(pattern, source.inner("notifyParameters"), source.element, source.fields)
    user_log = source.fields.flag("enableUserLog")
    if user_log:
        source.notes.differs(source.element, "the line goes to the log of the runtime: there is no user log beside it")
    return NotifyStep(
        **source.common,
        to=source.to(),
        text=text,
        title=source.fields.text("title") if "title" in source.fields else None,
        level=_LEVELS.get(level.strip().upper(), "severe"),
        once=source.fields.flag("perExecution"),
        event=not source.fields.flag("disableEvent"),
        user_log=user_log,
    )


def exception(source: ShapeSource) -> AnyShape:
    """Read an Exception. What `stopProcessReturnSingleDoc` means is not known: it is off in every export."""
    source.ends()
    fields = source.fields
    fields.only("stopProcessReturnSingleDoc", "false", why="nobody knows what it does when it is on")
    pattern = content_of(fields, "exMessage")
    return PlatformExceptionStep(
        **source.common,
        title=fields.text("title"),
        message=source.parameters.text(pattern, source.inner("exParameters"), source.element, fields),
        stop="document" if fields.flag("stopsingledoc") else "process",
    )


def set_properties(source: ShapeSource) -> AnyShape:
    """Read a Set Properties."""
    read = (
        _assignment(Fields(element, source.notes), source) for element in source.fields.children("documentproperty")
    )
    assignments = tuple(one for one in read if one is not None)
    return PlatformSetPropertiesStep(**source.common, to=source.to(), assignments=assignments)


def _assignment(fields: Fields, source: ShapeSource) -> PlatformAssignment | None:
    written = fields.required("propertyId")
    target = property_name(written)
    for name in ("isDynamicCredential", "isTradingPartner", "shouldEncrypt"):
        fields.only(name, "false", why="such properties are not kept here")
    holder = fields.child("sourcevalues")
    sources = source.parameters.values(Fields(holder, fields.notes) if holder is not None else None)
    default, persist = fields.text("defaultValue"), fields.flag("persist")
    fields.done()
    if target is None or target.scope in {"meta", "outbound"}:
        fields.notes.unknown(fields.element, f"there is no property '{written}' that can be set")
        return None
    if target.scope == "definedprocess" and target.component is not None:
        source.parameters.check_defined(target.component, target.name, fields)
    return PlatformAssignment(target=target, sources=sources, default=default, persist=persist)


def stop(source: ShapeSource) -> AnyShape:
    """Read a Stop. Without `continue` the platform fails when it starts."""
    source.ends()
    source.fields.required("continue")
    return StopStep(**source.common, continue_=source.fields.flag("continue", default=True))


def return_documents(source: ShapeSource) -> AnyShape:
    """Read a Return Documents; callers tell it by the shape's name, people by its label."""
    source.ends()
    label = source.fields.text("label")
    common = dict(source.common)
    common["label"] = common["label"] or label or None
    return ReturnDocumentsStep(**common)


def map_(source: ShapeSource) -> AnyShape:
    """Read a Map. One without profiles can be kept, and not be run."""
    identity, library = source.fields.required("mapId"), source.library
    found = find(identity, "map", library.maps, library.components, source.fields) if identity else None
    if found is not None and (found.source_profile is None or found.target_profile is None):
        source.notes.wrong(source.element, f"the map '{found.name}' is unfinished: it has not both its profiles")
    return PlatformMapStep(**source.common, to=source.to(), map=identity)


def add_to_cache(source: ShapeSource) -> AnyShape:
    """Read an Add to Cache."""
    source.ends()
    cache = source.fields.required("docCache")
    source.library.cache(cache, source.fields)
    return AddToCacheStep(**source.common, to=source.to(), cache=cache)


def retrieve_from_cache(source: ShapeSource) -> AnyShape:
    """Read a Retrieve from Cache. Without a word the document fails where the cache is empty (behaviour 76)."""
    fields = source.fields
    cache, everything = fields.required("docCache"), fields.flag("loadAllDoc")
    index = fields.whole("docCacheIndex")
    keys = source.parameters.cache_keys(source.inner("cacheKeyValues"))
    found = source.library.cache(cache, fields)
    _check_index(found, None if everything else index, source)
    return RetrieveFromCacheStep(
        **source.common,
        to=source.to(),
        cache=cache,
        index=None if everything else index,
        keys=() if everything else keys,
        when_empty=fields.word("emptyCacheBehavior", _WHEN_EMPTY, "fail"),
    )


def remove_from_cache(source: ShapeSource) -> AnyShape:
    """Read a Remove from Cache."""
    source.ends()
    fields = source.fields
    cache, everything = fields.required("docCache"), fields.flag("removeAllDocuments")
    index, all_indices = fields.whole("docCacheIndex"), fields.flag("allIndices")
    keys = source.parameters.cache_keys(source.inner("cacheKeyValues"))
    found = source.library.cache(cache, fields)
    if not everything:
        _check_index(found, index, source)
    return RemoveFromCacheStep(
        **source.common,
        to=source.to(),
        cache=cache,
        index=None if everything else index,
        keys=() if everything else keys,
        all_indices=all_indices,
    )


def _check_index(cache: DocumentCache | None, index: int | None, source: ShapeSource) -> None:
    """Tell what the platform would fail on when it starts (behaviour 77): None reads all."""
    if cache is None:
        return
    if index is None and not cache.single:
        message = f"'{cache.name}' has not one entry for each document in an index, which retrieving all needs"
        source.notes.wrong(source.element, message, "switch 'enforce one index entry per document' on")
    if index is not None and all(one.id != index for one in cache.indexes):
        source.notes.wrong(source.element, f"the document cache '{cache.name}' has no index {index}")


def data_process(source: ShapeSource) -> AnyShape:
    """Read a Data Process."""
    steps = read_data_steps(source.fields, source.library)
    return DataProcessStep(**source.common, to=source.to(), steps=steps)


# By shapetype: the element in the configuration, and its reader.
SHAPES: Mapping[str, tuple[str, Callable[[ShapeSource], AnyShape]]] = MappingProxyType(
    {
        "branch": ("branch", branch),
        "businessrules": ("businessrules", business_rules),
        "catcherrors": ("catcherrors", try_catch),
        "connectoraction": ("connectoraction", call),
        "dataprocess": ("dataprocess", data_process),
        "decision": ("decision", decision),
        "doccacheload": ("doccacheload", add_to_cache),
        "doccacheremove": ("doccacheremove", remove_from_cache),
        "doccacheretrieve": ("doccacheretrieve", retrieve_from_cache),
        "documentproperties": ("documentproperties", set_properties),
        "exception": ("exception", exception),
        "flowcontrol": ("flowcontrol", flow_control),
        "map": ("map", map_),
        "message": ("message", message),
        "notify": ("notify", notify),
        "processcall": ("processcall", process_call),
        "processroute": ("processroutecall", process_route),
        "returndocuments": ("returndocuments", return_documents),
        "route": ("route", route),
        "stop": ("stop", stop),
    }
)

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "cleanse": "how Cleanse is exported is not known; a native process has the step 'cleanse'",
        "findchanges": "Find Changes is not available here: a script can compare with what a kept property remembers",
        "programcommand": "commands of the machine are not run by processes: a connector reaches what they would do",
        "tradingpartneraction": "trading partners are not available here",
    }
)
