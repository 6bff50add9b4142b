"""Profiles of the platform: trees of elements with keys, which are all that maps and parameters refer to (section 4).

- `JsonProfile` of `JsonNode`s, `XmlProfile` of `XmlNode`s
- `FlatFileProfile` of `FlatRecord`s with `FlatColumn`s, and its `Escapes`
- `DatabaseProfile` of `DatabaseStatement`s with `DatabaseColumn`s and `DatabaseCondition`s
- `Format`: how a value is written; `TagList` with `TagGroup` and `TagMatch`: an instance of a repeating element

Keys have gaps and are in no order. A profile without a format (`profile.edi`) is refused where it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from runtime.errors import Place

DataKind = Literal["character", "number", "datetime", "boolean", "clob", "blob"]

JsonPath = tuple[
    str | int | None, ...
]  # a member's name; a position (from 0) in a fixed list; None: all items of a list


class Format(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a value is written: `mask` of a number (Java's DecimalFormat) or a date (SimpleDateFormat).

    `decimals` are implied ones of a number without a point; `signed`: its last digit tells its sign, as on mainframes;
    `bits`: true and false are written 1 and 0. `shortest` and `longest` bound the characters that Cleanse lets pass, 0
    for no bound.
    """

    kind: DataKind = "character"
    mask: str = ""
    decimals: int = 0
    signed: bool = False
    bits: bool = False
    shortest: int = 0
    longest: int = 0


class TagMatch(Struct, frozen=True, kw_only=True, tag="match"):
    """An element has one of `values`, or the instance is the n-th: `element` None, -1 for the last."""

    element: int | None
    values: tuple[str, ...]


class TagGroup(Struct, frozen=True, kw_only=True, tag="group"):
    """Matches joined: all of them, or any."""

    join: Literal["and", "or"]
    matches: tuple[TagMatch | TagGroup, ...]


class TagList(Struct, frozen=True, kw_only=True):
    """The instances of the element `element` that match; `key` is what links refer to."""

    key: int
    element: int
    match: TagGroup
    parent: int = 0


class JsonNode(Struct, frozen=True, kw_only=True):
    """A node of a JSON profile.

    `root` and `entry` (a member) and `item` (of an array) hold one `object` or `array`, or else are values themselves.
    A `fixed` array has one item for each position, any other has one item that stands for all.
    """

    key: int
    name: str
    kind: Literal["root", "object", "entry", "array", "item"]
    format: Format = Format()
    fixed: bool = False
    most: int | None = None
    required: bool = False
    nodes: tuple[JsonNode, ...] = ()


class JsonProfile(Struct, frozen=True, kw_only=True, tag="json profile"):
    """A JSON profile. `strict`: the platform checks documents against it. `unique`: as in `XmlNode`, of the root.

    `compact`: documents are written without blanks, as native maps do, not as the platform writes them (behaviour 85).
    """

    id: str
    name: str
    root: JsonNode
    strict: bool = False
    unique: bool = False
    compact: bool = False
    tags: tuple[TagList, ...] = ()
    place: Place = Place()

    def path(self, key: int) -> JsonPath | None:
        """Give the way from the root to the node with that key; None when there is none."""
        return next((path for path, node in self.walk() if node.key == key), None)

    def walk(self) -> Iterator[tuple[JsonPath, JsonNode]]:
        """Give every node with the way to it, each before what is in it."""
        yield from _walk_json(self.root, ())


class XmlNode(Struct, frozen=True, kw_only=True):
    """An element or attribute. `namespace` is its URI, None for none; `most` None for any number of times.

    `values`: it has text of its own. `type`: it is a recursive reference to the schema type with that key. `unique`:
    of occurrences that say the same, only the first is written.
    """

    key: int
    name: str
    kind: Literal["element", "attribute"]
    namespace: str | None = None
    format: Format = Format()
    least: int = 0
    most: int | None = 1
    values: bool = True
    unique: bool = False
    type: str | None = None
    nodes: tuple[XmlNode, ...] = ()


class XmlProfile(Struct, frozen=True, kw_only=True, tag="xml profile"):
    """An XML profile. `prefixes` gives each namespace's prefix in documents that are made, `encoding` is theirs.

    `least`: elements that must stand at least once are written even where nothing is mapped to them.
    """

    id: str
    name: str
    root: XmlNode
    prefixes: dict[str, str] = {}
    encoding: str = "utf8"
    least: bool = False
    strict: bool = False
    tags: tuple[TagList, ...] = ()
    place: Place = Place()

    def path(self, key: int) -> tuple[XmlNode, ...] | None:
        """Give the nodes from the root to the one with that key; None when there is none."""
        return next((path for path in self.walk() if path[-1].key == key), None)

    def walk(self) -> Iterator[tuple[XmlNode, ...]]:
        """Give the way to every node, the node itself last, each before what is in it."""
        yield from _walk_xml(self.root, ())


class FlatColumn(Struct, frozen=True, kw_only=True):
    """A field of a record. `start` (from 0), `length` where positions count; `identity` is what tells the record.

    `unique`: a map makes one record for each value of it.
    """

    key: int
    name: str
    format: Format = Format()
    start: int = 0
    length: int = 0
    justify: Literal["left", "right"] = "left"
    mandatory: bool = False
    least: int = 0
    most: int = 0
    identity: str | None = None
    unique: bool = False


class FlatRecord(Struct, frozen=True, kw_only=True):
    """A kind of record, told by the number of its columns or by the values of those with an identity.

    `elements` is the key of what holds its columns. `records` are kinds that belong to the record before them.
    """

    key: int
    name: str
    columns: tuple[FlatColumn, ...]
    detect: Literal["numberofcolumns", "uniquevalues"] = "numberofcolumns"
    elements: int = 0
    records: tuple[FlatRecord, ...] = ()


class Escapes(Struct, frozen=True, kw_only=True):
    """What takes the meaning from what follows: from a `delimiter`, from a `quote`, and from that escape itself."""

    delimiter: str = ""
    quote: str = ""
    escape: str = ""


class FlatFileProfile(Struct, frozen=True, kw_only=True, tag="flat file profile"):
    """A flat file profile. `delimiter` is a character or more, None where positions count; `quote` likewise.

    `headers`: the first line holds the names of the columns. `remove_escape`: escapes do not belong to the value.
    `line_ends`: records whose positions count are written as lines, else one after the other.
    """

    id: str
    name: str
    records: tuple[FlatRecord, ...]
    delimiter: str | None = ","
    quote: str | None = None
    pad: str = ""
    headers: bool = False
    escapes: Escapes = Escapes()
    remove_escape: bool = False
    line_ends: bool = True
    strict: bool = False
    tags: tuple[TagList, ...] = ()
    place: Place = Place()


class DatabaseColumn(Struct, frozen=True, kw_only=True):
    """A field or parameter of a statement."""

    key: int
    name: str
    format: Format = Format()
    mandatory: bool = False


class DatabaseCondition(Struct, frozen=True, kw_only=True):
    """A condition of a statement that the platform makes itself."""

    key: int
    name: str
    operator: str
    format: Format = Format()


class DatabaseStatement(Struct, frozen=True, kw_only=True):
    """A statement. `kind` is the platform's own word; `sql` has ``?`` for parameters, by position.

    `fields` is the key of what holds its columns.
    """

    key: int
    name: str
    kind: Literal[
        "select",
        "spread",
        "standardinsertupdatedelete",
        "dynamicinsert",
        "dynamicupdate",
        "dynamicdelete",
        "spwrite",
    ]
    sql: str = ""
    table: str = ""
    procedure: str = ""
    columns: tuple[DatabaseColumn, ...] = ()
    parameters: tuple[DatabaseColumn, ...] = ()
    conditions: tuple[DatabaseCondition, ...] = ()
    fields: int = 0


class DatabaseProfile(Struct, frozen=True, kw_only=True, tag="database profile"):
    """A database profile: what is read, or written."""

    id: str
    name: str
    writes: bool
    statements: tuple[DatabaseStatement, ...]
    strict: bool = False
    tags: tuple[TagList, ...] = ()
    place: Place = Place()


PlatformProfile = JsonProfile | XmlProfile | FlatFileProfile | DatabaseProfile


def keys_of(profile: PlatformProfile) -> frozenset[int]:
    """Give the keys of all elements of a profile, those that only hold others among them."""
    match profile:
        case JsonProfile():
            return frozenset(node.key for _, node in profile.walk())
        case XmlProfile():
            return frozenset(path[-1].key for path in profile.walk())
        case FlatFileProfile():
            return frozenset(key for record in profile.records for key in _keys_of_record(record))
        case DatabaseProfile():
            return frozenset(key for statement in profile.statements for key in _keys_of_statement(statement))


def _keys_of_record(record: FlatRecord) -> Iterator[int]:
    yield from (record.key, record.elements)
    yield from (column.key for column in record.columns)
    for below in record.records:
        yield from _keys_of_record(below)


def _keys_of_statement(statement: DatabaseStatement) -> Iterator[int]:
    yield from (statement.key, statement.fields)
    for columns in (statement.columns, statement.parameters, statement.conditions):
        yield from (column.key for column in columns)


def _walk_json(node: JsonNode, path: JsonPath) -> Iterator[tuple[JsonPath, JsonNode]]:
    yield path, node
    for position, below in enumerate(node.nodes):
        match below.kind:
            case "entry":
                yield from _walk_json(below, (*path, below.name))
            case "item":
                yield from _walk_json(below, (*path, position if node.fixed else None))
            case _:
                yield from _walk_json(below, path)


def _walk_xml(node: XmlNode, above: tuple[XmlNode, ...]) -> Iterator[tuple[XmlNode, ...]]:
    path = (*above, node)
    yield path
    for below in node.nodes:
        yield from _walk_xml(below, path)
