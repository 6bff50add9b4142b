"""The envelope of a component: which one it is, and the one element that says what it does (section 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.bundle.components.fields import Fields, content_of, fields_in
from runtime.bundle.components.notes import Notes
from runtime.bundle.components.xml import Element, XmlError, parse
from runtime.errors import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime.bundle.findings import Findings

_EDITED = "exports are used as they are: export it again"


class Component(Struct, frozen=True, kw_only=True):
    """One component as exported. `body` is the element in its ``object``, `secrets` the paths of encrypted values.

    A file that was never on the platform may have no id: nothing can refer to it, and it stands for itself.
    """

    file: str
    id: str
    type: str
    name: str
    element: Element
    body: Element
    sub_type: str = ""
    version: int | None = None
    folder: str = ""
    description: str = ""
    secrets: tuple[str, ...] = ()
    overrides: Element | None = None

    @property
    def place(self) -> Place:
        """Give where the component begins."""
        return Place(file=self.file, line=self.element.line)

    def notes(self, findings: Findings) -> Notes:
        """Give the notes of this component."""
        return Notes(findings, self.file, f"{self.type} '{self.name}'")


def read_envelopes(files: Mapping[str, bytes], findings: Findings) -> dict[str, Component]:
    """Read every file as a component; give them by id. What is deleted, or no component, is among the findings."""
    components: dict[str, Component] = {}
    for file in sorted(files):
        component = _read_file(file, files[file], findings)
        if component is None:
            continue
        first = components.setdefault(component.id, component)
        if first is not component:
            notes = component.notes(findings)
            notes.wrong(component.element, f"'{first.file}' is the same component", "keep one version of it")
    return components


def _read_file(file: str, content: bytes, findings: Findings) -> Component | None:
    notes = Notes(findings, file, file)
    try:
        root = parse(content)
    except XmlError as error:
        findings.add("component-xml", f"{file}: {error.message}", Place(file=file, line=error.line), _EDITED)
        return None
    if root.tag != "Component":
        notes.wrong(root, f"a component begins with 'Component', not '{root.tag}'", _EDITED)
        return None
    return _read_component(file, root, notes)


def _read_component(file: str, root: Element, notes: Notes) -> Component | None:
    fields = Fields(root, notes)
    name = fields.text("name") or file
    kind, identity = fields.required("type"), fields.text("componentId")
    notes = notes.within(name)
    version, folder = fields.whole("version"), fields.text("folderFullPath")
    deleted, current = fields.flag("deleted"), fields.flag("currentVersion", default=True)
    sub_type = fields.text("subType")
    secrets = _secrets(fields)
    description = content_of(fields, "description").strip()
    holder, overrides = fields_in(fields, "object"), fields.child("processOverrides")
    fields.done()
    if deleted or not current:
        word = "deleted" if deleted else "not the current version"
        notes.differs(root, f"the component is {word} and is left out", "remove the file")
        return None
    bodies = holder.children(*(child.tag for child in holder.element.children)) if holder is not None else ()
    if holder is not None:
        holder.done()
    if len(bodies) != 1:
        notes.wrong(root, "a component has one 'object' with one element in it", _EDITED)
        return None
    return Component(
        file=file,
        id=identity or f"file:{file}",
        type=kind,
        name=name,
        element=root,
        body=bodies[0],
        sub_type=sub_type,
        version=version or None,
        folder=folder,
        description=description,
        secrets=secrets,
        overrides=overrides,
    )


def _secrets(fields: Fields) -> tuple[str, ...]:
    holder = fields.child("encryptedValues")
    if holder is None:
        return ()
    values = Fields(holder, fields.notes)
    paths = []
    for element in values.children("encryptedValue"):
        value = Fields(element, fields.notes)
        path, written = value.required("path"), value.flag("isSet")
        value.done()
        if written:
            paths.append(path)
    values.done()
    return tuple(paths)
