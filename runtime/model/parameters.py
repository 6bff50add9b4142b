"""Parameter values: where a step of a platform process takes a text from (component XML, section 3).

Each kind of the platform is one struct, tagged with the platform's own `valueType`:

- `Static` a literal, `CurrentDocument` the content, `Unique` a new number of 18 or 19 digits;
- `DocumentProperty` (track) a property of the document, `ProcessProperty` (process) a dynamic process property,
  `DefinedProperty` (definedparameter) a value of a process property component;
- `ProfileElement` an element of the content, `CachedElement` (documentcache) an element of a cached document;
- `DateValue` the time now, at a distance, or of the last run; `ExecutionValue` what the execution is;
- `Counter` (keygen) a persistent counter, `CrossReference` a look-up in a cross reference table;
- `Computed` a text with expressions in it, of a native step;
- `ConnectorLookup` and `SqlLookup` call something for each document; `ProcedureLookup` is data only, refused when a
  bundle is read.

`PropertyName` says which property is read or set; `Argument` is a value for an element of an operation's input.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.model.values import Template

PropertyScope = Literal["dynamicdocument", "process", "definedprocess", "connector", "outbound", "mime", "meta"]

DateUnit = Literal["years", "months", "days", "hours", "minutes", "seconds"]

ExecutionFact = Literal[
    "Account Id",
    "Atom Id",
    "Atom Name",
    "Document Count",
    "Execution Id",
    "Node Id",
    "Process Id",
    "Process Name",
]


class PropertyName(Struct, frozen=True, order=True):
    """A property of a document or of the execution, by the platform's `propertyId` without its first word.

    `scope`: `dynamicdocument` (user-defined, of the document), `process` (dynamic, of the execution), `definedprocess`
    (then `component` is the process property component and `name` the key in it), `connector` (then `component` is the
    kind of connector), `outbound` (what a step has set of the properties of that connector), `mime` (a header), `meta`
    (``base.catcherrorsmessage`` …).
    """

    scope: PropertyScope
    name: str
    component: str | None = None


class ParameterValue(Struct, frozen=True, tag_field="value"):
    """What all parameter values have in common: nothing but their kind."""


class Static(ParameterValue, frozen=True, tag="static"):
    """A literal text."""

    text: str


class CurrentDocument(ParameterValue, frozen=True, tag="current"):
    """The content of the document, as text."""


class Unique(ParameterValue, frozen=True, tag="unique"):
    """A number of 18 or 19 digits, another one each time that it is asked for."""


class DocumentProperty(ParameterValue, frozen=True, tag="track"):
    """A property of the document. `default` only when it was never set: one that is set to nothing stays empty.

    A dynamic process property is never read this way: it gives an empty text, without the default.
    """

    property: PropertyName
    default: str = ""


class ProcessProperty(ParameterValue, frozen=True, tag="process"):
    """A dynamic process property. `default` when it is missing or blank."""

    name: str
    default: str = ""


class DefinedProperty(ParameterValue, frozen=True, tag="definedparameter"):
    """The value `key` of the process property component `component`."""

    component: str
    key: str


class ProfileElement(ParameterValue, frozen=True, tag="profile"):
    """The element with this key of the document, read with the profile; its first occurrence."""

    profile: str
    key: int


class DateDelta(Struct, frozen=True):
    """A distance in time; `amount` is negative for what is past."""

    amount: int
    unit: DateUnit


class DateValue(ParameterValue, frozen=True, tag="date"):
    """A time in the zone of the machine, as `mask` (Java's SimpleDateFormat) wants it.

    `of`: now, now and `delta`, the last run of the process, or its last successful one; before any run the epoch.
    """

    of: Literal["current", "relative", "last", "lastsuccessful"]
    mask: str = ""
    delta: DateDelta | None = None


class ExecutionValue(ParameterValue, frozen=True, tag="execution"):
    """Something about the execution itself."""

    fact: ExecutionFact


class Counter(ParameterValue, frozen=True, tag="keygen"):
    """The next number of a counter that outlives the run; `length` pads it with zeros, 0 leaves it as it is."""

    name: str
    length: int = 0


class ColumnValue(Struct, frozen=True):
    """What a column of a cross reference table must match; columns count from 0."""

    column: int
    value: Parameter


class CrossReference(ParameterValue, frozen=True, tag="crossref"):
    """The cell in column `output` of the first row that matches all inputs; nothing when none does."""

    table: str
    output: int
    inputs: tuple[ColumnValue, ...] = ()


class CacheKeyValue(Struct, frozen=True):
    """What one key of an index of a document cache must be equal to; `key` is the key's id in the index."""

    key: int
    value: Parameter


class CachedElement(ParameterValue, frozen=True, tag="documentcache"):
    """The element with the key `element` of the cached document that the keys find in an index of the cache."""

    cache: str
    index: int
    element: int
    keys: tuple[CacheKeyValue, ...] = ()


class Argument(Struct, frozen=True):
    """A value for one element of an operation's input; `name` is what the platform shows."""

    element: str
    value: Parameter
    name: str = ""


class Computed(ParameterValue, frozen=True, tag="computed"):
    """A text with expressions in it: what native steps write where platform ones have a parameter value."""

    template: Template


class ConnectorLookup(ParameterValue, frozen=True, kw_only=True, tag="connector"):
    """One element of the first document that a call gives: `output` of the profile `response`.

    `texts` and `tables` are the operation's fields. With `single` more than one document is an error.
    """

    connection: str
    operation: str
    response: str
    output: int
    texts: dict[str, Parameter] = {}
    tables: dict[str, tuple[tuple[str, Parameter], ...]] = {}
    single: bool = False


class SqlLookup(ParameterValue, frozen=True, tag="sql"):
    """The column `output` (from 1) of the first row that a statement gives over a database connection.

    `parameters` are bound to its ``?`` in their order. `kept`: equal parameters are asked once in an execution.
    `changes`: it calls a procedure, which may change something.
    """

    connection: str
    statement: str
    output: int = 1
    parameters: tuple[Parameter, ...] = ()
    kept: bool = False
    changes: bool = False


Parameter = (
    Static
    | CurrentDocument
    | Unique
    | DocumentProperty
    | ProcessProperty
    | DefinedProperty
    | ProfileElement
    | DateValue
    | ExecutionValue
    | Counter
    | CrossReference
    | CachedElement
    | Computed
    | ConnectorLookup
    | SqlLookup
)


def property_name(property_id: str) -> PropertyName | None:
    """Give the property that a `propertyId` names, such as ``dynamicdocument.X``; None when it names none."""
    scope, _, rest = property_id.partition(".")
    match scope:
        case "dynamicdocument" | "process" | "mime" | "meta":
            return PropertyName(scope, rest) if rest else None
        case "definedprocess":
            component, _, key = rest.partition("@")
            return PropertyName("definedprocess", key, component) if component and key else None
        case "connector" | "outbound":
            connector, _, name = rest.rpartition(".")
            return PropertyName(scope, name, connector or None) if name else None
        case _:
            return None
