"""A sound bundle, the catalogue it is read against, and how tests put bundles into folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from runtime.bundle.read import read_bundle
from runtime.errors import BundleError, Problem
from runtime.model.bundle import Bundle
from runtime.sdk.connector import Catalogue, Connection, ConnectorSpec, OperationSpec
from runtime.sdk.effect import Effect

Files = Mapping[str, str | bytes]


class Settings(Struct, frozen=True, kw_only=True):
    """The settings of the connector that the tests know."""

    url: str
    password: str = ""


class Fields(Struct, frozen=True, kw_only=True):
    """The fields of its one operation."""

    path: str
    most_redirects: Annotated[int, Meta(ge=0, description="a count from 0")] = 3


def _never(_: object) -> AbstractAsyncContextManager[Connection]:
    raise AssertionError("reading a bundle opens no connection")


class Typed(Struct, frozen=True, kw_only=True):
    """The settings of a connector whose fields are no texts, and that has operations that must not be repeated."""

    count: Annotated[int, Meta(ge=0, description="a count from 0")] = 0


_effect: Callable[[Mapping[str, str | None]], Effect] = lambda _: Effect.PURE  # noqa: E731 - typed as the contract asks
_GET = OperationSpec(name="get", summary="Read a resource", fields=Fields, effect=_effect)
_SEND = OperationSpec(name="send", summary="Send once", fields=Typed, effect=lambda _: Effect.ONCE)
CATALOGUE = Catalogue(
    {
        "http": ConnectorSpec(
            name="http", summary="HTTP", settings=Settings, operations=(_GET,), open=_never, secrets=("password",)
        ),
        "typed": ConnectorSpec(
            name="typed", summary="Types", settings=Typed, operations=(_SEND,), open=_never, version="1.4"
        ),
    }
)

SOUND: Files = {
    "bundle.yaml": """\
name: pricing
version: 1.10
needs: { http: 1 }
redaction: [ lines.sku ]
""",
    "processes/price-order.yaml": """\
name: Price order
start:
  listen: flow                     # the Flow Services Server
  service: message action
  request profile: order
  response profile: priced order
  sync timeout: 20 s
options: { mode: general, recovery: resume }
steps:
  - split: { profile: order, element: lines }
  - connector: catalogue           # a connection of this bundle
    label: look up price
    operation: get
    path: /items/${document.sku}
    on error response: continue
  - decision: ${meta.status == 404}
    yes: [ { exception: { title: Unknown item, message: "No item ${document.sku}" } } ]
  - map: priced-line
  - combine: { profile: priced order }
  - return documents
""",
    "profiles/order.json": """\
{
  "type": "object",
  "properties": {
    "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}}
  }
}
""",
    "profiles/priced order.json": """\
{
  "type": "object",
  "properties": {
    "lines": {
      "type": "array",
      "items": {"type": "object", "properties": {"sku": {"type": "string"}, "price": {"type": "number"}}}
    }
  }
}
""",
    "maps/priced-line.yaml": """\
fields:
  sku: sku
  price: { from: price, default: 0 }
""",
    "connections/catalogue.yaml": """\
connector: http
url: http://127.0.0.1:9191
""",
    "flow-services/pricing.yaml": """\
external name: pricing
actions:
  Price: Price order
""",
    "scripts/tidy.py": """\
def process(documents, context):
    return documents
""",
}


def write(folder: Path, files: Files) -> Path:
    """Put the files of a bundle into `folder`."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def read(folder: Path, files: Files) -> Bundle:
    """Write and read a bundle."""
    return read_bundle(write(folder, files), CATALOGUE)


def problems(folder: Path, files: Files) -> tuple[Problem, ...]:
    """Write and read a bundle that has mistakes, and give them."""
    try:
        read(folder, files)
    except BundleError as error:
        return error.problems
    return ()


def process_of(steps: str) -> str:
    """Give the file of a process without listener, whose steps are `steps`."""
    return f"name: P\nstart: no data\nsteps:\n{steps}"
