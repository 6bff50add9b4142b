"""What a service describes, as an installer reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from runtime.bundle.findings import suggest
from runtime.flow.check import Finding, check, verdict
from runtime.model.flow_service import Culture
from runtime.testkit.player.failures import Misused, Refused
from runtime.testkit.player.http import post, shown
from runtime.testkit.player.wire import DescribeRequest, Form, problem_message, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.testkit.player.wire import EngineValue

CULTURE = Culture(language="EN", country="US")


class Described(Form, frozen=True, kw_only=True):
    """An input, an output, a configuration value or a property of a type."""

    developer_name: str
    content_type: str
    content_value: str | None = None
    type_element_developer_name: str | None = None
    required: bool = False
    is_required: bool = False

    @property
    def kind(self) -> str:
        """The content type as people say it: ``String``, ``List of Order lines``."""
        kind = self.content_type.removeprefix("Content")
        return f"{kind} of {self.type_element_developer_name}" if self.type_element_developer_name else kind


class Action(Form, frozen=True, kw_only=True):
    """A message action."""

    developer_name: str
    uri_part: str
    developer_summary: str | None = None
    service_inputs: list[Described] | None = None
    service_outputs: list[Described] | None = None

    @property
    def inputs(self) -> list[Described]:
        """Its inputs; none when the description leaves them out."""
        return self.service_inputs or []

    @property
    def outputs(self) -> list[Described]:
        """Its outputs; none when the description leaves them out."""
        return self.service_outputs or []


class Type(Form, frozen=True, kw_only=True):
    """A type that is installed with the service."""

    developer_name: str
    properties: tuple[Described, ...] = ()

    def property(self, name: str) -> Described | None:
        """Give the property of that name, or None."""
        return next((each for each in self.properties if each.developer_name == name), None)


class _Install(Form, frozen=True, kw_only=True):
    type_elements: tuple[Type, ...] = ()


class Description(Form, frozen=True, kw_only=True):
    """All that a service describes. `not_deployed` is what it lacks just now: no engine reads it, a person does."""

    configuration_values: list[Described] | None = None
    actions: list[Action] | None = None
    install: _Install = _Install()
    not_deployed: tuple[str, ...] = ()

    @property
    def configuration(self) -> list[Described]:
        """What a builder fills in."""
        return self.configuration_values or []

    @property
    def types(self) -> Mapping[str, Type]:
        """The types by name."""
        return {each.developer_name: each for each in self.install.type_elements}

    def action(self, name: str) -> Action:
        """Give the action of this name, in any case, or of this path.

        Raises:
            Misused: there is none; the hint is the nearest name.
        """
        actions = self.actions or []
        for spelling in (str, str.lower):
            for action in actions:
                paths = (action.uri_part, action.uri_part.removeprefix("actions/"))
                if spelling(name) in {spelling(known) for known in (action.developer_name, *paths)}:
                    return action
        hint = suggest(name, [action.developer_name for action in actions])
        raise Misused("player.unknown-action", f"the service has no action '{name}'", hint=hint)


def fetch(url: str, configuration: list[EngineValue]) -> tuple[Description, tuple[Finding, ...]]:
    """Ask the service at `url` for its description; give it with what a strict reader would find (wire protocol A.1.8).

    Raises:
        NoAnswer: nobody answers there.
        Refused: there is no description, or an engine would refuse it; the message names the first defect.
    """
    request = DescribeRequest(culture=CULTURE, uri=shown(url), configuration_values=configuration)
    reply = post(f"{url}/metadata", msgspec.json.encode(request), {})
    findings = check(reply.status, reply.content_type, reply.body)
    if verdict(findings) == "refuses" and not 200 <= reply.status < 300:  # noqa: PLR2004 - success
        reason = problem_message(reply.body) or f"the status is {reply.status}"
        raise Refused("player.no-description", f"no service is described at {shown(url)}: {reason}")
    try:
        return read(reply.body, Description), findings
    except Refused as error:
        if not findings:
            raise
        first = f"{findings[0].pointer or 'the answer'}: {findings[0].message}"
        raise Refused("player.bad-description", f"an engine would refuse the description: {first}") from error
