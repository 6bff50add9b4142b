"""Data types and file resources of a Flow service: what is loaded, saved, listed, and by which process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.findings import suggest
from runtime.bundle.keys import Keys, as_table
from runtime.bundle.known import find
from runtime.model.flow_service import DataType, FileResource, FilteredBy
from runtime.model.profile import SCALARS

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.bundle.flow_refs import Targets
    from runtime.bundle.known import Known
    from runtime.bundle.nodes import Node, Scalar
    from runtime.errors import Place
    from runtime.model.profile import Profile

VERBS = ("get", "query", "save", "delete")
FILE_TYPE = "$File"


def read_data_type(key: Scalar, node: Node, targets: Targets, known: Known, findings: Findings) -> DataType | None:
    """Read one data type, called `key`."""
    table = as_table(node, key.text, findings)
    if table is None:
        return None
    keys = Keys(table, findings, "a data type")
    name, summary, identifier = keys.scalar("profile", required=True), keys.text("summary"), keys.scalar("id")
    filtered_by: FilteredBy = keys.choice("filter", FilteredBy, "process")
    processes = {verb: targets.read(keys.node(verb), verb, "data action") for verb in VERBS}
    keys.done()
    if not any(keys.has(verb) for verb in VERBS):
        hint = "name a process for at least one of them"
        findings.add("missing-key", "a data type needs 'get', 'query', 'save' or 'delete'", table.place, hint)
    profile = find(name, "profile", known.profiles, findings)
    if name is None or profile is None:
        return None
    if key.text.startswith("$"):
        findings.add("name-taken", f"'{key.text}' is the name of a type of Flow's own", key.place, "leave the $ out")
    _check_entries(profile, identifier, name.place, findings)
    return DataType(
        name=key.text,
        profile=profile,
        summary=summary or profile.description,
        external_id=identifier.text if identifier is not None else None,
        filtered_by=filtered_by,
        get=processes["get"],
        query=processes["query"],
        save=processes["save"],
        delete=processes["delete"],
    )


def _check_entries(profile: Profile, identifier: Scalar | None, place: Place, findings: Findings) -> None:
    """Say what Flow cannot do with the profile: its types of data are flat, and have one identifier."""
    single = [entry.name for entry in profile.entries if entry.kind in SCALARS]
    nested = [entry.name for entry in profile.entries if entry.kind not in SCALARS]
    if not single:
        hint = "add a property of the type string, number or boolean"
        findings.add("profile", f"'{profile.name}' has no single values, and a type of Flow needs one", place, hint)
    elif nested:
        listed = ", ".join(f"'{name}'" for name in nested)
        findings.add("flat-type", f"types of data are flat: {listed} of '{profile.name}' are left out", place)
    if identifier is not None and identifier.text not in single:
        message = f"'{profile.name}' has no single value '{identifier.text}'"
        findings.add("unknown-element", message, identifier.place, suggest(identifier.text, single))


def read_file_resource(key: Scalar, node: Node, targets: Targets, findings: Findings) -> FileResource | None:
    """Read one file resource at the path `key`."""
    table = as_table(node, key.text, findings)
    if table is None:
        return None
    keys = Keys(table, findings, "a file resource")
    listing = targets.read(keys.node("list", required=True), "list", "file resource")
    upload = targets.read(keys.node("upload", required=True), "upload", "file resource")
    delete = targets.read(keys.node("delete"), "delete", "file resource")
    type_name = keys.text("type") or FILE_TYPE
    filtered_by: FilteredBy = keys.choice("filter", FilteredBy, "process")
    keys.done()
    if not type_name.startswith(FILE_TYPE):
        hint = f"'{FILE_TYPE}', or '{FILE_TYPE} RESPONSE - …' as it is called in the tenant"
        findings.add("unknown-value", f"'{type_name}' is no type of files", keys.place_of("type"), hint)
    path = f"/{key.text.strip('/')}"
    if path == "/":
        findings.add("missing-value", "a file resource has a path", key.place, "write /invoices, for example")
    if listing is None or upload is None:
        return None
    return FileResource(
        path=path, listing=listing, upload=upload, delete=delete, type_name=type_name, filtered_by=filtered_by
    )
