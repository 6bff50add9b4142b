"""A deployed version of a bundle: its processes compiled, its connections open, its actions addressable."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import msgspec
import trio
from msgspec import Struct

from runtime.engine.compile import CompiledProcess, compile_bundle
from runtime.errors import BundleError, Problem
from runtime.expressions import Scope, compile_template
from runtime.flow.check import check
from runtime.flow.codec import ActionCodec, compile_action
from runtime.flow.describe import describe
from runtime.model.bundle import Bundle, Connection
from runtime.model.document import Document
from runtime.model.flow_service import FlowService, MessageAction
from runtime.sdk import connector as sdk

UNOPENED = "bundle.connection-not-open"


class Action(Struct, frozen=True):
    """A message action that can be called: how its calls are read and answered, and the process that serves it."""

    action: MessageAction
    codec: ActionCodec
    process: CompiledProcess


class DeployedService(Struct, frozen=True):
    """A Flow service with everything about it that can be known beforehand. `description` is its describe answer."""

    service: FlowService
    description: bytes
    actions: dict[str, Action]


class Prepared(Struct, frozen=True):
    """A version of a bundle with everything done that can be done before it is opened: compiled, described, checked.

    `settings` holds those of each connection, in the form that its connector wants.
    """

    bundle: Bundle
    processes: dict[str, CompiledProcess]
    services: dict[str, DeployedService]
    settings: dict[str, object]


class Deployment:
    """One version of a bundle, open. Whoever uses it holds it; its connections may close when nobody does any more."""

    def __init__(self, prepared: Prepared, connections: Mapping[str, sdk.Connection]) -> None:
        self.prepared = prepared
        self.bundle = prepared.bundle
        self.processes = prepared.processes
        self.services = prepared.services
        self.connections = dict(connections)
        self._users: set[object] = set()
        self._left = trio.Event()  # a new one each time that it was waited for in vain

    def action(self, service: str, action: str) -> Action | None:
        """Give the action of that name, or None when this version does not have it."""
        deployed = self.services.get(service)
        return None if deployed is None else deployed.actions.get(action)

    def hold(self, user: object) -> None:
        """Keep the connections open for `user`; to hold twice is to hold once."""
        self._users.add(user)

    def let_go(self, user: object) -> None:
        """End the hold of `user`, if it has one."""
        self._users.discard(user)
        if not self._users:
            self._left.set()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the connections open while the block runs."""
        user = object()
        self.hold(user)
        try:
            yield
        finally:
            self.let_go(user)

    async def unused(self) -> None:
        """Return when nobody holds it; nothing else happens between the last look and the return."""
        while self._users:
            self._left = trio.Event()
            await self._left.wait()


def prepare(bundle: Bundle, catalogue: sdk.Catalogue) -> Prepared:
    """Do all for a bundle that needs no connection. It takes milliseconds and touches nothing: good for a thread.

    Raises:
        BundleError: a connection's settings do not fit its connector, or Flow would not take a service.
    """
    processes = compile_bundle(bundle, catalogue).processes
    settings = {
        connection.name: connection_settings(connection, catalogue.connectors[connection.connector])
        for connection in bundle.connections.values()
    }
    services = {service.external_name: _service(service, processes) for service in bundle.services}
    return Prepared(bundle, processes, services, settings)


def _service(service: FlowService, processes: Mapping[str, CompiledProcess]) -> DeployedService:
    actions = {
        action.name: Action(action, compile_action(service, action), processes[action.process])
        for action in service.actions
    }
    return DeployedService(service, _description(service), actions)


def _description(service: FlowService) -> bytes:
    """Give the describe answer of a service, held to what an engine would refuse (wire protocol A.1.8).

    Raises:
        BundleError: a Flow engine would not take it.
    """
    description = describe(service)
    findings = [found for found in check(200, "application/json", description) if found.severity == "refuses"]
    if findings:
        texts = [f"Flow would refuse this at {found.pointer}: {found.message}" for found in findings]
        place = service.place
        raise BundleError(tuple(Problem(code="bundle.description", message=text, place=place) for text in texts))
    return description


@asynccontextmanager
async def opened(prepared: Prepared, catalogue: sdk.Catalogue) -> AsyncGenerator[Deployment]:
    """Open the connections of a version; they close when the block ends.

    Raises:
        BundleError: a connection cannot be opened.
    """
    async with AsyncExitStack() as stack:
        connections: dict[str, sdk.Connection] = {}
        for name, settings in prepared.settings.items():
            connection = prepared.bundle.connections[name]
            try:
                opening = catalogue.connectors[connection.connector].open(settings)
                connections[name] = await stack.enter_async_context(opening)
            except Exception as error:
                message = f"connection '{name}' cannot be opened: {error}"
                raise BundleError((Problem(code=UNOPENED, message=message, place=connection.place),)) from error
        yield Deployment(prepared, connections)


@asynccontextmanager
async def deployed(bundle: Bundle, catalogue: sdk.Catalogue) -> AsyncGenerator[Deployment]:
    """Prepare a bundle and open its connections; they close when the block ends.

    Raises:
        BundleError: a connection's settings do not fit its connector, or it cannot be opened.
    """
    async with opened(prepare(bundle, catalogue), catalogue) as deployment:
        yield deployment


def connection_settings(connection: Connection, spec: sdk.ConnectorSpec) -> object:
    """Give a connection's settings as the connector's own struct, with ``${env.NAME}`` filled in.

    Raises:
        BundleError: a value is missing or of the wrong type.
    """
    scope = Scope(Document(b""), {}, {"env": dict(os.environ)})
    try:
        values = {name: compile_template(value).text(scope) for name, value in connection.settings.items()}
        return msgspec.convert(values, spec.settings, strict=False)
    except msgspec.ValidationError as error:
        message = f"connection '{connection.name}': {error}"
        raise BundleError((Problem(code="bundle.connection", message=message, place=connection.place),)) from error
