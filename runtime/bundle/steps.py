"""From the outline of a process to its graph.

What follows a step in its list is where its documents go on. An arm (of a decision, a branch, a try) goes on there
after its last step too, unless that step ends the path; an arm that is not written goes on there at once. So the steps
after a `try` belong to its try path: what fails in them is caught as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from runtime.bundle.boomi.steps import read_boomi
from runtime.bundle.keys import Keys
from runtime.bundle.outline import GO_TO
from runtime.bundle.step_at import At
from runtime.bundle.step_kinds import READERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime.bundle.findings import Findings
    from runtime.bundle.known import Known
    from runtime.bundle.nodes import Node
    from runtime.bundle.outline import Outline, Step
    from runtime.errors import Place
    from runtime.model.shapes import AnyShape


def build(
    outline: Outline, process: str, known: Known, findings: Findings
) -> tuple[str | None, tuple[AnyShape, ...] | None]:
    """Give the id of the first shape and all shapes, in the order in which they were written.

    There are none (None) when a step is not sound, or refers to something that is not.
    """
    builder = _Builder(outline.labels, process, known, findings)
    builder.path(outline.steps, None)
    return builder.beginning(outline.steps, None), tuple(builder.shapes) if builder.complete else None


class _Builder:
    def __init__(self, labels: dict[str, str], process: str, known: Known, findings: Findings) -> None:
        self.shapes: list[AnyShape] = []
        self.complete = True
        self._labels = labels
        self._process = process
        self._known = known
        self._findings = findings

    def path(self, steps: Sequence[Step], onward: str | None) -> None:
        """Build the shapes of a path; after its last step it goes on at the shape `onward`."""
        for number, step in enumerate(steps):
            following = self.beginning(steps[number + 1 :], onward)
            if step.kind == GO_TO:
                self._check_target(step)
                Keys(step.beside, self._findings, f"the step '{GO_TO}'").done()
                continue
            read = read_boomi if step.boomi else READERS[step.kind]
            shape = read(step, self._at(step, following))
            if shape is None:
                self.complete = False
            else:
                self.shapes.append(shape)
            for arm in step.arms.values():
                self.path(arm, following)

    def beginning(self, steps: Sequence[Step], onward: str | None) -> str | None:
        """Give the id of the shape with which a path begins."""
        if not steps:
            return onward
        first = steps[0]
        return self._labels.get(_text(first.value)) if first.kind == GO_TO else first.id

    def _at(self, step: Step, following: str | None) -> At:
        arms = {name: self.beginning(arm, following) for name, arm in step.arms.items()}
        return At(
            id=step.id,
            label=step.label,
            place=self._placed(step.place, step.id),
            known=self._known,
            findings=self._findings,
            to=following,
            arms=arms,
            canvas=step.canvas,
            notes=step.notes,
        )

    def _placed(self, place: Place, step: str) -> Place:
        return replace(place, process=self._process, step=step)

    def _check_target(self, step: Step) -> None:
        label = _text(step.value)
        if label not in self._labels:
            place = step.value.place if step.value is not None else step.place
            cure = f"give the step that it goes to 'label: {label}'"
            self._findings.unknown("unknown-reference", "label", label, self._labels, place, otherwise=cure)


def _text(node: Node | None) -> str:
    return getattr(node, "text", "")
