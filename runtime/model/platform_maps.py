"""Maps of the platform: links between elements of two profiles, through functions (component XML, section 5).

- `PlatformMap`: `links` from sources (`FromElement`, `FromFunction`) to targets (`ToElement`, `ToFunction`), the
  functions between them, `ElementDefault`s of the target, and `CacheJoin`s of cached documents with the source
- `MapFunction`: one function with its ports (`FunctionInput`, `FunctionOutput`) and its `work`
- `work`: `BuiltIn` (named as the platform names it), `MapScript`, `TableLookup`, `CacheLookup`, `DocumentPropertyWork`,
  `DefinedPropertyWork`, `UserFunctionWork`, `TradingPartnerWork`, `SqlWork`, `ConnectorWork`; of native maps
  `CalledFunction` and `ComputedWork`
- `UserFunction`: a function made of functions; its links use `OWN_PORTS` for its own inputs and outputs

Elements are named by their key in the profile, ports by their key in the function.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.errors import Place
from runtime.model.data_process import ScriptLanguage
from runtime.model.parameters import Parameter, PropertyName
from runtime.model.values import Template

OWN_PORTS = 0  # the "function" of a link that is the user function itself

FunctionCache = Literal["none", "document", "map"]

PortKind = Literal["character", "integer", "float", "datetime"]


class FromElement(Struct, frozen=True, tag="from element"):
    """An element of the source. `instance` is the key of an instance identifier, `join` of a cache join; 0 for none."""

    element: int
    instance: int = 0
    join: int = 0


class FromFunction(Struct, frozen=True, tag="from function"):
    """An output of a function."""

    function: int
    output: int


class ToElement(Struct, frozen=True, tag="to element"):
    """An element of the target; `instance` as in the source."""

    element: int
    instance: int = 0


class ToFunction(Struct, frozen=True, tag="to function"):
    """An input of a function."""

    function: int
    input: int


class Link(Struct, frozen=True):
    """One line of a map."""

    source: FromElement | FromFunction
    target: ToElement | ToFunction


class FunctionInput(Struct, frozen=True, kw_only=True):
    """An input of a function. `default` is used when nothing is mapped to it, or an empty text is."""

    key: int
    name: str = ""
    default: str = ""
    resets: bool = False


class FunctionOutput(Struct, frozen=True, kw_only=True):
    """An output of a function. Its key may equal that of an input."""

    key: int
    name: str = ""


class BuiltIn(Struct, frozen=True, kw_only=True, tag="built in"):
    """A function of the platform by its type, such as ``StringConcat``; `options` are its attributes."""

    function: str
    options: dict[str, str] = {}


class ScriptPort(Struct, frozen=True):
    """A variable of a script; `key` is the port of the function that it belongs to."""

    key: int
    name: str
    kind: PortKind = "character"


class MapScript(Struct, frozen=True, kw_only=True, tag="script"):
    """A script; `source` also where `component` says which component it was read from."""

    language: ScriptLanguage
    source: str
    inputs: tuple[ScriptPort, ...] = ()
    outputs: tuple[ScriptPort, ...] = ()
    component: str | None = None


class TablePort(Struct, frozen=True):
    """A port of a look-up and the column that it is compared with, or filled from; columns count from 0."""

    key: int
    column: int


class TableLookup(Struct, frozen=True, kw_only=True, tag="table lookup"):
    """A look-up in a cross reference table (`table` is its id), or in `rows` of its own (Simple Lookup)."""

    inputs: tuple[TablePort, ...]
    outputs: tuple[TablePort, ...]
    table: str | None = None
    rows: tuple[tuple[str, ...], ...] = ()
    skip_without_input: bool = False


class CacheLookup(Struct, frozen=True, kw_only=True, tag="cache lookup"):
    """Elements of the one cached document that the keys find; more than one is an error (behaviour 80).

    `inputs`: port and id of the index' key; `outputs`: port and element.
    """

    cache: str
    index: int
    inputs: tuple[tuple[int, int], ...] = ()
    outputs: tuple[tuple[int, int], ...] = ()


class DocumentPropertyWork(Struct, frozen=True, kw_only=True, tag="document property"):
    """Reads a property of the document as it entered the map, or sets one of the document that leaves it.

    `persist` is written for properties of every kind, and means nothing for those of documents: they go with it.
    """

    property: PropertyName
    sets: bool = False
    default: str = ""
    persist: bool = False


class DefinedPropertyWork(Struct, frozen=True, kw_only=True, tag="defined property"):
    """Reads or sets a value of a process property component."""

    component: str
    key: str
    sets: bool = False


class UserFunctionWork(Struct, frozen=True, kw_only=True, tag="user function"):
    """Calls a function of `Components.functions`."""

    component: str


class TradingPartnerWork(Struct, frozen=True, kw_only=True, tag="trading partner"):
    """Chooses a trading partner of the document: what it says is kept with it, and no step here reads it."""

    standard: str = "x12"


class SqlWork(Struct, frozen=True, kw_only=True, tag="sql"):
    """A statement over a database connection: inputs are bound to its ``?`` in their order, outputs are its columns.

    Of what it finds the first row counts. `changes`: it is a procedure, which may change something.
    """

    connection: str
    statement: str
    inputs: tuple[ScriptPort, ...] = ()
    outputs: tuple[ScriptPort, ...] = ()
    changes: bool = False


class CalledFunction(Struct, frozen=True, kw_only=True, tag="called function"):
    """A function of native maps by its name, with its own options (see `runtime.model.maps.FUNCTIONS`)."""

    function: str
    options: dict[str, str] = {}


class ComputedWork(Struct, frozen=True, tag="computed value"):
    """A text with expressions in it, over the document as it entered the map, its properties and the execution's."""

    template: Template


class ConnectorWork(Struct, frozen=True, kw_only=True, tag="connector call"):
    """A call of an operation for each row of the source.

    `texts` and `tables` are the operation's fields. `places` gives the field, and the entry of a table, that an input
    sets, by its port; `elements` the element of the profile `request` of which a document is made for the call.
    `outputs` are elements of the profile `response`, by port. With `single` more than one answer is an error, else the
    first counts.
    """

    connection: str
    operation: str
    texts: dict[str, Parameter] = {}
    tables: dict[str, tuple[tuple[str, Parameter], ...]] = {}
    places: tuple[tuple[int, str, str | None], ...] = ()
    elements: tuple[tuple[int, int], ...] = ()
    outputs: tuple[tuple[int, int], ...] = ()
    request: str | None = None
    response: str | None = None
    single: bool = False


Work = (
    BuiltIn
    | MapScript
    | TableLookup
    | CacheLookup
    | DocumentPropertyWork
    | DefinedPropertyWork
    | UserFunctionWork
    | TradingPartnerWork
    | SqlWork
    | CalledFunction
    | ComputedWork
    | ConnectorWork
)


class MapFunction(Struct, frozen=True, kw_only=True):
    """One function of a map, by `key`. `position` is its place in the order of a user function.

    `cache` keeps results for equal inputs: within a document, or for the whole step. `sums`: it takes all occurrences
    of its inputs, not one at a time.
    """

    key: int
    work: Work
    name: str = ""
    position: int = 0
    inputs: tuple[FunctionInput, ...] = ()
    outputs: tuple[FunctionOutput, ...] = ()
    cache: FunctionCache = "none"
    sums: bool = False
    place: Place = Place()


class ElementDefault(Struct, frozen=True):
    """What an element of the target holds when its value is missing or empty; dates as ``yyyyMMdd HHmmss.SSS``."""

    element: int
    value: str
    instance: int = 0


class JoinKey(Struct, frozen=True):
    """A key of a cache's index and the element of the source that gives its value; `instance` as in `FromElement`."""

    key: int
    element: int
    instance: int = 0


class CacheJoin(Struct, frozen=True, kw_only=True):
    """Cached documents as a repeating part of the source, below its element `parent`: one a match (behaviour 80).

    `parent` 0 is the document itself. Their elements are linked by `id`, with the keys that they have in the cache's
    profile, or in `profile` where the cache takes any document.
    """

    id: int
    cache: str
    index: int
    parent: int
    parent_instance: int = 0
    keys: tuple[JoinKey, ...] = ()
    profile: str | None = None


class PlatformMap(Struct, frozen=True, kw_only=True):
    """A map component. `ordered`: functions run in the order in which they are written.

    A map without profiles can be read and not be run: the platform keeps such unfinished ones.
    """

    id: str
    name: str
    source_profile: str | None = None
    target_profile: str | None = None
    links: tuple[Link, ...] = ()
    functions: tuple[MapFunction, ...] = ()
    defaults: tuple[ElementDefault, ...] = ()
    joins: tuple[CacheJoin, ...] = ()
    ordered: bool = False
    place: Place = Place()


class UserFunction(Struct, frozen=True, kw_only=True):
    """A function component: steps run strictly by `position`, even against the wiring (behaviour 93)."""

    id: str
    name: str
    inputs: tuple[FunctionInput, ...] = ()
    outputs: tuple[FunctionOutput, ...] = ()
    steps: tuple[MapFunction, ...] = ()
    links: tuple[Link, ...] = ()
    place: Place = Place()
