"""XML as a text: escapes, elements in one line, and documents as the transformer of Java indents them."""

from __future__ import annotations

from runtime.groovy.support.xml_tree import Element

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_CONTENT: dict[int, str] = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_WHITE = str.maketrans({"\t": "&#09;", "\n": "&#10;", "\r": "&#13;"})


def escaped(text: str, quote: str | None = None) -> str:
    """Give a text as it stands in an element, or between quotes in an attribute."""
    made = text.translate(_CONTENT)
    if quote is not None:
        made = made.translate(_WHITE).replace(quote, "&apos;" if quote == "'" else "&quot;")
    return made


def beyond(text: str, encoding: str) -> str:
    """Give a text with what an encoding does not have as numbers."""
    return text if encoding.upper().startswith("UTF") else "".join(
        letter if ord(letter) < 128 else f"&#x{ord(letter):x};"  # noqa: PLR2004 - ASCII
        for letter in text
    )  # fmt: skip


def attributes_text(attributes: dict[str, str], quote: str = '"') -> str:
    """Give attributes as they stand in a tag, each with a blank before it."""
    return "".join(f" {name}={quote}{escaped(value, quote)}{quote}" for name, value in attributes.items())


def with_spaces(element: Element, declared: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Give the attributes of an element with the namespaces that it must declare, and those in force within it."""
    needed = {element.prefix: element.uri}
    for name in element.attributes:
        prefix = name.partition(":")[0] if ":" in name else ""
        if prefix and prefix != "xml":
            needed[prefix] = element.spaces.get(prefix, "")
    new = {prefix: uri for prefix, uri in needed.items() if declared.get(prefix, "") != uri}
    names = {f"xmlns:{prefix}" if prefix else "xmlns": uri for prefix, uri in new.items()}
    return {**names, **element.attributes}, {**declared, **new}


def indented(root: Element) -> str:
    """Give a document, each element on a line of its own where no text stands beside it."""
    pieces = [DECLARATION]
    _write(root, 0, {}, pieces, after_text=True)
    return "".join([*pieces, "\n"])


def _write(element: Element, depth: int, declared: dict[str, str], pieces: list[str], *, after_text: bool) -> None:
    attributes, within = with_spaces(element, declared)
    margin = "" if after_text else "\n" + "  " * depth
    head = f"{margin}<{element.qualified}{attributes_text(attributes)}"
    if not element.content:
        pieces.append(f"{head}/>")
        return
    pieces.append(f"{head}>")
    previous_is_text = False
    for part in element.content:
        if isinstance(part, str):
            pieces.append(escaped(part))
        else:
            _write(part, depth + 1, within, pieces, after_text=previous_is_text)
        previous_is_text = isinstance(part, str)
    end = "" if previous_is_text else "\n" + "  " * depth
    pieces.append(f"{end}</{element.qualified}>")
