"""Of Apache Commons, what scripts use: ``IOUtils`` and ``StringUtils``."""

from __future__ import annotations

from runtime.groovy.support.charsets import encode
from runtime.groovy.support.closures import items_of
from runtime.groovy.support.streams import InputStream, Reader
from runtime.groovy.support.texts import text_of
from runtime.groovy.support.values import Array, Value

Statics = dict[str, Value]


def _to_string(source: Value, charset: Value = "UTF-8") -> str:
    if isinstance(source, Reader):
        return source.getText()
    return source.getText(charset) if isinstance(source, InputStream) else InputStream(source).getText(charset)


def _to_bytes(source: Value, charset: Value = "UTF-8") -> bytes:
    return encode(source.getText(), charset) if isinstance(source, Reader) else source.rest()


def _copy(source: InputStream, target: Value) -> int:
    data = source.rest()
    target.write(data)
    return len(data)


IO_UTILS: Statics = {
    "toString": _to_string,
    "toByteArray": _to_bytes,
    "toInputStream": lambda text, charset="UTF-8": InputStream(encode(text_of(text), charset)),
    "copy": _copy,
    "readLines": lambda source, charset="UTF-8": _to_string(source, charset).splitlines(),
    "closeQuietly": lambda *_: None,
}


def _before(text: str | None, mark: str) -> str | None:
    return text if text is None or mark not in text else text.partition(mark)[0]


def _after(text: str | None, mark: str) -> str | None:
    return text if text is None else text.partition(mark)[2]


def _between(text: str | None, start: str, end: str) -> str | None:
    if text is None or start not in text:
        return None
    rest = text.partition(start)[2]
    return rest.partition(end)[0] if end in rest else None


def _padded(text: str | None, size: int, padding: str, *, left: bool) -> str | None:
    if text is None:
        return None
    missing = (padding * size)[: max(size - len(text), 0)]
    return missing + text if left else text + missing


def _folded(text: str | None) -> str | None:
    return None if text is None else text.lower()


STRING_UTILS: Statics = {
    "isBlank": lambda text: text is None or not text.strip(),
    "isNotBlank": lambda text: text is not None and bool(text.strip()),
    "isEmpty": lambda text: not text,
    "isNotEmpty": bool,
    "isNumeric": lambda text: bool(text) and text.isdigit(),
    "trim": lambda text: None if text is None else text.strip(),
    "trimToEmpty": lambda text: "" if text is None else text.strip(),
    "trimToNull": lambda text: None if text is None else text.strip() or None,
    "defaultString": lambda text, default="": default if text is None else text,
    "defaultIfEmpty": lambda text, default: text or default,
    "equals": lambda left, right: left == right,
    "equalsIgnoreCase": lambda left, right: _folded(left) == _folded(right),
    "contains": lambda text, part: text is not None and part in text,
    "upperCase": lambda text: None if text is None else text.upper(),
    "lowerCase": lambda text: None if text is None else text.lower(),
    "capitalize": lambda text: None if text is None else text[:1].upper() + text[1:],
    "leftPad": lambda text, size, padding=" ": _padded(text, size, padding, left=True),
    "rightPad": lambda text, size, padding=" ": _padded(text, size, padding, left=False),
    "join": lambda items, separator="": text_of(separator).join(
        "" if item is None else text_of(item) for item in items_of(items)
    ),
    "split": lambda text, marks=None: None if text is None else Array(
        part for part in text.translate(str.maketrans(dict.fromkeys(marks or " \t\n", " "))).split(" ") if part
    ),
    "replace": lambda text, old, new: None if text is None else text.replace(old, new),
    "repeat": lambda text, count: text * count,
    "reverse": lambda text: None if text is None else text[::-1],
    "substringBefore": _before,
    "substringAfter": _after,
    "substringBetween": _between,
    "countMatches": lambda text, part: 0 if not text or not part else text.count(part),
    "left": lambda text, size: None if text is None else text[: max(size, 0)],
    "right": lambda text, size: None if text is None else text[len(text) - min(max(size, 0), len(text)) :],
}  # fmt: skip
