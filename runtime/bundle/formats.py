"""profiles/*.yaml: documents that are no JSON: XML, lines between delimiters or at positions, rows of a database.

format: delimited               # delimited, positional, xml, database
delimiter: ";"
headers: true
records:
order: { id: text required 1..10, total: number 0.00, day: date dd.MM.yyyy }

What an element is stands in one line: its type (text, number, date, boolean), ``required``, how many characters it may
have (``1..10``), and last the mask of a number or date. At positions its width comes first: ``10 text``. What has a
``#`` in it stands in quotes, or YAML takes it for a comment: ``"number #,##0.00"``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from runtime.bundle.findings import suggest
from runtime.bundle.keys import Keys, as_scalar, as_table
from runtime.bundle.nodes import Node, Scalar, Table
from runtime.model.date_mask import mask_mistake
from runtime.model.platform_profiles import (
    DatabaseColumn,
    DatabaseProfile,
    DatabaseStatement,
    DataKind,
    FlatColumn,
    FlatFileProfile,
    FlatRecord,
    Format,
    PlatformProfile,
    XmlNode,
    XmlProfile,
)
from runtime.model.spelled import OWN_TEXT

if TYPE_CHECKING:
    from runtime.bundle.findings import Findings
    from runtime.errors import Place

FormatName = Literal["delimited", "positional", "xml", "database"]
MAX_DEPTH = 32  # elements within elements, as profiles of JSON

KINDS: Mapping[str, DataKind] = MappingProxyType(
    {"text": "character", "number": "number", "date": "datetime", "boolean": "boolean"}
)
# type, required, justification, characters, mask; a width in front where positions count
ELEMENT = (
    r"(?:(?P<width>[0-9]{1,5}) )?(?P<kind>text|number|date|boolean)(?P<required> required)?(?: (?P<side>left|right))?"
    r"(?: (?P<shortest>[0-9]{0,6})\.\.(?P<longest>[0-9]{0,6}))?(?: (?P<mask>.+))?"
)
_ELEMENT = re.compile(ELEMENT)
_NAME = re.compile(r"[^.\[\]\s@{}'\"]+")


class _Said(Struct, frozen=True):
    format: Format
    required: bool
    width: int
    side: Literal["left", "right"]


def read_format(name: str, node: Node, findings: Findings) -> PlatformProfile | None:
    """Read one profile; its name is the file's, without the ending."""
    table = as_table(node, "a profile", findings)
    if table is None:
        return None
    keys = Keys(table, findings, "a profile")
    keys.text("description")
    keys.node("format", required=True)
    before = len(findings)
    kind: FormatName | Literal["none"] = keys.choice("format", FormatName, "none")
    reader = _Reader(name, keys, findings)
    profile = reader.READ[kind](reader) if kind in reader.READ else None
    if kind != "none":
        keys.done()
    return profile if len(findings) == before else None


class _Reader:
    def __init__(self, name: str, keys: Keys, findings: Findings) -> None:
        self._name = name
        self._keys = keys
        self._findings = findings
        self._numbers = count(1)

    def _key(self) -> int:
        return next(self._numbers)

    # --- lines ---

    def delimited(self) -> FlatFileProfile:
        delimiter, quote = self._keys.literal("delimiter"), self._keys.literal("quote")
        for mark, of in ((delimiter, "delimiter"), (quote, "quote")):
            if mark is not None and (
                not mark or (of == "quote" and len(mark) > 1) or any(one in mark for one in "\r\n")
            ):
                self._wrong(f"the {of} is no such mark", self._keys.place_of(of), "write one character, such as ';'")
        return FlatFileProfile(
            id=self._name,
            name=self._name,
            delimiter=delimiter or ",",
            quote='"' if quote is None else quote,
            headers=self._keys.flag("headers"),
            records=self._records(positions=False),
            place=self._keys.place,
        )

    def positional(self) -> FlatFileProfile:
        pad = self._keys.literal("fill")
        if pad is not None and len(pad) != 1:
            self._wrong("what fills up is one character", self._keys.place_of("fill"), 'write fill: "0"')
        return FlatFileProfile(
            id=self._name,
            name=self._name,
            delimiter=None,
            pad=pad or "",
            headers=self._keys.flag("headers"),
            line_ends=self._keys.flag("line ends", default=True),
            records=self._records(positions=True),
            place=self._keys.place,
        )

    def _records(self, *, positions: bool) -> tuple[FlatRecord, ...]:
        table = self._keys.table("records", required=True)
        told = self._told(self._keys.table("told by"))
        records = tuple(
            record
            for name, node in table or ()
            if (record := self._record(name, node, told, positions=positions)) is not None
        )
        known = {record.name for record in records}
        for name, (_, place) in told.items():
            if name not in known:
                self._findings.add("unknown-reference", f"there are no records '{name}'", place.place)
        return records

    def _told(self, table: Table | None) -> dict[str, tuple[tuple[str, str], Scalar]]:
        """Read ``told by: {record: column=value}``."""
        found: dict[str, tuple[tuple[str, str], Scalar]] = {}
        for name, node in table or ():
            scalar = as_scalar(node, name.text, self._findings)
            if scalar is None:
                continue
            column, equals, value = scalar.text.partition("=")
            if not equals:
                self._wrong("records are told by a column and its value", scalar.place, f"write '{name.text}: type=H'")
                continue
            found[name.text] = ((column.strip(), value.strip()), name)
        return found

    def _record(
        self, name: Scalar, node: Node, told: Mapping[str, tuple[tuple[str, str], Scalar]], *, positions: bool
    ) -> FlatRecord | None:
        table = as_table(node, name.text, self._findings)
        if table is None or not self._is_name(name):
            return None
        key, identity = self._key(), told.get(name.text, (("", ""), name))[0]
        columns: list[FlatColumn] = []
        start = 0
        for column, value in table:
            said = self._said(column, value, positions=positions)
            if said is None:
                continue
            columns.append(
                FlatColumn(
                    key=self._key(),
                    name=column.text,
                    format=said.format,
                    start=start,
                    length=said.width,
                    justify=said.side,
                    mandatory=said.required,
                    identity=identity[1] if column.text == identity[0] else None,
                )
            )
            start += said.width
        if name.text in told and all(column.identity is None for column in columns):
            message = f"the records '{name.text}' have no column '{identity[0]}'"
            hint = suggest(identity[0], [column.name for column in columns])
            self._findings.add("unknown-element", message, told[name.text][1].place, hint)
        detect: Literal["uniquevalues", "numberofcolumns"] = "uniquevalues" if name.text in told else "numberofcolumns"
        return FlatRecord(key=key, name=name.text, columns=tuple(columns), detect=detect)

    # --- rows of a database ---

    def database(self) -> DatabaseProfile:
        table = self._keys.table("rows", required=True)
        statements = tuple(
            statement for name, node in table or () if (statement := self._statement(name, node)) is not None
        )
        return DatabaseProfile(
            id=self._name, name=self._name, writes=False, statements=statements, place=self._keys.place
        )

    def _statement(self, name: Scalar, node: Node) -> DatabaseStatement | None:
        table = as_table(node, name.text, self._findings)
        if table is None or not self._is_name(name):
            return None
        key = self._key()
        columns = tuple(
            DatabaseColumn(key=self._key(), name=column.text, format=said.format, mandatory=said.required)
            for column, value in table
            if (said := self._said(column, value, positions=False)) is not None
        )
        return DatabaseStatement(key=key, name=name.text, kind="select", columns=columns)

    # --- XML ---

    def xml(self) -> XmlProfile | None:
        spaces = {name.text: node for name, node in self._keys.table("namespaces") or ()}
        uris = {
            prefix: scalar.text for prefix, node in spaces.items()
            if (scalar := as_scalar(node, prefix, self._findings)) is not None
        }  # fmt: skip
        table = self._keys.table("elements", required=True)
        entries = list(table or ())
        if table is not None and len(entries) != 1:
            self._wrong("a document has one root", table.place, "write the root, and below it what is in it")
        if len(entries) != 1:
            return None
        root = self._element(*entries[0], uris, depth=0)
        prefixes = {uri: prefix for prefix, uri in uris.items()}
        if root is None:
            return None
        return XmlProfile(id=self._name, name=self._name, root=root, prefixes=prefixes, place=self._keys.place)

    def _element(self, name: Scalar, node: Node, uris: Mapping[str, str], *, depth: int) -> XmlNode | None:
        written = name.text
        is_attribute, repeats = written.startswith("@"), written.endswith("[]")
        bare = Scalar(text=written.removeprefix("@").removesuffix("[]"), place=name.place)
        prefix, colon, local = bare.text.rpartition(":")
        if not self._is_name(bare):
            return None
        if colon and prefix not in uris:
            hint = suggest(prefix, uris) or "add it to 'namespaces'"
            self._findings.add("unknown-reference", f"there is no namespace '{prefix}'", name.place, hint)
            return None
        if depth > MAX_DEPTH:
            self._wrong(f"elements nest deeper than {MAX_DEPTH} levels", name.place)
            return None
        key = self._key()
        said, nodes = self._inner(name, node, uris, depth=depth)
        if said is None:
            return None
        return XmlNode(
            key=key,
            name=local,
            kind="attribute" if is_attribute else "element",
            namespace=uris.get(prefix),
            format=said.format,
            least=int(said.required),
            most=None if repeats else 1,
            nodes=nodes,
        )

    def _inner(
        self, name: Scalar, node: Node, uris: Mapping[str, str], *, depth: int
    ) -> tuple[_Said | None, tuple[XmlNode, ...]]:
        """Read what an element is: a text, or others, then `.` is its own text."""
        if not isinstance(node, Table):
            return self._said(name, node, positions=False), ()
        own = node.get(OWN_TEXT)
        said = _Said(Format(), False, 0, "left") if own is None else self._said(*own, positions=False)  # noqa: FBT003 - fields
        nodes = (self._element(key, value, uris, depth=depth + 1) for key, value in node if key.text != OWN_TEXT)
        return said, tuple(one for one in nodes if one is not None)

    # --- what an element is ---

    def _said(self, name: Scalar, node: Node, *, positions: bool) -> _Said | None:
        scalar = as_scalar(node, name.text, self._findings)
        if scalar is None:
            return None
        found = _ELEMENT.fullmatch(scalar.text.strip())
        if found is None:
            first = scalar.text.split(" ")[0]
            hint = suggest(first, KINDS) or "write a type, 'required', characters, a mask: 'text required 1..10'"
            self._wrong(f"'{scalar.text[:60]}' says not what '{name.text}' is", scalar.place, hint)
            return None
        width = int(found["width"] or 0)
        if positions != bool(width):
            what = "no width" if positions else "a width, and no positions count here"
            self._wrong(f"'{name.text}' has {what}", scalar.place, f"write '{'10 ' if positions else ''}text'")
            return None
        kind, mask = KINDS[found["kind"]], found["mask"] or ""
        mistake = mask_mistake(mask) if kind == "datetime" else None
        if mistake is not None or (mask and kind not in {"datetime", "number"}):
            self._wrong(
                f"'{mask}' is no mask of '{name.text}'{': ' if mistake else ''}{mistake or ''}", scalar.place, None
            )
            return None
        format_ = Format(kind=kind, mask=mask, shortest=int(found["shortest"] or 0), longest=int(found["longest"] or 0))
        side: Literal["left", "right"] = "right" if found["side"] == "right" else "left"
        return _Said(format_, found["required"] is not None, width, side)

    def _is_name(self, name: Scalar) -> bool:
        sound = _NAME.fullmatch(name.text) is not None
        if not sound:
            self._wrong(
                f"'{name.text}' is no name that a map could write", name.place, "without blanks, dots and brackets"
            )
        return sound

    def _wrong(self, message: str, place: Place, hint: str | None = None) -> None:
        self._findings.add("profile", message, place, hint)

    READ = MappingProxyType({"delimited": delimited, "positional": positional, "xml": xml, "database": database})
