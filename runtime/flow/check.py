"""The validator of a describe answer, by the rules that engines are known or believed to have (wire protocol A.1.8).

Our own answer passes through it at deployment and must have no finding at all; the conformance suite judges others.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

Severity = Literal["refuses", "doubtful"]
Json = dict[str, Any]

CONTENT_TYPES = frozenset(
    {
        "ContentString",
        "ContentNumber",
        "ContentBoolean",
        "ContentDateTime",
        "ContentDate",
        "ContentObject",
        "ContentList",
        "ContentPassword",
        "ContentContent",
        "ContentEncrypted",
    }
)
_TYPED = frozenset({"ContentObject", "ContentList"})
_FLAGS = ("required", "isRequired")
_POSITIONS = ("ordinal", "order")


class Finding(Struct, frozen=True, kw_only=True):
    """A defect. An engine ``refuses`` the answer for it, or a reader may stumble over it (``doubtful``)."""

    severity: Severity
    pointer: str
    message: str


def check(status: int, content_type: str, body: bytes) -> tuple[Finding, ...]:
    """Check an answer to ``POST metadata``, as it came over HTTP; no finding means that every reader takes it."""
    if not 200 <= status < 300:  # noqa: PLR2004 - success
        return (_refuse("", f"the status is {status}"),)
    try:
        answer = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return (_refuse("", "the body is not JSON"),)
    if not isinstance(answer, dict):
        return (_refuse("", "the body is not an object"),)
    return tuple(_check_answer(answer, content_type))


def verdict(findings: tuple[Finding, ...]) -> Literal["accepts", "refuses"]:
    """Say what an engine does with the answer."""
    return "refuses" if any(finding.severity == "refuses" for finding in findings) else "accepts"


def _check_answer(answer: Json, content_type: str) -> Iterator[Finding]:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        yield _doubt("", "the content type is not application/json")
    if "providesLogic" not in answer:
        yield _doubt("/providesLogic", "the member is missing; names are lower camel case")
    install = answer.get("install")
    if not isinstance(install, dict):
        yield _refuse("/install", "there must be an object, even without types")
        install = {}
    types = _objects(install.get("typeElements"))
    known = frozenset(_name(each) for each in types)
    yield from _check_values(answer.get("configurationValues"), "/configurationValues", known)
    yield from _check_actions(_objects(answer.get("actions")), known)
    yield from _duplicates(types, "developerName", "/install/typeElements")
    for index, each in enumerate(types):
        yield from _check_type(each, f"/install/typeElements/{index}", known)
    if answer.get("providesDatabase") is True and not any(_objects(each.get("bindings")) for each in types):
        yield _doubt("/providesDatabase", "no type has a binding, so nothing can be loaded")


def _check_actions(actions: list[Json], known: frozenset[str]) -> Iterator[Finding]:
    yield from _duplicates(actions, "developerName", "/actions")
    yield from _duplicates(actions, "uriPart", "/actions")
    for index, action in enumerate(actions):
        for member in ("developerName", "uriPart"):
            if not action.get(member):
                yield _refuse(f"/actions/{index}/{member}", "an action needs it")
        for member in ("serviceInputs", "serviceOutputs"):
            yield from _check_values(action.get(member), f"/actions/{index}/{member}", known)


def _check_values(values: object, pointer: str, known: frozenset[str]) -> Iterator[Finding]:
    yield from _duplicates(_objects(values), "developerName", pointer)
    for index, value in enumerate(_objects(values)):
        here = f"{pointer}/{index}"
        yield from _check_content(value, here, known)
        for members, wanted in ((_FLAGS, bool), (_POSITIONS, int)):
            if not any(member in value for member in members):
                continue
            for member in members:
                if member not in value:
                    yield _doubt(f"{here}/{member}", "some readers know only this spelling")
                elif not isinstance(value[member], wanted) or isinstance(value[member], bool) != (wanted is bool):
                    yield _doubt(f"{here}/{member}", f"must be a JSON {'boolean' if wanted is bool else 'integer'}")


def _check_content(value: Json, pointer: str, known: frozenset[str]) -> Iterator[Finding]:
    if not _name(value):
        yield _refuse(f"{pointer}/developerName", "everything is matched by its name")
    content_type, type_name = _text(value, "contentType"), value.get("typeElementDeveloperName")
    if content_type not in CONTENT_TYPES:
        yield _refuse(f"{pointer}/contentType", "not a content type")
    if content_type in _TYPED and not type_name:
        yield _refuse(f"{pointer}/typeElementDeveloperName", "objects and lists need the name of their type")
    if type_name and not (isinstance(type_name, str) and (type_name in known or type_name.startswith("$"))):
        yield _refuse(f"{pointer}/typeElementDeveloperName", "neither installed nor a type of the engine")


def _check_type(each: Json, pointer: str, known: frozenset[str]) -> Iterator[Finding]:
    name, properties = _name(each), _objects(each.get("properties"))
    if not name:
        yield _refuse(f"{pointer}/developerName", "a type needs a name")
    if name.startswith("$"):
        yield _refuse(f"{pointer}/developerName", "types of the engine are not installed")
    if not properties:
        yield _refuse(f"{pointer}/properties", "a type needs a property")
    yield from _duplicates(properties, "developerName", f"{pointer}/properties")
    for index, value in enumerate(properties):
        yield from _check_content(value, f"{pointer}/properties/{index}", known)
    names = {_name(value) for value in properties}
    for index, binding in enumerate(_objects(each.get("bindings"))):
        for number, bound in enumerate(_objects(binding.get("propertyBindings"))):
            if _text(bound, "typeElementPropertyDeveloperName") not in names:
                here = f"{pointer}/bindings/{index}/propertyBindings/{number}"
                yield _refuse(here, "the type has no such property")


def _duplicates(values: list[Json], member: str, pointer: str) -> Iterator[Finding]:
    names = [value[member] for value in values if isinstance(value.get(member), str)]
    for name, count in Counter(names).items():
        if count > 1:
            yield _refuse(pointer, f"{member} '{name}' occurs {count} times")
    for folded, count in Counter(name.casefold() for name in set(names)).items():
        if count > 1:
            yield _doubt(pointer, f"{member} '{folded}' occurs in more than one case; some readers ignore it")


def _objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _name(value: Json) -> str:
    return _text(value, "developerName")


def _text(value: Json, member: str) -> str:
    text = value.get(member)
    return text if isinstance(text, str) else ""


def _refuse(pointer: str, message: str) -> Finding:
    return Finding(severity="refuses", pointer=pointer, message=message)


def _doubt(pointer: str, message: str) -> Finding:
    return Finding(severity="doubtful", pointer=pointer, message=message)
