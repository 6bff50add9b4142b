"""From the shapes of platform processes to steps that can run, or the reason why one cannot."""

from __future__ import annotations

from runtime.engine.platform.assign import PlatformSetProperties
from runtime.engine.platform.business_rules import BusinessRules
from runtime.engine.platform.cleanse.step import Cleanse
from runtime.engine.platform.data_process import DataProcess
from runtime.engine.platform.divisions import PlatformDecision, Route
from runtime.engine.platform.document_caches import AddToCache, RemoveFromCache, retrieve
from runtime.engine.platform.fields import call_platform_connector
from runtime.engine.platform.flow_control import FlowControl
from runtime.engine.platform.maps.step import map_step
from runtime.engine.platform.messages import CombinedPlatformMessage, Notify, PlatformException, PlatformMessage
from runtime.engine.platform.process_call import ProcessRoute, process_call
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.engine.step import Step
from runtime.model.bundle import Bundle
from runtime.model.cleanse import CleanseStep
from runtime.model.platform_shapes import (
    AddToCacheStep,
    BusinessRulesStep,
    DataProcessStep,
    FlowControlStep,
    NotifyStep,
    PlatformConnectorStep,
    PlatformDecisionStep,
    PlatformExceptionStep,
    PlatformMapStep,
    PlatformMessageStep,
    PlatformSetPropertiesStep,
    PlatformShape,
    ProcessCallStep,
    ProcessRouteStep,
    RemoveFromCacheStep,
    RetrieveFromCacheStep,
    RouteStep,
)
from runtime.model.process import Process
from runtime.sdk.connector import Catalogue, OperationSpec


class PlatformCompiler:
    """Compiles the shapes of one process. `added` are steps that shapes need beside their own, by id."""

    def __init__(self, bundle: Bundle, catalogue: Catalogue, process: Process) -> None:
        identity = "" if process.component is None else process.component.id
        self._around = Around(bundle.components, process.name, identity, bundle.tables, self._operation)
        self.added: dict[str, Step] = {}
        self._bundle = bundle
        self._catalogue = catalogue

    def step(self, shape: PlatformShape) -> Step:
        """Give the compiled step.

        Raises:
            Refused: the engine cannot run what the shape says.
        """
        match shape:
            case PlatformConnectorStep():
                return self._connector(shape)
            case ProcessCallStep():
                return process_call(shape, self._bundle)
            case ProcessRouteStep():
                made = ProcessRoute(shape, self._around, self._bundle)
                self.added |= made.calls
                return made
            case FlowControlStep():
                return FlowControl(shape)
            case PlatformDecisionStep():
                return PlatformDecision(shape, self._around)
            case RouteStep():
                return Route(shape, self._around)
            case PlatformSetPropertiesStep():
                return PlatformSetProperties(shape, self._around)
            case _:
                return self._telling(shape)

    def _telling(self, shape: PlatformShape) -> Step:
        match shape:
            case PlatformMessageStep():
                made = CombinedPlatformMessage if shape.combine else PlatformMessage
                return made(shape, self._around)
            case NotifyStep():
                return Notify(shape, self._around)
            case PlatformExceptionStep():
                return PlatformException(shape, self._around)
            case _:
                return self._caching(shape)

    def _caching(self, shape: PlatformShape) -> Step:
        match shape:
            case AddToCacheStep():
                return AddToCache(shape, self._around)
            case RetrieveFromCacheStep():
                return retrieve(shape, self._around)
            case RemoveFromCacheStep():
                return RemoveFromCache(shape, self._around)
            case PlatformMapStep():
                return map_step(shape, self._around)
            case DataProcessStep():
                return DataProcess(shape, self._around)
            case BusinessRulesStep():
                return BusinessRules(shape, self._around)
            case CleanseStep():
                return Cleanse(shape, self._around)
            case _:
                raise Refused(f"shapes of the kind '{type(shape).__struct_config__.tag}' are not run")

    def _connector(self, shape: PlatformConnectorStep) -> Step:
        operation = self._operation(shape.connection, shape.operation)
        if operation is None:
            raise Refused(f"its connection '{shape.connection}' has no operation '{shape.operation}'")
        return call_platform_connector(shape, operation, self._around)

    def _operation(self, connection: str, operation: str) -> OperationSpec | None:
        found = self._bundle.connections.get(connection)
        spec = None if found is None else self._catalogue.get(found.connector)
        return None if spec is None else spec.operation(operation)
