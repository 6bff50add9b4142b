"""Text functions (reference 1.3, platform behaviour 90)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from runtime.engine.mapping.inputs import Compute, Options, text_in, whole_option
from runtime.errors import DocumentFault
from runtime.expressions.patterns import replace


def join(texts: Sequence[str], delimiter: str) -> str:
    """Join texts; an empty one keeps its place between two delimiters."""
    return delimiter.join(texts)


def fill_right(text: str, length: int, fill: str) -> str:
    """Bring a text to a length: repeat `fill` behind it, cut what is longer from the right."""
    return (text + _padding(fill, length - len(text)))[:length]


def fill_left(text: str, length: int, fill: str) -> str:
    """Bring a text to a length: repeat `fill` in front of it, cut what is longer from the left."""
    return keep_right(_padding(fill, length - len(text)) + text, length)


def keep_right(text: str, length: int) -> str:
    """Keep the rightmost characters of a text."""
    return text[-length:] if length else ""


def keep_left(text: str, length: int) -> str:
    """Keep the leftmost characters of a text."""
    return text[:length]


def parts_of(text: str, *, delimiter: str = "", length: int = 0) -> list[str]:
    """Split a text at a delimiter, or into pieces of a length; an empty text has no parts."""
    if not text:
        return []
    if delimiter:
        return text.split(delimiter)
    return [text[at : at + length] for at in range(0, len(text), length)] if length else [text]


def too_many_parts(found: int, most: int) -> DocumentFault:
    """Give the fault of a text that has more parts than there is room for, in the platform's words."""
    message = f"Invalid split, expected to have at most {most} outputs but found {found}"
    return DocumentFault("map.too-many-parts", message)


def _padding(text: str, length: int) -> str:
    return (text * (length // len(text) + 1))[:length] if text and length > 0 else ""


def _each_text(change: Callable[[str], str]) -> Compute:
    return lambda inputs: change(text_in(inputs[0]))


def _concat(options: Options) -> Compute:
    delimiter = options.get("delimiter", "")
    return lambda inputs: join([text for one in inputs if (text := text_in(one))], delimiter)


def _append(options: Options) -> Compute:
    text = options["text"]
    if "length" not in options:
        return _each_text(lambda original: original + text)
    length = whole_option(options, "length")
    return _each_text(lambda original: fill_right(original, length, text))


def _prepend(options: Options) -> Compute:
    text = options["text"]
    if "length" not in options:
        return _each_text(lambda original: text + original)
    length = whole_option(options, "length")
    return _each_text(lambda original: fill_left(original, length, text))


def _left_trim(options: Options) -> Compute:
    length = whole_option(options, "length")
    return _each_text(lambda text: keep_right(text, length))


def _right_trim(options: Options) -> Compute:
    length = whole_option(options, "length")
    return _each_text(lambda text: keep_left(text, length))


def _replace(options: Options) -> Compute:
    pattern, replacement = options["pattern"], options["with"]
    return _each_text(lambda text: replace(pattern, replacement, text))


def _remove(options: Options) -> Compute:
    pattern = options["pattern"]
    return _each_text(lambda text: replace(pattern, "", text))


def _split(options: Options) -> Compute:
    delimiter = options["delimiter"]
    if not delimiter:
        raise DocumentFault("map.invalid-option", "'delimiter' must not be empty")
    part = whole_option(options, "part")
    most = whole_option(options, "parts") if "parts" in options else None

    def split(text: str) -> str:
        parts = parts_of(text, delimiter=delimiter)
        if most is not None and len(parts) > most:
            raise too_many_parts(len(parts), most)
        return parts[part - 1] if 0 < part <= len(parts) else ""

    return _each_text(split)


MAKERS: Mapping[str, Callable[[Options], Compute]] = MappingProxyType(
    {
        "concat": _concat,
        "append": _append,
        "prepend": _prepend,
        "left trim": _left_trim,
        "right trim": _right_trim,
        "whitespace trim": lambda _: _each_text(str.strip),
        "upper": lambda _: _each_text(str.upper),
        "lower": lambda _: _each_text(str.lower),
        "replace": _replace,
        "remove": _remove,
        "split": _split,
    }
)
