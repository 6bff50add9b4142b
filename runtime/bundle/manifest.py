"""bundle.yaml: what the bundle is called, what it needs, what each machine gives to it, and its bounds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.caches import read_caches
from runtime.bundle.extensions import read_extensions
from runtime.bundle.keys import Keys, as_scalar, as_table
from runtime.errors import Place
from runtime.model.bundle import Extension, Limits
from runtime.model.document_cache import DocumentCache

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.nodes import Node
    from runtime.sdk.connector import Catalogue


VERSION_NEEDED = r"^[0-9]{1,9}(\.[0-9]{1,9}){0,2}$"
MOST_DOCUMENTS = MOST_STEPS = 1_000_000_000  # far beyond what the daemon allows: a bound for the reader of the number


class Manifest(Struct, frozen=True, kw_only=True):
    """The head of a bundle. `needs` gives a version to each connector, `redaction` paths of fields never in clear."""

    name: str
    version: str
    description: str | None = None
    needs: dict[str, str] = {}
    redaction: dict[str, Place] = {}
    extensions: dict[str, Extension | None] = {}
    limits: Limits = Limits()
    caches: dict[str, DocumentCache | None] = {}


def read_manifest(node: Node, catalogue: Catalogue, findings: Findings) -> Manifest | None:
    """Read bundle.yaml; None when it has no name or no version, which is then among the findings."""
    table = as_table(node, "bundle.yaml", findings)
    if table is None:
        return None
    keys = Keys(table, findings, "a bundle")
    name, version = keys.text("name", required=True), keys.text("version", required=True)
    description = keys.text("description")
    needs, redaction = _needs(keys, catalogue), _redaction(keys)
    extensions, limits = read_extensions(keys.table("extensions"), findings), _limits(keys)
    caches = read_caches(keys.table("caches"), findings)
    keys.done()
    if name is None or version is None:
        return None
    return Manifest(
        name=name,
        version=version,
        description=description,
        needs=needs,
        redaction=redaction,
        extensions=extensions,
        limits=limits,
        caches=caches,
    )


def _needs(keys: Keys, catalogue: Catalogue) -> dict[str, str]:
    needs: dict[str, str] = {}
    for key, node in keys.table("needs") or ():
        version = as_scalar(node, key.text, keys.findings)
        if version is None:
            continue
        needs[key.text] = version.text
        spec = catalogue.get(key.text)
        if _numbers(version.text) is None:
            hint = "write it as 1 or 1.2"
            keys.findings.add("wrong-type", f"'{version.text}' is not a version", version.place, hint)
        elif spec is None:
            keys.findings.unknown("unknown-connector", "connector", key.text, catalogue.connectors, key.place)
        elif not _suffices(spec.version, version.text):
            message = f"the connector '{spec.name}' is needed in version {version.text}; {spec.version} is installed"
            hint = f"install {version.text}, or write '{spec.name}: {spec.version}' once the bundle works with it"
            keys.findings.add("needs-version", message, version.place, hint)
    return needs


def _suffices(installed: str, needed: str) -> bool:
    """Whether a version will do: the same first number, and in the others not older."""
    have, want = _numbers(installed), _numbers(needed)
    return have is not None and want is not None and have[0] == want[0] and have >= want


def _numbers(version: str) -> tuple[int, ...] | None:
    return tuple(int(part) for part in version.split(".")) if re.fullmatch(VERSION_NEEDED, version) else None


def _limits(keys: Keys) -> Limits:
    table = keys.table("limits")
    if table is None:
        return Limits()
    inner = Keys(table, keys.findings, "the limits")
    documents = inner.whole("documents", least=1, most=MOST_DOCUMENTS)
    steps = inner.whole("steps", least=1, most=MOST_STEPS)
    deadline = inner.deadline("deadline")
    inner.done()
    return Limits(documents=documents, steps=steps, deadline=deadline)


def _redaction(keys: Keys) -> dict[str, Place]:
    paths = keys.items("redaction")
    read = (as_scalar(node, "redaction", keys.findings) for node in (paths.items if paths is not None else ()))
    return {path.text: path.place for path in read if path is not None}
