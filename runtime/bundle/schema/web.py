"""Web services as schemas: the listener of a process, and the routes of an API service."""

from __future__ import annotations

from typing import get_args

from runtime.bundle.schema.words import SCALARS, Schema, flag, listed, names, ref, table, whole, words
from runtime.bundle.web_listeners import IN_AN_ADDRESS
from runtime.model.web_service import MOST_RETURNED, Exchanged, Method, OperationType


def web_listener() -> Schema:
    """Give the schema of a start that listens for the web."""
    return table(
        "Web listener",
        {
            "listen": {"const": "web", "description": "The Web Services Server."},
            "operation": words(OperationType, "The first part of the address.", default="execute"),
            "object": {"type": SCALARS, "pattern": f"^(?:{IN_AN_ADDRESS})$", "description": "The rest of the address."},
            "input": words(Exchanged, "What a call brings: each object of several becomes a document."),
            "output": words(
                Exchanged, "What the answer holds; with none callers are answered before the process runs."
            ),
            "content type": ref("text", "The media type of single data; text/plain if nothing is said."),
            "maximum documents": whole(1, MOST_RETURNED, "Documents of one answer; for the others there are pages."),
            "routes only": flag("Whether the routes of API services alone lead to it.", default=False),
            "time limit": ref("duration", "A call that takes longer is answered 504; 3 min if nothing is said."),
        },
        ("listen", "input", "output"),
    )


def api_schema() -> Schema:
    """Give the schema of an API service."""
    route = table(
        "Route",
        {
            "process": ref("text", "The process that answers; it listens for the web."),
            "bundle": ref("text", "The deployed bundle that has the process, where it is another one."),
        },
        ("process",),
    )
    return table(
        "API service",
        {
            "base path": {
                "type": SCALARS,
                "description": "What the addresses of all routes begin with, after /ws/rest/.",
            },
            "title": ref("text"),
            "version": ref("text"),
            "description": ref("text"),
            "headers": listed(ref("text"), "Headers of a request that its process sees, beyond those that all see."),
            "routes": names(
                "Routes",
                {"anyOf": [ref("text", "The process that answers."), route]},
                propertyNames={"pattern": rf"^(?:{'|'.join(get_args(Method))})(?:\s|$)"},
                description="A method and a path, which may have parameters: GET orders/{id}.",
            ),
        },
        ("routes",),
        description="Addresses below /ws/rest, and the processes that answer there.",
    )
