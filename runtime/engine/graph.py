"""A process as a picture: its steps and where their paths lead, in the notation of Mermaid."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runtime.engine.compile import CompiledProcess
from runtime.engine.step import CallStep, Step
from runtime.engine.steps.divide import Divide
from runtime.engine.steps.fork import TryCatch
from runtime.model.shapes import AnyShape


def picture(process: CompiledProcess) -> str:
    """Give the text of a Mermaid flowchart; https://mermaid.js.org/syntax/flowchart.html."""
    return "\n".join(("flowchart TD", *_lines(process), ""))


def _lines(process: CompiledProcess) -> Iterator[str]:
    numbers = {identity: f"s{number}" for number, identity in enumerate(process.steps, 1)}
    kinds = {shape.id: _kind(shape) for shape in process.process.shapes}
    yield f'    start(["{_quoted(process.process.name)}"])'
    if process.start is not None:
        yield f"    start --> {numbers[process.start]}"
    for identity, step in process.steps.items():
        opened, closed = (
            ("{", "}") if isinstance(step, Divide) else ("[[", "]]") if isinstance(step, CallStep) else "[]"
        )
        yield f'    {numbers[identity]}{opened}"{_quoted(_name(step, kinds.get(identity, "")))}"{closed}'
        for label, target in zip(_labels(step), step.targets, strict=True):
            if target is not None:
                yield f"    {numbers[identity]} -->{label} {numbers[target]}"


def _name(step: Step, kind: str) -> str:
    """Give a label as its author wrote it, or else what the step is."""
    return step.name if step.name != step.id else f"{kind} {step.id}"


def _kind(shape: AnyShape) -> str:
    """Give the words of a kind of shape: ``SetPropertiesStep`` is ``set properties``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(shape).__name__.removesuffix("Step")).lower()


def _labels(step: Step) -> list[str]:
    """Give a label for each path of a step; a step with one path has none."""
    if isinstance(step, TryCatch):
        return ["|try|", "|catch|"]
    if len(step.targets) == 1:
        return [""]
    return [f"|{number}|" for number, _ in enumerate(step.targets, 1)]


def _quoted(text: str) -> str:
    """Give a text as it may stand between quotes: Mermaid reads ``#quot;`` there, and line ends as they are."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("\n", " ")
