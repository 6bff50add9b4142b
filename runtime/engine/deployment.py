"""A deployed version of a bundle: its processes compiled, its connections open, its actions addressable."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec
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


class Deployment:
    """One version of a bundle, live. Its executions keep a reference to it until they end."""

    def __init__(
        self,
        bundle: Bundle,
        processes: Mapping[str, CompiledProcess],
        connections: Mapping[str, sdk.Connection],
    ) -> None:
        self.bundle = bundle
        self.processes = dict(processes)
        self.connections = dict(connections)
        self.services = {service.external_name: self._deployed(service) for service in bundle.services}

    def _deployed(self, service: FlowService) -> DeployedService:
        actions = {
            action.name: Action(action, compile_action(service, action), self.processes[action.process])
            for action in service.actions
        }
        return DeployedService(service, _description(service), actions)

    def action(self, service: str, action: str) -> Action | None:
        """Give the action of that name, or None when this version does not have it."""
        deployed = self.services.get(service)
        return None if deployed is None else deployed.actions.get(action)


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
async def deployed(bundle: Bundle, catalogue: sdk.Catalogue) -> AsyncGenerator[Deployment]:
    """Compile a bundle and open its connections; they close when the block ends.

    Raises:
        BundleError: a connection's settings do not fit its connector.
    """
    compiled = compile_bundle(bundle, catalogue)
    async with AsyncExitStack() as stack:
        connections: dict[str, sdk.Connection] = {}
        for connection in bundle.connections.values():
            spec = catalogue.connectors[connection.connector]
            settings = connection_settings(connection, spec)
            connections[connection.name] = await stack.enter_async_context(spec.open(settings))
        yield Deployment(bundle, compiled.processes, connections)


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
