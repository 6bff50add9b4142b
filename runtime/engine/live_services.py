"""Live services: the calls of each service, bound to the processes that serve them now, in whatever bundle they are.

It is done when the table of what is deployed is made, since a service may name processes of another bundle. What is not
there is not an error of the deployment, whose order nobody prescribes: it is said, and answered as unavailable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from runtime.engine.deployment import Action, DeployedService, Deployment
from runtime.flow.codec import compile_action
from runtime.flow.data_requests import DataProcess, TypeCodec
from runtime.flow.describe import describe
from runtime.flow.file_requests import FileCodec, FileVerb
from runtime.flow.service_codec import processes_of, processes_of_resource
from runtime.model.flow_service import ANY_BUNDLE, FlowService, MessageAction, ProcessRef
from runtime.model.process import FlowListener

if TYPE_CHECKING:
    from runtime.engine.compile import CompiledProcess
    from runtime.model.process import FlowServiceType


class Missing(Struct, frozen=True):
    """A process that is not there; `reason` says so in one sentence."""

    reason: str


class Bound(Struct, frozen=True):
    """A process that serves a call, in the version that is live."""

    deployment: Deployment
    process: CompiledProcess


class LiveAction(Struct, frozen=True):
    """A message action with the process that serves it."""

    deployment: Deployment
    action: Action


class LiveType(Struct, frozen=True):
    """A data type with the processes that serve it."""

    codec: TypeCodec
    processes: dict[DataProcess, Bound | Missing]


class LiveFiles(Struct, frozen=True):
    """A file resource with the processes that serve it."""

    codec: FileCodec
    processes: dict[FileVerb, Bound | Missing]


class LiveService(Struct, frozen=True):
    """A service as it can be called now. `service` has what is there, `missing` says what is not."""

    service: FlowService
    description: bytes
    actions: dict[str, LiveAction | Missing]
    types: dict[str, LiveType]
    files: dict[str, LiveFiles]
    missing: tuple[str, ...] = ()


def bind_services(deployments: Mapping[str, Deployment]) -> dict[str, LiveService]:
    """Give the services of these deployments, by external name."""
    return {
        name: _Binder(deployment, deployed, deployments).bind()
        for deployment in deployments.values()
        for name, deployed in deployment.services.items()
    }


class _Binder:
    def __init__(
        self, deployment: Deployment, deployed: DeployedService, deployments: Mapping[str, Deployment]
    ) -> None:
        self._deployment = deployment
        self._deployed = deployed
        self._deployments = deployments

    def bind(self) -> LiveService:
        deployed = self._deployed
        service = deployed.service
        actions = {action.name: self._action(action) for action in service.actions}
        types = {
            data_type.name: LiveType(
                deployed.types[data_type.name],
                {verb: self._process(each, "data action") for verb, each in processes_of(data_type).items()},
            )
            for data_type in service.data_types
        }
        files = {
            resource.path: LiveFiles(
                deployed.files[resource.path],
                {verb: self._process(each, "file resource") for verb, each in processes_of_resource(resource).items()},
            )
            for resource in service.file_resources
        }
        present = tuple(live.action.action for live in actions.values() if isinstance(live, LiveAction))
        missing = (*_missing("action", actions), *_missing_of("type", types), *_missing_of("files", files))
        described = replace(service, actions=present)
        is_own = len(present) == len(deployed.actions) and not missing
        description = deployed.description if is_own else describe(described, missing)
        return LiveService(described, description, actions, types, files, missing)

    def _action(self, action: MessageAction) -> LiveAction | Missing:
        if action.bundle is None:
            return LiveAction(self._deployment, self._deployed.actions[action.name])
        found = self._process(ProcessRef(action.process, action.bundle), "message action")
        if isinstance(found, Missing):
            return found
        listener, profiles = found.process.process.listener, found.deployment.bundle.profiles
        if not isinstance(listener, FlowListener):
            return Missing(f"The process '{action.process}' does not listen for Flow.")
        whole = replace(
            action,
            summary=action.summary or found.process.process.description,
            request_profile=profiles.get(listener.request_profile or ""),
            response_profile=profiles.get(listener.response_profile or ""),
            sync_timeout=listener.sync_timeout,
        )
        codec = compile_action(self._deployed.service, whole)
        return LiveAction(found.deployment, Action(whole, codec, found.process))

    def _process(self, wanted: ProcessRef, service: FlowServiceType) -> Bound | Missing:
        found = find_process(wanted, self._deployment, self._deployments)
        if isinstance(found, Missing) or wanted.bundle is None:
            return found
        listener = found.process.process.listener
        if not isinstance(listener, FlowListener) or listener.service != service:
            name = found.process.process.name if wanted.bundle == ANY_BUNDLE else wanted.process
            bundle = found.deployment.bundle.name
            return Missing(f"The process '{name}' of '{bundle}' does not listen for a {service}.")
        return found


def find_process(wanted: ProcessRef, deployment: Deployment, deployments: Mapping[str, Deployment]) -> Bound | Missing:
    """Give a process that a part of `deployment` names: its own, or one of the others, in the version that is live."""
    if wanted.bundle is None:
        return Bound(deployment, deployment.processes[wanted.process])
    if wanted.bundle == ANY_BUNDLE:
        return _component(wanted.process, deployments)
    other = deployments.get(wanted.bundle)
    if other is None:
        return Missing(f"The bundle '{wanted.bundle}' is not deployed.")
    process = other.processes.get(wanted.process)
    if process is None:
        return Missing(f"The bundle '{wanted.bundle}' has no process '{wanted.process}'.")
    return Bound(other, process)


def _component(identity: str, deployments: Mapping[str, Deployment]) -> Bound | Missing:
    """Find a process by the id of its component, in the bundle that has it; of several the first by name."""
    for _, deployment in sorted(deployments.items()):
        process = deployment.bundle.components.processes.get(identity)
        if process is not None and process in deployment.processes:
            return Bound(deployment, deployment.processes[process])
    return Missing(f"No deployed bundle has the process with the id '{identity}'.")


def _missing(what: str, found: Mapping[str, object]) -> Iterator[str]:
    for name, live in found.items():
        if isinstance(live, Missing):
            yield f"{what} {name}: {live.reason}"


def _missing_of(what: str, found: Mapping[str, LiveType] | Mapping[str, LiveFiles]) -> Iterator[str]:
    for name, live in found.items():
        processes: Mapping[str, Bound | Missing] = {str(verb): process for verb, process in live.processes.items()}
        yield from _missing(f"{what} {name},", processes)


def missing_of(services: Mapping[str, LiveService]) -> dict[str, tuple[str, ...]]:
    """Give what each service lacks, by its external name; those that lack nothing are left out."""
    return {name: live.missing for name, live in services.items() if live.missing}
