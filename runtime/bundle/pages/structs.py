"""The struct of each kind of step: its docstring says what the step does."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from runtime.model.cleanse import CleanseStep
from runtime.model.platform_shapes import (
    AddToCacheStep,
    BusinessRulesStep,
    DataProcessStep,
    FlowControlStep,
    NotifyStep,
    ProcessCallStep,
    ProcessRouteStep,
    RemoveFromCacheStep,
    RetrieveFromCacheStep,
    RouteStep,
)
from runtime.model.shape import Shape
from runtime.model.shapes import (
    BranchStep,
    CombineStep,
    ConnectorStep,
    DecisionStep,
    ExceptionStep,
    MapStep,
    MessageStep,
    ProgressStep,
    ReturnDocumentsStep,
    ScriptStep,
    SetPropertiesStep,
    SplitStep,
    StopStep,
    TryCatchStep,
    WaitStep,
)

STRUCTS: Mapping[str, type[Shape]] = MappingProxyType(
    {
        "connector": ConnectorStep,
        "map": MapStep,
        "set properties": SetPropertiesStep,
        "message": MessageStep,
        "decision": DecisionStep,
        "branch": BranchStep,
        "try": TryCatchStep,
        "exception": ExceptionStep,
        "stop": StopStep,
        "return documents": ReturnDocumentsStep,
        "split": SplitStep,
        "combine": CombineStep,
        "data process": DataProcessStep,
        "notify": NotifyStep,
        "route": RouteStep,
        "business rules": BusinessRulesStep,
        "cleanse": CleanseStep,
        "process call": ProcessCallStep,
        "process route": ProcessRouteStep,
        "flow control": FlowControlStep,
        "add to cache": AddToCacheStep,
        "retrieve from cache": RetrieveFromCacheStep,
        "remove from cache": RemoveFromCacheStep,
        "wait": WaitStep,
        "progress": ProgressStep,
        "script": ScriptStep,
    }
)
