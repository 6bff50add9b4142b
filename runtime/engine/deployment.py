"""A deployed version of a bundle: its processes compiled, its connections open, its actions addressable."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import msgspec
import trio
from msgspec import Struct

from runtime.bundle.connections import wanted
from runtime.bundle.filling import fill
from runtime.bundle.machine import Machine
from runtime.bundle.references import references
from runtime.engine.compile import CompiledProcess, compile_bundle
from runtime.engine.measured import Measured
from runtime.engine.redaction import Marks, Words
from runtime.engine.scripts.workers import ScriptLimits, Workers, open_workers
from runtime.errors import BundleError, Problem
from runtime.flow.check import check
from runtime.flow.codec import ActionCodec, compile_action
from runtime.flow.data_requests import TypeCodec
from runtime.flow.describe import describe
from runtime.flow.file_requests import FileCodec
from runtime.flow.outputs import OutputCodec, compile_outputs
from runtime.flow.service_codec import compile_files, compile_type
from runtime.model.bundle import Bundle, Connection
from runtime.model.file_listener import FileListener
from runtime.model.flow_service import FlowService, MessageAction
from runtime.observe.metrics import Metrics
from runtime.observe.redaction import Secret
from runtime.sdk import connector as sdk

if TYPE_CHECKING:
    from runtime.engine.durable_express import DurableExpress
    from runtime.engine.express import Express

UNOPENED = "bundle.connection-not-open"


class Action(Struct, frozen=True):
    """A message action that can be called: how its calls are read and answered, and the process that serves it."""

    action: MessageAction
    codec: ActionCodec
    process: CompiledProcess


class DeployedService(Struct, frozen=True):
    """A Flow service with everything about it that can be known beforehand. `description` is its describe answer.

    `actions` are those that processes of the bundle serve; `types` and `files` are how calls of data types and file
    resources are read and answered, by name and path.
    """

    service: FlowService
    description: bytes
    actions: dict[str, Action]
    types: dict[str, TypeCodec] = {}
    files: dict[str, FileCodec] = {}


class Prepared(Struct, frozen=True):
    """A version of a bundle with everything done that can be done before it is opened: compiled, described, checked.

    `settings` holds those of each connection, in the form that its connector wants; `properties` are those that the
    executions of each process start with. `warnings` are what the machine gives and nobody asks for; `secrets` are
    those that it gives.
    """

    bundle: Bundle
    processes: dict[str, CompiledProcess]
    services: dict[str, DeployedService]
    settings: dict[str, object]
    properties: dict[str, dict[str, str]] = {}
    warnings: tuple[Problem, ...] = ()
    secrets: tuple[Secret, ...] = ()


class Deployment:
    """One version of a bundle, open. Whoever uses it holds it; its connections may close when nobody does any more."""

    def __init__(
        self, prepared: Prepared, connections: Mapping[str, sdk.Connection], workers: Workers | None = None
    ) -> None:
        self.prepared = prepared
        self.bundle = prepared.bundle
        self.processes = prepared.processes
        self.services = prepared.services
        self.connections = dict(connections)
        self.workers = workers
        self.marks = Marks(self.bundle.redaction)
        self.known = Words(secret.reveal() for secret in prepared.secrets)
        self.express: dict[tuple[str, str], Express | None] = {}  # by service and action, once they were called
        self.durable_express: dict[
            tuple[str, str, bool], DurableExpress | None
        ] = {}  # those and whether it is debugged
        self._outputs: dict[tuple[str, str], OutputCodec] = {}  # of services of other bundles
        self._users: set[object] = set()
        self._left = trio.Event()  # a new one each time that it was waited for in vain

    @property
    def has_secrets(self) -> bool:
        """Whether there is anything that texts of its executions must not hold."""
        return self.marks.is_needed or self.known.secrets > 0

    def outputs(self, service: str, action: str, process: str) -> OutputCodec | None:
        """Give how documents of an action become outputs; of a service of another bundle by the process that serves it.

        None where the action gives no outputs.
        """
        deployed = self.services.get(service)
        own = None if deployed is None else deployed.actions.get(action)
        if own is not None:
            return own.codec.outputs
        listener = self.processes[process].process.listener
        if listener is None or isinstance(listener, FileListener):
            return None
        profile = self.bundle.profiles.get(listener.response_profile or "")
        if profile is None:
            return None
        known = self._outputs.get((action, process))
        if known is None:
            known = self._outputs[action, process] = compile_outputs(action, profile)
        return known

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


def prepare(bundle: Bundle, catalogue: sdk.Catalogue, machine: Machine | None = None) -> Prepared:
    """Do all for a bundle that needs no connection. It takes milliseconds and reads files: good for a thread.

    `machine` gives what the bundle leaves open; without one it is the environment alone.

    Raises:
        BundleError: the machine does not give what the bundle needs, a connection's settings do not fit its connector,
            or Flow would not take a service.
    """
    processes = compile_bundle(bundle, catalogue).processes
    filled = fill(bundle, machine or Machine(environ=os.environ))
    settings = {
        name: connection_settings(connection, catalogue.connectors[connection.connector], filled.connections[name])
        for name, connection in bundle.connections.items()
    }
    services = {service.external_name: _service(service, processes) for service in bundle.services}
    return Prepared(bundle, processes, services, settings, filled.properties, filled.warnings, filled.secrets)


def _service(service: FlowService, processes: Mapping[str, CompiledProcess]) -> DeployedService:
    own = tuple(action for action in service.actions if action.bundle is None)
    actions = {
        action.name: Action(action, compile_action(service, action), processes[action.process]) for action in own
    }
    return DeployedService(
        service,
        _description(msgspec.structs.replace(service, actions=own)),
        actions,
        {data_type.name: compile_type(data_type) for data_type in service.data_types},
        {resource.path: compile_files(resource) for resource in service.file_resources},
    )


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
async def opened(
    prepared: Prepared, catalogue: sdk.Catalogue, scripts: ScriptLimits | None = None, metrics: Metrics | None = None
) -> AsyncGenerator[Deployment]:
    """Open the connections of a version; they close when the block ends, and the processes of its scripts end.

    Raises:
        BundleError: a connection cannot be opened.
    """
    async with AsyncExitStack() as stack:
        connections: dict[str, sdk.Connection] = {}
        for name, settings in prepared.settings.items():
            connection = prepared.bundle.connections[name]
            try:
                opening = catalogue.connectors[connection.connector].open(settings)
                inner = await stack.enter_async_context(opening)
                connections[name] = Measured(
                    inner, connection.connector, bundle=prepared.bundle.name, name=name, metrics=metrics
                )
            except Exception as error:
                message = f"connection '{name}' cannot be opened: {error}"
                raise BundleError((Problem(code=UNOPENED, message=message, place=connection.place),)) from error
        workers = await stack.enter_async_context(open_workers(scripts or ScriptLimits()))
        yield Deployment(prepared, connections, workers)


@asynccontextmanager
async def deployed(
    bundle: Bundle, catalogue: sdk.Catalogue, machine: Machine | None = None
) -> AsyncGenerator[Deployment]:
    """Prepare a bundle and open its connections; they close when the block ends.

    Raises:
        BundleError: the machine does not give what the bundle needs, a connection's settings do not fit its connector,
            or it cannot be opened.
    """
    async with opened(prepare(bundle, catalogue, machine), catalogue) as deployment:
        yield deployment


def connection_settings(connection: Connection, spec: sdk.ConnectorSpec, texts: Mapping[str, str]) -> object:
    """Give a connection's settings as the connector's own struct, from their texts.

    Raises:
        BundleError: a text does not fit its field; the text is not in the message, it may be secret.
    """
    problems: list[Problem] = []
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(spec.settings):
        if field.encode_name not in texts:
            continue
        try:
            values[field.encode_name] = msgspec.convert(texts[field.encode_name], field.type, strict=False)
        except msgspec.ValidationError:
            name = field.encode_name.replace("_", " ")
            message = f"the value of '{name}' does not fit the connection '{connection.name}'"
            place = next((part.place for part in references(connection.settings[field.encode_name])), connection.place)
            problem = Problem(code="bundle.connection", message=message, place=place, hint=wanted(field.type))
            problems.append(problem)
    if problems:
        raise BundleError(tuple(problems))
    return _whole(connection, spec, values)


def _whole(connection: Connection, spec: sdk.ConnectorSpec, values: Mapping[str, object]) -> object:
    try:
        return msgspec.convert(values, spec.settings, strict=False)
    except msgspec.ValidationError as error:
        told = f": {error.__cause__}" if isinstance(error.__cause__, ValueError) else ""  # the connector's own words
        message = f"the settings of the connection '{connection.name}' do not fit together{told}"
        raise BundleError((Problem(code="bundle.connection", message=message, place=connection.place),)) from None
