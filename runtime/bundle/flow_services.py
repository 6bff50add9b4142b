"""flow-services/*.yaml: what a Flow builder installs.

external name: greeting
configuration:
region: { type: string, required: true }
apiKey: password
actions:
Greet: Greet                                             # the process that answers
Price Order: { process: Price order, path: price-order, summary: Prices the lines of an order }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.keys import Keys, as_table
from runtime.bundle.nodes import Scalar, Table
from runtime.model.flow_service import ConfigurationKind, ConfigurationValue, FlowService, MessageAction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.findings import Findings
    from runtime.bundle.known import Known
    from runtime.bundle.nodes import Node
    from runtime.errors import Place
    from runtime.model.process import Process


class ServiceReader:
    """Reads Flow services, given the processes by name; None stands for a process with a mistake of its own."""

    def __init__(self, processes: Mapping[str, Process | None], known: Known, findings: Findings) -> None:
        self._processes = processes
        self._known = known
        self._findings = findings
        self._names: dict[str, Place] = {}

    def read(self, node: Node) -> FlowService | None:
        """Read one service; None when it has no name, which is then among the findings."""
        table = as_table(node, "a Flow service", self._findings)
        if table is None:
            return None
        keys = Keys(table, self._findings, "a Flow service")
        name, description = self._external_name(keys), keys.text("description")
        configuration, actions = keys.table("configuration"), keys.table("actions")
        keys.done()
        if name is None:
            return None
        return FlowService(
            external_name=name,
            description=description,
            configuration=self._configuration(configuration) if configuration is not None else (),
            actions=self._actions(actions) if actions is not None else (),
            place=table.place,
        )

    def _external_name(self, keys: Keys) -> str | None:
        name = keys.text("external name", required=True)
        if name is None:
            return None
        place = keys.place_of("external name")
        if any(character in name for character in "/?#%\\") or name != name.strip():
            hint = "it is one part of an address: /fs/<external name>"
            self._findings.add("wrong-type", f"'{name}' cannot be an external name", place, hint)
        taken = self._names.setdefault(name.lower(), place)
        if taken is not place:
            message = f"the external name '{name}' is already used in {taken.file}:{taken.line}"
            self._findings.add("name-taken", message, place, "give each service a name of its own")
        return name

    def _configuration(self, table: Table) -> tuple[ConfigurationValue, ...]:
        read = (self._value(key, node) for key, node in table)
        return tuple(value for value in read if value is not None)

    def _value(self, key: Scalar, node: Node) -> ConfigurationValue | None:
        if isinstance(node, Scalar):
            node = Table(entries=((Scalar(text="type", place=node.place), node),), place=node.place)
        table = as_table(node, key.text, self._findings)
        if table is None:
            return None
        keys = Keys(table, self._findings, "a configuration value")
        kind = _kind(keys)
        required, default = keys.flag("required"), keys.text("default")
        keys.done()
        if default is not None and kind == "password":
            place = keys.place_of("default")
            hint = "whoever installs the service fills it in"
            self._findings.add("secret", "a password has no default", place, hint)
            return None
        return ConfigurationValue(name=key.text, kind=kind, required=required, default=default)

    def _actions(self, table: Table) -> tuple[MessageAction, ...]:
        taken: dict[str, str] = {}
        actions: list[MessageAction] = []
        for key, node in table:
            action = self._action(key, node)
            if action is None:
                continue
            first = taken.setdefault(action.path.lower(), action.name)
            if first != action.name:
                message = f"the path '{action.path}' already leads to the action '{first}'"
                self._findings.add("path-taken", message, key.place, "give one of them another path")
            actions.append(action)
        return tuple(actions)

    def _action(self, key: Scalar, node: Node) -> MessageAction | None:
        if isinstance(node, Scalar):
            node = Table(entries=((Scalar(text="process", place=node.place), node),), place=node.place)
        table = as_table(node, key.text, self._findings)
        if table is None:
            return None
        keys = Keys(table, self._findings, "an action")
        name, path = keys.scalar("process", required=True), keys.text("path")
        summary = keys.text("summary")
        keys.done()
        process = self._listener(name) if name is not None else None
        if process is None or process.listener is None:
            return None
        profiles, listener = self._known.profiles, process.listener
        return MessageAction(
            name=key.text,
            path=(path or key.text).strip("/"),
            process=process.name,
            summary=summary or process.description,
            request_profile=profiles.get(listener.request_profile or ""),
            response_profile=profiles.get(listener.response_profile or ""),
            sync_timeout=listener.sync_timeout,
        )

    def _listener(self, name: Scalar) -> Process | None:
        if name.text not in self._processes:
            self._findings.unknown("unknown-reference", "process", name.text, self._processes, name.place)
            return None
        process = self._processes[name.text]
        if process is not None and process.listener is None:
            message = f"the process '{process.name}' does not listen for Flow"
            self._findings.add("not-a-listener", message, name.place, "write 'start: { listen: flow }' in it")
            return None
        return process


def _kind(keys: Keys) -> ConfigurationKind:
    return keys.choice("type", ConfigurationKind, "string")
