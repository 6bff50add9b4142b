"""The sub-steps of a Data Process step (reference 1.10): each takes the whole batch and gives another.

`SearchReplace`, `Base64Encode`, `Base64Decode`, `Zip`, `Unzip`, `SplitDocuments`, `CombineDocuments`, `RunScript`.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

ScriptLanguage = Literal["groovy", "groovy2", "javascript"]


class SubStep(Struct, frozen=True, kw_only=True, tag_field="data"):
    """What all sub-steps have: the name that people gave it."""

    name: str = ""


class SearchReplace(SubStep, frozen=True, kw_only=True, tag="search and replace"):
    """Replaces what matches a Java pattern in each document.

    `scope`: the whole document, line by line, or a window of `window` characters.
    """

    pattern: str
    replacement: str = ""
    scope: Literal["document", "line", "window"] = "window"
    window: int = 1024


class Base64Encode(SubStep, frozen=True, kw_only=True, tag="base64 encode"):
    """Each document's content becomes its Base64 text."""


class Base64Decode(SubStep, frozen=True, kw_only=True, tag="base64 decode"):
    """Each document's Base64 text becomes its bytes."""


class Zip(SubStep, frozen=True, kw_only=True, tag="zip"):
    """Each document becomes an archive with one entry."""


class Unzip(SubStep, frozen=True, kw_only=True, tag="unzip"):
    """Each archive becomes one document for each entry."""


class SplitDocuments(SubStep, frozen=True, kw_only=True, tag="split documents"):
    """One document for each occurrence of the element `link` of the profile; what is around it stays (behaviour 30).

    A document without the element gives none. `batch`: occurrences in a document.
    """

    format: Literal["json", "xml"]
    profile: str
    link: int
    batch: int = 1


class CombineDocuments(SubStep, frozen=True, kw_only=True, tag="combine documents"):
    """All documents of the batch into one. `bytes` puts them one after the other.

    `link` is the repeating element that each document brings, `into` the element of the first document that takes them
    all; None where the link's own parent does.
    """

    format: Literal["json", "xml", "bytes"]
    profile: str | None = None
    link: int | None = None
    into: int | None = None


class RunScript(SubStep, frozen=True, kw_only=True, tag="run script"):
    """A script over the whole batch: what it stores goes on, in that order; its error fails all documents.

    `source` is the script itself, also where `component` says which component it was read from. `compiled_once`: the
    platform's useCache.
    """

    language: ScriptLanguage
    source: str
    component: str | None = None
    compiled_once: bool = True


DataStep = SearchReplace | Base64Encode | Base64Decode | Zip | Unzip | SplitDocuments | CombineDocuments | RunScript
