"""Elements of a document, by their key in a profile: the first occurrence, as a text (component XML, section 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runtime.engine.platform.refused import Refused
from runtime.engine.platform.xml_element import first_text
from runtime.expressions.json_values import decode
from runtime.expressions.text import text_of
from runtime.model.platform_profiles import JsonPath, JsonProfile, PlatformProfile, XmlProfile

Find = Callable[[bytes], "str | None"]


def compile_element(profile: PlatformProfile | None, key: int) -> Find:
    """Give a function that finds the element in a content; it gives None where there is none.

    Raises:
        Refused: the profile is not there, has no such element, or is of a kind that elements are not read of.
    """
    match profile:
        case None:
            raise Refused("its profile is not in the bundle")
        case JsonProfile():
            path = profile.path(key)
            if path is None:
                raise Refused(f"the profile '{profile.name}' has no element with the key {key}")
            return lambda content: _in_json(content, path)
        case XmlProfile():
            nodes = profile.path(key)
            if nodes is None:
                raise Refused(f"the profile '{profile.name}' has no element with the key {key}")
            return lambda content: first_text(content, nodes) if content else None
        case _:
            raise Refused(f"elements of '{profile.name}' cannot be read: only those of JSON and XML profiles can")


def _in_json(content: bytes, path: JsonPath) -> str | None:
    found = first_json(decode(content), path) if content else None
    return None if found is None or isinstance(found, dict | list) else text_of(found)


def first_json(value: object, path: Sequence[str | int | None]) -> object:
    """Give the first value at `path`, or None; None in the path stands for any item of a list."""
    if not path:
        return value
    here, below = path[0], path[1:]
    if isinstance(here, str):
        return first_json(value[here], below) if isinstance(value, dict) and here in value else None
    if not isinstance(value, list):
        return None
    if here is not None:
        return first_json(value[here], below) if here < len(value) else None
    return next((found for item in value if (found := first_json(item, below)) is not None), None)
