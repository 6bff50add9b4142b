"""Text functions (reference 1.3, platform behaviour 90)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from runtime.engine.mapping.inputs import Compute, Options, text_in, whole_option
from runtime.errors import DocumentFault
from runtime.expressions.patterns import replace


def _each_text(change: Callable[[str], str]) -> Compute:
    return lambda inputs: change(text_in(inputs[0]))


def _concat(options: Options) -> Compute:
    delimiter = options.get("delimiter", "")
    return lambda inputs: delimiter.join(text for one in inputs if (text := text_in(one)))


def _append(options: Options) -> Compute:
    text = options["text"]
    if "length" not in options:
        return _each_text(lambda original: original + text)
    length = whole_option(options, "length")
    return _each_text(lambda original: (original + _padding(text, length - len(original)))[:length])


def _prepend(options: Options) -> Compute:
    text = options["text"]
    if "length" not in options:
        return _each_text(lambda original: text + original)
    length = whole_option(options, "length")
    return _each_text(lambda original: _rightmost(_padding(text, length - len(original)) + original, length))


def _padding(text: str, length: int) -> str:
    return (text * (length // len(text) + 1))[:length] if text and length > 0 else ""


def _rightmost(text: str, length: int) -> str:
    return text[-length:] if length else ""


def _left_trim(options: Options) -> Compute:
    length = whole_option(options, "length")
    return _each_text(lambda text: _rightmost(text, length))


def _right_trim(options: Options) -> Compute:
    length = whole_option(options, "length")
    return _each_text(lambda text: text[:length])


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
        parts = text.split(delimiter)
        if most is not None and len(parts) > most:
            raise DocumentFault("map.too-many-parts", f"the text has {len(parts)} parts, more than {most}")
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
