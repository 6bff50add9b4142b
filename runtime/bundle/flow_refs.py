"""Which process answers a call from outside: one of the bundle, or of another bundle that is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.keys import Keys, as_scalar, as_table
from runtime.bundle.nodes import Table
from runtime.model.flow_service import ProcessRef
from runtime.model.process import FlowListener
from runtime.model.web_service import WebListener

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Node, Scalar
    from runtime.model.process import FlowServiceType, Process

_ARTICLES: Mapping[FlowServiceType, str] = {
    "message action": "message actions",
    "data action": "data actions",
    "file resource": "files",
}


class Targets:
    """The processes that a service may name; None stands for a process with a mistake of its own."""

    def __init__(self, processes: Mapping[str, Process | None], findings: Findings) -> None:
        self._processes = processes
        self._findings = findings

    def read(self, node: Node | None, key: str, service: FlowServiceType) -> ProcessRef | None:
        """Read ``key: <process>`` or ``key: { process, bundle }``; what is wrong is among the findings."""
        if node is None:
            return None
        if not isinstance(node, Table):
            name = as_scalar(node, key, self._findings)
            return None if name is None or self.listener(name, service) is None else ProcessRef(name.text)
        table = as_table(node, key, self._findings)
        if table is None:
            return None
        keys = Keys(table, self._findings, f"'{key}'")
        name, bundle = keys.scalar("process", required=True), keys.text("bundle")
        keys.done()
        if name is None or (bundle is None and self.listener(name, service) is None):
            return None
        return ProcessRef(name.text, bundle)

    def listener(self, name: Scalar, service: FlowServiceType) -> Process | None:
        """Give the process of the bundle that has this name, if it listens for such calls."""
        if name.text not in self._processes:
            self._findings.unknown("unknown-reference", "process", name.text, self._processes, name.place)
            return None
        process = self._processes[name.text]
        if process is None:
            return None
        listener = process.listener
        if not isinstance(listener, FlowListener):
            message = f"the process '{process.name}' does not listen for Flow"
        elif listener.service != service:
            listens = _ARTICLES[listener.service]
            message = f"the process '{process.name}' listens for {listens}, not for {_ARTICLES[service]}"
        else:
            return process
        self._findings.add("not-a-listener", message, name.place, _cure(service))
        return None


def web_process(name: Scalar, processes: Mapping[str, Process | None], findings: Findings) -> Process | None:
    """Give the process of the bundle that has this name, if it listens for the web."""
    if name.text not in processes:
        findings.unknown("unknown-reference", "process", name.text, processes, name.place)
        return None
    process = processes[name.text]
    if process is not None and not isinstance(process.listener, WebListener):
        message = f"the process '{process.name}' does not listen for the web"
        findings.add("not-a-listener", message, name.place, "write 'start: { listen: web, input: …, output: … }' in it")
        return None
    return process


def _cure(service: FlowServiceType) -> str:
    more = "" if service == "message action" else f", service: {service}"
    return f"write 'start: {{ listen: flow{more} }}' in it"
