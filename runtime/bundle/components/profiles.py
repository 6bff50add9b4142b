"""Profile components (component XML, section 4): JSON and XML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from runtime.bundle.components.fields import Fields, fields_in
from runtime.bundle.components.flat_profiles import read_database, read_flat_file
from runtime.bundle.components.profile_parts import occurs, only_child, read_format, read_tags
from runtime.model.platform_profiles import JsonNode, JsonProfile, PlatformProfile, XmlNode, XmlProfile

if TYPE_CHECKING:
    from runtime.bundle.components.envelope import Component
    from runtime.bundle.components.xml import Element
    from runtime.bundle.findings import Findings

_JSON_KINDS: Mapping[str, Literal["object", "entry", "array", "item"]] = MappingProxyType(
    {"JSONObject": "object", "JSONObjectEntry": "entry", "JSONArray": "array", "JSONArrayElement": "item"}
)
_LOOPING = {"unique": True, "occurrence": False}
_FIXED = {"repeating": False, "absolute": True}


def read_json(component: Component, fields: Fields) -> JsonProfile | None:
    """Read a JSON profile."""
    strict, tags = fields.flag("strict"), read_tags(fields)
    holder = only_child(fields, "DataElements")
    if holder is None:
        return None
    elements = Fields(holder, fields.notes)
    root = only_child(elements, "JSONRootValue")
    elements.done()
    if root is None:
        return None
    root_fields = Fields(root, fields.notes)
    unique = root_fields.word("rootLoopingOption", _LOOPING, default=False)
    return JsonProfile(
        id=component.id,
        name=component.name,
        root=_json_node(root_fields, "root"),
        strict=strict,
        unique=unique,
        tags=tags,
        place=component.place,
    )


def _json_node(fields: Fields, kind: Literal["root", "object", "entry", "array", "item"]) -> JsonNode:
    children = fields.children(*_JSON_KINDS)
    fixed = fields.word("elementType", _FIXED, default=False) if kind == "array" else False
    node = JsonNode(
        key=fields.key("key"),
        name=fields.text("name"),
        kind=kind,
        format=read_format(fields),
        fixed=fixed,
        most=occurs(fields, None) if kind == "item" else None,
        required=fields.flag("required"),
        nodes=tuple(_json_node(Fields(child, fields.notes), _JSON_KINDS[child.tag]) for child in children),
    )
    fields.done()
    return node


def read_xml(component: Component, fields: Fields) -> XmlProfile | None:
    """Read an XML profile."""
    strict, tags = fields.flag("strict"), read_tags(fields)
    encoding, least = _xml_properties(fields)
    namespaces = _namespaces(fields)
    holder = only_child(fields, "DataElements")
    if holder is None:
        return None
    elements = Fields(holder, fields.notes)
    root = only_child(elements, "XMLElement")
    elements.done()
    if root is None:
        return None
    uris = {key: uri for key, (uri, _) in namespaces.items()}
    return XmlProfile(
        id=component.id,
        name=component.name,
        root=_xml_node(Fields(root, fields.notes), uris),
        prefixes=dict(namespaces.values()),
        encoding=encoding,
        least=least,
        strict=strict,
        tags=tags,
        place=component.place,
    )


def _xml_properties(fields: Fields) -> tuple[str, bool]:
    """Give the encoding of documents, and whether elements that must stand are written without a value."""
    properties = fields_in(fields, "ProfileProperties")
    if properties is None:
        return "utf8", False
    options = fields_in(properties, "XMLOptions")
    general = properties.child("XMLGeneralInfo")
    properties.done()
    if general is not None:
        Fields(general, fields.notes).done()
    if options is None:
        return "utf8", False
    encoding = options.text("encoding", "utf8")
    least, always = options.flag("respectMinOccurs"), options.flag("respectMinOccursAlways")
    options.children("XMLFlavor")
    options.done()
    return encoding, least or always


def _namespaces(fields: Fields) -> dict[int, tuple[str, str]]:
    holder = fields_in(fields, "Namespaces")
    found: dict[int, tuple[str, str]] = {}
    if holder is None:
        return found
    for element in holder.children("XMLNamespace", "Namespace"):
        inner = Fields(element, fields.notes)
        key = inner.whole("key")
        uri = inner.text("name") if element.tag == "XMLNamespace" else inner.text("uri")
        prefix = inner.text("prefix")
        inner.done()
        if key > 0:
            found[key] = (uri, prefix)
    holder.done()
    return found


def _xml_node(fields: Fields, uris: Mapping[int, str]) -> XmlNode:
    element = fields.element
    children = fields.children("XMLElement", "XMLAttribute")
    fields.shown("isNode")
    kind = fields.text("typeKey") or None
    recursive = kind is not None and not fields.flag("typeExpanded", default=True)
    is_attribute = element.tag == "XMLAttribute" or element.attributes.get("isNode") == "false"
    space = fields.whole("useNamespace", -1)
    if space > 0 and space not in uris:
        fields.notes.wrong(element, f"the profile has no namespace with the key {space}")
    node = XmlNode(
        key=fields.key("key"),
        name=fields.required("name"),
        kind="attribute" if is_attribute else "element",
        namespace=uris.get(space),
        format=read_format(fields),
        least=fields.whole("minOccurs"),
        most=occurs(fields, 1),
        values=fields.flag("isMappable", default=True),
        unique=fields.word("loopingOption", _LOOPING, default=False),
        type=kind if recursive else None,
        nodes=tuple(_xml_node(Fields(child, fields.notes), uris) for child in children),
    )
    fields.done()
    return node


_READERS: Mapping[str, tuple[str, Callable[[Component, Fields], PlatformProfile | None]]] = MappingProxyType(
    {
        "profile.json": ("JSONProfile", read_json),
        "profile.xml": ("XMLProfile", read_xml),
        "profile.flatfile": ("FlatFileProfile", read_flat_file),
        "profile.db": ("DatabaseProfile", read_database),
    }
)
PROFILE_TYPES = frozenset(_READERS)


def read_profile(component: Component, findings: Findings) -> PlatformProfile | None:
    """Read a profile component; None when it has a mistake."""
    notes = component.notes(findings)
    tag, read = _READERS[component.type]
    if component.body.tag != tag:
        notes.wrong(component.body, f"a {component.type} component holds '{tag}', not '{component.body.tag}'")
        return None
    before = len(notes)
    fields = Fields(component.body, notes)
    profile = read(component, fields)
    fields.done()
    if profile is not None:
        _check_keys(component.body, component, findings)
    return profile if len(notes) == before else None


def _check_keys(body: Element, component: Component, findings: Findings) -> None:
    """Tell when two nodes have one key: whatever refers to it could mean either."""
    seen: set[str] = set()
    elements = body.child("DataElements")
    for element in elements.walk() if elements is not None else ():
        key = element.attributes.get("key")
        if key is None or element.tag == "XMLNSDeclaration":
            continue
        if key in seen:
            component.notes(findings).wrong(element, f"two elements have the key {key}")
        seen.add(key)
