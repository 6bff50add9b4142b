"""api-services/*.yaml: routes below ``/ws/rest`` and the processes that answer them.

base path: shop/v1
title: Shop
version: 1.0
headers: [ X-Correlation-Id ]                              # that reach the processes, beyond those of the setting
routes:
  GET orders/{id}: Get order                               # the process that answers; it listens for the web
  POST orders: Create order
  PUT orders/{id}: { process: Change order, bundle: stock } # a process of another bundle that is deployed
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

from runtime.bundle.findings import suggest
from runtime.bundle.flow_refs import web_process
from runtime.bundle.keys import Keys, as_scalar, as_table
from runtime.bundle.nodes import Scalar, Table
from runtime.model.flow_service import ProcessRef
from runtime.model.headers import is_secret
from runtime.model.web_service import ApiRoute, ApiService, Method, parameter_of, segments_of

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Items, Node
    from runtime.errors import Place
    from runtime.model.process import Process

FOLDER = "api-services"
_METHODS: Mapping[str, Method] = MappingProxyType({method: method for method in get_args(Method)})
_SEGMENT = re.compile(r"[^\s{}?#%\\/]+|\{[\w.-]+\}")
_HEADER = re.compile(r"[!#$%&'*+.^`|~\w-]+", re.ASCII)


def read_api(name: str, node: Node, processes: Mapping[str, Process | None], findings: Findings) -> ApiService | None:
    """Read one API service, given the processes by name; None stands for a process with a mistake of its own."""
    table = as_table(node, "an API service", findings)
    if table is None:
        return None
    before = len(findings)
    keys = Keys(table, findings, "an API service")
    base, place = keys.literal("base path"), keys.place_of("base path")
    title, version, description = keys.text("title"), keys.text("version"), keys.text("description")
    headers, routes = keys.items("headers"), keys.table("routes", required=True)
    keys.done()
    check_path(base or "", place, findings, parameters=False)
    read = [_route(key, value, processes, findings) for key, value in routes or ()]
    named = _headers(headers, findings)
    if len(findings) > before:
        return None
    return ApiService(
        name=name,
        base="/".join(segments_of(base or "")),
        title=title,
        version=version,
        description=description,
        routes=tuple(route for route in read if route is not None),
        headers=named,
        place=place,
    )


def check_path(path: str, place: Place, findings: Findings, *, parameters: bool = True) -> None:
    """Note what cannot be a path: a segment that is neither a text nor, where those may be, a parameter."""
    names: set[str] = set()
    for segment in segments_of(path):
        parameter = parameter_of(segment)
        if not _SEGMENT.fullmatch(segment) or (parameter is not None and not parameters):
            hint = "segments are texts or, in a route, a name in braces: orders/{id}"
            findings.add("wrong-type", f"'{segment}' cannot be a part of an address", place, hint)
        elif parameter is not None and parameter in names:
            findings.add("name-taken", f"the parameter '{parameter}' stands here twice", place, "give each its name")
        elif parameter is not None:
            names.add(parameter)


def _route(key: Scalar, node: Node, processes: Mapping[str, Process | None], findings: Findings) -> ApiRoute | None:
    word, _, path = key.text.partition(" ")
    method: Method | None = _METHODS.get(word)
    if method is None:
        hint = suggest(word.upper(), _METHODS) or f"begin it with a method: {', '.join(_METHODS)}"
        findings.add("unknown-value", f"'{word}' is not a method of a route", key.place, hint)
        return None
    check_path(path, key.place, findings)
    if isinstance(node, Scalar):
        node = Table(entries=((Scalar(text="process", place=node.place), node),), place=node.place)
    table = as_table(node, key.text, findings)
    if table is None:
        return None
    keys = Keys(table, findings, "a route")
    name, bundle = keys.scalar("process", required=True), keys.text("bundle")
    keys.done()
    if name is None or (bundle is None and web_process(name, processes, findings) is None):
        return None
    where = "/".join(segments_of(path))
    return ApiRoute(process=ProcessRef(name.text, bundle), method=method, object="", path=where, place=key.place)


def _headers(items: Items | None, findings: Findings) -> tuple[str, ...]:
    read = [as_scalar(node, "headers", findings) for node in (items.items if items is not None else ())]
    names = [scalar for scalar in read if scalar is not None]
    for name in names:
        if not _HEADER.fullmatch(name.text):
            findings.add("wrong-type", f"'{name.text}' is not the name of a header", name.place)
        elif is_secret(name.text):
            hint = "whoever calls is known by the property inuser"
            findings.add("secret-header", f"'{name.text}' never reaches a process", name.place, hint)
    return tuple(name.text for name in names)
