"""Exports under test as a machine runs them: a bundle of files, deployed with the real connectors, run to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from runtime.bundle.machine import Machine, variable_of
from runtime.bundle.read import read_bundle
from runtime.engine.batch import Held
from runtime.engine.context import Context, EngineLimits, Facts
from runtime.engine.deployment import Deployment, deployed
from runtime.engine.log import ExecutionLog
from runtime.engine.places import Control, Slot
from runtime.engine.run import run
from runtime.engine.start import start_documents
from runtime.model.document import Document
from runtime.model.journal import Accept, ExecutionRow, Status
from runtime.plugins import installed_connectors
from runtime.store.memory import MemoryStore
from tests.bundle.components.exports import process, shape
from tests.engine.runs import listed
from tests.engine.worlds import TrioClock

RETURN = shape("end", "returndocuments", '<returndocuments label=""/>')
EXECUTION = "e"


class Ran(Struct, frozen=True):
    """How a run ended, the documents that it returned with their contents, and the process properties it left."""

    status: Status
    message: str | None
    documents: tuple[Document, ...]
    texts: tuple[str, ...]
    properties: dict[str, str]


async def ran(
    *exports: bytes,
    machine: Mapping[str, str] | None = None,
    properties: Mapping[str, str] | None = None,
    start: Sequence[bytes] = (b"",),
) -> Ran:
    """Deploy exports and run the first, a process; `machine` gives values of extensions by their names."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "exported"
        (folder / "components").mkdir(parents=True)
        (folder / "bundle.yaml").write_text("name: exported\nversion: 1.0\n", encoding="utf-8")
        for number, content in enumerate(exports):
            (folder / "components" / f"{number}.xml").write_bytes(content)
        bundle = read_bundle(folder, installed_connectors())
    environ = {variable_of("exported", name): value for name, value in (machine or {}).items()}
    async with deployed(bundle, installed_connectors(), Machine(environ=environ)) as deployment:
        return await _run(deployment, next(iter(bundle.processes)), properties or {}, start)


async def _run(deployment: Deployment, name: str, properties: Mapping[str, str], start: Sequence[bytes]) -> Ran:
    store = MemoryStore()
    row = ExecutionRow(
        id=EXECUTION, bundle="exported", version="1", digest="d", process=name, mode="general",
        status=Status.RUNNING, started_at=0.0, owner="o", epoch=1,
    )  # fmt: skip
    await store.journal.commit([Accept(row, b"")])
    context = Context(
        Facts(id=EXECUTION, bundle="exported", version="1", process=name, started_at=0.0),
        ExecutionLog(store.journal, store.documents, EXECUTION, 1, durable=True, write_behind=0.0),
        store.documents,
        TrioClock(),
        connections=deployment.connections,
        limits=EngineLimits(),
        control=Control(handed_over=False),
        slot=Slot(),
    )
    context.properties.update(properties)
    result = await run(deployment.processes[name], name, Held(start_documents(list(start))), context)
    documents = [document for batch in result.returned for document in await listed(batch)]
    texts = [(await context.contents.read(document)).decode() for document in documents]
    return Ran(result.status, result.message, tuple(documents), tuple(texts), dict(context.properties))


def calling(*shapes: str, first: str = "call") -> bytes:
    """Give a process of shapes that ends by returning documents, from the shape ``end``."""
    return process(*shapes, RETURN, first=first)


def call(
    kind: str, action: str, *, parameters: str = "", to: str = "end", name: str = "call", dynamic: str = ""
) -> str:
    """Give a call of the operation ``operation`` over the connection ``connection``."""
    return shape(
        name,
        "connectoraction",
        f'<connectoraction actionType="{action}" allowDynamicCredentials="NONE" connectionId="connection"'
        f' connectorType="{kind}" hideSettings="false" operationId="operation"><parameters>{parameters}</parameters>'
        f"<dynamicProperties>{dynamic}</dynamicProperties></connectoraction>",
        to,
    )


def setting(*properties: tuple[str, str], to: str = "call", name: str = "set") -> str:
    """Give a Set Properties of literal values, by property id."""
    made = "".join(
        f'<documentproperty defaultValue="" isDynamicCredential="false" isTradingPartner="false" name="{identity}"'
        f' persist="false" propertyId="{identity}" shouldEncrypt="false"><sourcevalues><parametervalue key="1"'
        f' usesEncryption="false" valueType="static"><staticparameter staticproperty="{value}"/></parametervalue>'
        "</sourcevalues></documentproperty>"
        for identity, value in properties
    )
    return shape(name, "documentproperties", f"<documentproperties>{made}</documentproperties>", to)


def saying(text: str, *, to: str = "call", name: str = "say") -> str:
    """Give a Message of a text, in which quotes and braces are written as the platform wants them."""
    written = f'<message combined="false"><msgTxt>{text}</msgTxt><msgParameters/></message>'
    return shape(name, "message", written, to)


def literal(element: str, value: str, name: str = "") -> str:
    """Give a parameter of a step."""
    return (
        f'<parametervalue elementToSetId="{element}" elementToSetName="{name}" key="0" usesEncryption="false"'
        f' valueType="static"><staticparameter staticproperty="{value}"/></parametervalue>'
    )


def operation(configuration: str, *, errors: bool = False) -> str:
    """Give the body of an operation component."""
    flag = "true" if errors else "false"
    return (
        f'<Operation xmlns="" returnApplicationErrors="{flag}" trackResponse="false"><Archiving directory=""'
        f' enabled="false"/><Configuration>{configuration}</Configuration><Tracking><TrackedFields/></Tracking>'
        "<Caching/></Operation>"
    )
