"""flow-services/*.yaml: what a Flow builder installs.

external name: greeting
configuration:
region: { type: string, required: true }
apiKey: password
actions:
Greet: Greet                                             # the process that answers
Price Order: { process: Price order, path: price-order, summary: Prices the lines of an order }
Charge: { process: Charge, bundle: payments }            # a process of another bundle that is deployed
data types:
Contact: { profile: contact, id: Id, get: Get contact, query: List contacts, save: Save contact, filter: runtime }
file resources:
/invoices: { list: List invoices, upload: Keep invoice }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.flow_data import read_data_type, read_file_resource
from runtime.bundle.flow_refs import Targets
from runtime.bundle.keys import Keys, as_table
from runtime.bundle.nodes import Scalar, Table
from runtime.model.flow_service import (
    ConfigurationKind,
    ConfigurationValue,
    DataType,
    FileResource,
    FlowService,
    MessageAction,
)
from runtime.model.process import FlowListener

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
        self._targets = Targets(processes, findings)
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
        types, resources = keys.table("data types"), keys.table("file resources")
        keys.done()
        if name is None:
            return None
        return FlowService(
            external_name=name,
            description=description,
            configuration=self._configuration(configuration) if configuration is not None else (),
            actions=self._actions(actions) if actions is not None else (),
            data_types=self._data_types(types) if types is not None else (),
            file_resources=self._file_resources(resources) if resources is not None else (),
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
        name, path, bundle = keys.scalar("process", required=True), keys.text("path"), keys.text("bundle")
        summary = keys.text("summary")
        keys.done()
        if name is None:
            return None
        if bundle is not None:
            path = (path or key.text).strip("/")
            return MessageAction(name=key.text, path=path, process=name.text, bundle=bundle, summary=summary)
        process = self._targets.listener(name, "message action")
        if process is None or not isinstance(process.listener, FlowListener):
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

    def _data_types(self, table: Table) -> tuple[DataType, ...]:
        read = (read_data_type(key, node, self._targets, self._known, self._findings) for key, node in table)
        return tuple(data_type for data_type in read if data_type is not None)

    def _file_resources(self, table: Table) -> tuple[FileResource, ...]:
        taken: dict[str, str] = {}
        resources: list[FileResource] = []
        for key, node in table:
            resource = read_file_resource(key, node, self._targets, self._findings)
            if resource is None:
                continue
            if taken.setdefault(resource.path, key.text) != key.text:
                message = f"the path '{resource.path}' is written twice"
                self._findings.add("path-taken", message, key.place, "keep one of them")
            resources.append(resource)
        return tuple(resources)


def _kind(keys: Keys) -> ConfigurationKind:
    return keys.choice("type", ConfigurationKind, "string")
