"""Maps: how one document becomes another, field by field (reference 1.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from msgspec import Struct

from runtime.errors import Place
from runtime.model.values import Template

MAX_REPEATS = 32  # lists within lists: deeper than any profile may be

Path = tuple[str, ...]  # keys from the root; a key that ends in "[]" repeats


class Call(Struct, frozen=True, tag="call"):
    """A map function with its inputs: source paths or constants, in order, and its own options by name."""

    function: str
    inputs: tuple[Source, ...]
    options: dict[str, str] = {}


class Field(Struct, frozen=True, tag="field"):
    """A field of the source document."""

    path: Path


Source = Field | Call | Template


class Rule(Struct, frozen=True, kw_only=True):
    """Fills one field of the target. `default` is used when the source gives nothing or an empty text."""

    target: Path
    source: Source | None = None
    default: str | None = None
    place: Place = Place()


class Map(Struct, frozen=True, kw_only=True):
    """A map of the bundle; profiles are named when the bundle has them."""

    name: str
    rules: tuple[Rule, ...]
    source_profile: str | None = None
    target_profile: str | None = None
    place: Place = Place()


class OptionSpec(Struct, frozen=True, kw_only=True):
    """An option of a map function: a literal text of the bundle."""

    name: str
    summary: str
    required: bool = False


class FunctionSpec(Struct, frozen=True, kw_only=True):
    """A map function, for people, lint and schema. `most` is None where there may be any number of inputs.

    An `aggregate` takes all occurrences of a repeating input; any other function takes them one by one. `counts`: it
    goes from row to row, as the function of the platform with that name.
    """

    name: str
    summary: str
    least: int = 1
    most: int | None = 1
    options: tuple[OptionSpec, ...] = ()
    aggregate: bool = False
    counts: str | None = None


MATCHES = ("exact", "wildcard", "regex")  # what the cells of a table may be
LOOKUP = "lookup"  # the one function that reads more than its inputs

_LENGTH = OptionSpec(name="length", summary="number of characters that the result has")
_KEPT = OptionSpec(name="length", summary="number of characters to keep", required=True)
_PATTERN = OptionSpec(name="pattern", summary="regular expression", required=True)
_ZONE = OptionSpec(name="time zone", summary="IANA name; the machine's own when it is left out")

_ALL = (
    FunctionSpec(
        name="concat",
        summary="joins texts",
        most=None,
        options=(OptionSpec(name="delimiter", summary="text between them"),),
    ),
    FunctionSpec(
        name="append",
        summary="adds a text at the end; with a length, repeats it up to there and cuts what is longer",
        options=(OptionSpec(name="text", summary="text to add", required=True), _LENGTH),
    ),
    FunctionSpec(
        name="prepend",
        summary="adds a text in front; with a length, repeats it up to there and cuts what is longer from the left",
        options=(OptionSpec(name="text", summary="text to add", required=True), _LENGTH),
    ),
    FunctionSpec(name="left trim", summary="cuts from the left, keeps the rightmost characters", options=(_KEPT,)),
    FunctionSpec(name="right trim", summary="cuts from the right, keeps the leftmost characters", options=(_KEPT,)),
    FunctionSpec(name="whitespace trim", summary="removes blanks at both ends"),
    FunctionSpec(name="upper", summary="upper case"),
    FunctionSpec(name="lower", summary="lower case"),
    FunctionSpec(
        name="replace",
        summary="replaces every match of a regular expression",
        options=(_PATTERN, OptionSpec(name="with", summary="replacement; $1 is the first group", required=True)),
    ),
    FunctionSpec(name="remove", summary="removes every match of a regular expression", options=(_PATTERN,)),
    FunctionSpec(
        name="split",
        summary="gives one of the parts of a text",
        options=(
            OptionSpec(name="delimiter", summary="text between the parts", required=True),
            OptionSpec(name="part", summary="which part, from 1", required=True),
            OptionSpec(name="parts", summary="how many parts there are at most; more is an error"),
        ),
    ),
    FunctionSpec(name="add", summary="sum of its inputs", least=2, most=None),
    FunctionSpec(name="subtract", summary="first input less the second", least=2, most=2),
    FunctionSpec(name="multiply", summary="product of its inputs", least=2, most=None),
    FunctionSpec(name="divide", summary="first input by the second, 10 places, half up", least=2, most=2),
    FunctionSpec(name="abs", summary="the number without its sign"),
    FunctionSpec(name="ceil", summary="the next whole number up"),
    FunctionSpec(name="floor", summary="the next whole number down"),
    FunctionSpec(
        name="set precision",
        summary="rounds half up",
        options=(OptionSpec(name="places", summary="digits after the point", required=True),),
    ),
    FunctionSpec(
        name="number format",
        summary="a number as text",
        options=(OptionSpec(name="mask", summary="such as #,##0.00", required=True),),
    ),
    FunctionSpec(name="sum", summary="sum of all occurrences", most=None, aggregate=True),
    FunctionSpec(name="count", summary="number of occurrences that are not empty", aggregate=True),
    FunctionSpec(name="running total", summary="sum of all rows so far", counts="Sum"),
    FunctionSpec(
        name="line number",
        summary="1, 2, 3 …; from 1 again where its second input is another than in the row before",
        most=2,
        counts="LineItemIncrement",
    ),
    FunctionSpec(
        name="sum by",
        summary="sum of the first input over all rows with the same second",
        least=2,
        most=2,
        counts="Sum2",
    ),
    FunctionSpec(name="count by", summary="number of rows with the same second input", least=2, most=2, counts="Count"),
    FunctionSpec(
        name="sequence",
        summary="the next number of a counter that outlives the run",
        least=0,
        most=1,
        options=(
            OptionSpec(name="counter", summary="name of the counter", required=True),
            OptionSpec(name="length", summary="digits; shorter numbers get zeros in front"),
            OptionSpec(name="batch", summary="how many numbers are taken at once"),
        ),
        counts="SequentialValue",
    ),
    FunctionSpec(
        name="current date",
        summary="the time of the step",
        least=0,
        most=0,
        options=(OptionSpec(name="mask", summary="such as yyyy-MM-dd"), _ZONE),
    ),
    FunctionSpec(
        name="date format",
        summary="a time in another form",
        options=(
            OptionSpec(name="from", summary="mask of the input; yyyyMMdd HHmmss.SSS when it is left out"),
            OptionSpec(name="to", summary="mask of the result; yyyyMMdd HHmmss.SSS when it is left out"),
        ),
    ),
    FunctionSpec(
        name=LOOKUP,
        summary="looks its inputs up in a table of the bundle; the first row that matches all, nothing when none",
        most=None,
        options=(
            OptionSpec(name="table", summary="file in tables/, without its ending", required=True),
            OptionSpec(
                name="from", summary="column that holds the input; of several inputs with commas", required=True
            ),
            OptionSpec(name="to", summary="column that holds the result", required=True),
            OptionSpec(name="match", summary="exact, wildcard (* and ?) or regex: what the cells of the input are"),
        ),
    ),
)

FUNCTIONS: Mapping[str, FunctionSpec] = MappingProxyType({spec.name: spec for spec in _ALL})


def call_mistake(call: Call) -> str | None:
    """Say what is wrong with a call as written, its inputs' own calls left aside; None when nothing is."""
    spec = FUNCTIONS.get(call.function)
    if spec is None:
        return f"there is no function '{call.function}'{_suggestion(call.function, FUNCTIONS)}"
    given = len(call.inputs)
    if given < spec.least or (spec.most is not None and given > spec.most):
        return f"'{spec.name}' takes {_span(spec)}, not {given}"
    known = [option.name for option in spec.options]
    for name in call.options:
        if name not in known:
            return f"'{spec.name}' has no option '{name}'{_suggestion(name, known)}"
    missing = next((option for option in spec.options if option.required and option.name not in call.options), None)
    return f"'{spec.name}' needs '{missing.name}': {missing.summary}" if missing is not None else None


def source_mistake(source: Source, depth: int) -> str | None:
    """Say what is wrong with a source for a target that repeats `depth` times over; None when nothing is."""
    match source:
        case Field(path=path) if lists_in(path) > depth:
            return (
                f"'{'.'.join(path)}' repeats more often than its target; sum or count it, or split the document first"
            )
        case Call():
            spec = FUNCTIONS.get(source.function)
            below = MAX_REPEATS if spec is not None and spec.aggregate else depth
            inner = (source_mistake(one, below) for one in source.inputs)
            return call_mistake(source) or next((found for found in inner if found is not None), None)
        case _:
            return None


def lists_in(path: Path) -> int:
    """Give how many keys of a path repeat."""
    return sum(key.endswith("[]") for key in path)


def fields_of(source: Source | None) -> Iterator[Path]:
    """Give the paths of the fields that a source reads."""
    match source:
        case Field(path=path):
            yield path
        case Call(inputs=inputs):
            for one in inputs:
                yield from fields_of(one)
        case _:
            return


def _span(spec: FunctionSpec) -> str:
    if spec.most is None:
        return f"at least {spec.least} input{'s' if spec.least > 1 else ''}"
    return "no input" if spec.most == 0 else f"{spec.least} input{'s' if spec.least > 1 else ''}"


def _suggestion(name: str, known: Mapping[str, object] | list[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
