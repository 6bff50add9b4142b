"""The sub-steps of a Data Process step (reference 1.10): each takes the whole batch and gives another.

- contents changed: `SearchReplace`, `Base64Encode`, `Base64Decode`, `Recode`, `Zip`, `Gzip`, `Gunzip`, `Transform`
- one into many: `Unzip`, `SplitDocuments` (by a profile), `SplitXml`, `SplitLines`, `SplitGroups`
- many into one: `CombineDocuments` (by a profile), `CombineXml`, `CombineLines`
- `RunScript`
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


class Recode(SubStep, frozen=True, kw_only=True, tag="recode"):
    """Each document's text is written in another character encoding; what that cannot write fails the document."""

    source: str = "utf-8"
    target: str = "utf-8"


class Gzip(SubStep, frozen=True, kw_only=True, tag="gzip"):
    """Each document is compressed."""


class Gunzip(SubStep, frozen=True, kw_only=True, tag="gunzip"):
    """Each document is unfolded."""


class Transform(SubStep, frozen=True, kw_only=True, tag="transform"):
    """Each document goes through an XSLT 1.0 stylesheet; its properties are the stylesheet's parameters.

    `stylesheet` is the stylesheet itself, `file` where it was read from.
    """

    stylesheet: str
    file: str = ""


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


class SplitXml(SubStep, frozen=True, kw_only=True, tag="split xml"):
    """One document for each element at the path `element`, from the root's name on; what is around it stays."""

    element: tuple[str, ...]
    batch: int = 1


class SplitLines(SubStep, frozen=True, kw_only=True, tag="split lines"):
    """One document for each `batch` lines. `header`: the first line is one like the others, left out, or in each."""

    batch: int = 1
    header: Literal["none", "remove", "retain"] = "none"


class SplitGroups(SubStep, frozen=True, kw_only=True, tag="split groups"):
    """One document for each value that a column of delimited lines has, in the order in which they come.

    Equal values belong together wherever their lines stand (behaviour 33). `column` is a name of the first line, or a
    number from 1; `header`: the first line holds names, and stands in each document or in none.
    """

    column: str
    delimiter: str = ","
    header: Literal["none", "remove", "retain"] = "none"


class CombineDocuments(SubStep, frozen=True, kw_only=True, tag="combine documents"):
    """All documents of the batch into one. `bytes` puts them one after the other.

    `link` is the repeating element that each document brings, `into` the element of the first document that takes them
    all; None where the link's own parent does.
    """

    format: Literal["json", "xml", "bytes"]
    profile: str | None = None
    link: int | None = None
    into: int | None = None


class CombineXml(SubStep, frozen=True, kw_only=True, tag="combine xml"):
    """The roots of all documents, in a new root called `root`."""

    root: str


class CombineLines(SubStep, frozen=True, kw_only=True, tag="combine lines"):
    """The lines of all documents, each document ending with `separator`.

    `header`: first lines are lines like others, left out, or only that of the first document stays. `before` and
    `after` are texts of the step's own, with a separator after each.
    """

    header: Literal["none", "remove", "retain"] = "none"
    before: str = ""
    after: str = ""
    separator: str = "\n"


class RunScript(SubStep, frozen=True, kw_only=True, tag="run script"):
    """A script over the whole batch: what it stores goes on, in that order; its error fails all documents.

    `source` is the script itself, also where `component` says which component it was read from. `compiled_once`: the
    platform's useCache.
    """

    language: ScriptLanguage
    source: str
    component: str | None = None
    compiled_once: bool = True


DataStep = (
    SearchReplace
    | Base64Encode
    | Base64Decode
    | Recode
    | Gzip
    | Gunzip
    | Transform
    | Zip
    | Unzip
    | SplitDocuments
    | SplitXml
    | SplitLines
    | SplitGroups
    | CombineDocuments
    | CombineXml
    | CombineLines
    | RunScript
)
