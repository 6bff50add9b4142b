"""Telling what was done: to the log, and to the history."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
import trio
from msgspec.structs import replace

from runtime.clock import Clock
from runtime.deploy.candidates import Candidate
from runtime.deploy.decide import Action, Deploy, Move, Plan, Remove
from runtime.deploy.history import MOST_REASONS, ROLLED_BACK, Event, History
from runtime.engine.deployment import Prepared
from runtime.errors import Problem

_log = structlog.get_logger("nuclide.deploy")

DIGEST_SHOWN = 12  # characters: enough to tell versions apart
PROBLEMS_LOGGED = 20  # of one refusal; the status has them all


class Telling:
    """Tells each thing once. `who` owns the sources, by name."""

    def __init__(self, history: History, clock: Clock) -> None:
        self.who: dict[str, str | None] = {}
        self._history = history
        self._clock = clock
        self._told: dict[str, tuple[str | None, tuple[Problem, ...]]] = {}

    def refused(self, plan: Plan, candidates: Mapping[str, Candidate], still: Mapping[str, object]) -> bool:
        """Tell the refusals, each once until its files or its reasons change; say whether there was a new one."""
        self._told = {source: told for source, told in self._told.items() if source in still}
        new = False
        for source, problems in sorted(plan.refused.items()):
            candidate = candidates[source]
            told = candidate.digest, problems
            if self._told.get(source) == told:
                continue
            self._told[source] = told
            lines = [line_of(problem) for problem in problems[:PROBLEMS_LOGGED]]
            _log.error("bundle refused", source=source, count=len(problems), problems=lines)
            bundle = None if candidate.prepared is None else candidate.prepared.bundle
            if any(problem.code == ROLLED_BACK for problem in problems):
                continue  # the history has it as what it is
            self._history.add(
                Event(
                    at=self._clock.now(),
                    what="refused",
                    source=source,
                    bundle=None if bundle is None else bundle.name,
                    version=None if bundle is None else bundle.version,
                    digest=candidate.digest,
                    who=self.who.get(source),
                    reasons=tuple(lines[:MOST_REASONS]),
                )
            )
            new = True
        return new

    def done(self, actions: tuple[Action, ...], prepared: Mapping[str, Prepared], begun: float) -> None:
        """Tell what was done, and how long it took."""
        seconds = round(trio.current_time() - begun, 3)
        for action in actions:
            held = action.held
            shown = {"bundle": action.bundle, "source": held.source, "digest": held.digest[:DIGEST_SHOWN]}
            event = Event(
                at=self._clock.now(),
                what="deployed",
                source=held.source,
                bundle=action.bundle,
                digest=held.digest,
                who=self.who.get(held.source),
            )
            match action:
                case Deploy():
                    self._deployed(action, prepared[held.digest], event, shown, seconds)
                case Move():
                    _log.info("bundle moved", **shown)
                case Remove():
                    _log.info("bundle removed", **shown)
                    self._history.add(replace(event, what="removed"))

    def _deployed(
        self, action: Deploy, prepared: Prepared, event: Event, shown: Mapping[str, str], seconds: float
    ) -> None:
        version = prepared.bundle.version
        replaces = None if action.replaces is None else action.replaces[:DIGEST_SHOWN]
        _log.info("bundle deployed", **shown, version=version, replaces=replaces, seconds=seconds)
        _warn(prepared, shown)
        pin = self._history.pins.get(action.bundle)
        if pin is not None and pin.digest == action.held.digest:
            event = replace(event, what="rolled back", reasons=(pin.reason,))
        self._history.add(replace(event, version=version, replaces=action.replaces))


def line_of(problem: Problem) -> str:
    """Give a finding on one line, without the text of the file: that may hold a secret."""
    where = f"{problem.place}: " if str(problem.place) else ""
    cure = f" ({problem.hint})" if problem.hint else ""
    return f"{where}{problem.message} [{problem.code}]{cure}"


def tell_missing(before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]) -> None:
    """Log what services name of other bundles and is not deployed, each time that it changes."""
    for service, missing in sorted(after.items()):
        if before.get(service) != missing:
            _log.warning("a service names processes that are not deployed", service=service, missing=missing)


def _warn(prepared: Prepared, shown: Mapping[str, str]) -> None:
    """Log what is doubtful in a version that is live all the same."""
    warnings = (*prepared.bundle.warnings, *prepared.warnings)
    if warnings:
        lines = [line_of(problem) for problem in warnings[:PROBLEMS_LOGGED]]
        _log.warning("bundle has warnings", **shown, count=len(warnings), problems=lines)
