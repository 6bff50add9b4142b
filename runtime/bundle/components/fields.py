"""Reading an element so that nothing in it is passed over: what nobody asked for is harmless by the table, or told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.bundle.components.harmless import is_harmless, is_harmless_element

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeVar

    from runtime.bundle.components.notes import Notes
    from runtime.bundle.components.xml import Element

    Word = TypeVar("Word")

_FLAGS = {"true": True, "false": False, "1": True, "0": False}
_MOST_DIGITS = 18  # of a whole number: within 64 bits


class Fields:
    """One element while it is read. `done` tells what was not asked for."""

    def __init__(self, element: Element, notes: Notes) -> None:
        self.element = element
        self.notes = notes
        self._asked: set[str] = set()
        self._taken: set[str] = set()
        self._text_taken = False

    def __contains__(self, name: str) -> bool:
        """Tell whether an attribute is written."""
        return name in self.element.attributes

    def text(self, name: str, default: str = "") -> str:
        """Give an attribute's text."""
        self._asked.add(name)
        return self.element.attributes.get(name, default)

    def shown(self, *names: str) -> None:
        """Pass over attributes that only people read."""
        self._asked.update(names)

    def maybe(self, name: str) -> str | None:
        """Give an attribute's text; None when it is missing or empty."""
        return self.text(name) or None

    def required(self, name: str) -> str:
        """Give an attribute's text; that it is missing is told."""
        text = self.text(name)
        if not text:
            self.notes.wrong(self.element, f"'{self.element.tag}' has no '{name}'")
        return text

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Give an attribute's truth value."""
        text = self.text(name)
        if text and text.lower() not in _FLAGS:
            self.notes.wrong(self.element, f"'{name}' is neither true nor false: '{text}'")
        return _FLAGS.get(text.lower(), default)

    def whole(self, name: str, default: int = 0) -> int:
        """Give an attribute's whole number."""
        text = self.text(name)
        number = _whole(text)
        if text and number is None:
            self.notes.wrong(self.element, f"'{name}' is no whole number: '{text[:40]}'")
        return default if number is None else number

    def key(self, name: str) -> int:
        """Give an attribute that must be a whole number; 0 when it is not, which is told."""
        if not self.text(name):
            self.required(name)
        return self.whole(name)

    def word(self, name: str, words: Mapping[str, Word], default: Word) -> Word:
        """Give what an attribute's word means; one that is not known is told."""
        text = self.text(name)
        if text and text not in words:
            known = ", ".join(words)
            self.notes.unknown(self.element, f"'{name}' of '{self.element.tag}' is '{text}'; known: {known}")
        return words.get(text, default)

    def only(self, name: str, *expected: str, why: str) -> None:
        """Refuse every value of an attribute but the expected ones."""
        text = self.text(name)
        if text and text not in expected:
            self.notes.refused(self.element, f"'{name}' of '{self.element.tag}' is '{text}': {why}")

    def child(self, tag: str) -> Element | None:
        """Give the child of that name, or None; another one of the same name is told."""
        found = self.children(tag)
        if len(found) > 1:
            self.notes.unknown(found[1], f"'{self.element.tag}' has more than one '{tag}'")
        return found[0] if found else None

    def children(self, *tags: str) -> tuple[Element, ...]:
        """Give the children of those names, in order."""
        self._taken.update(tags)
        return tuple(child for child in self.element.children if child.tag in tags)

    def content(self) -> str:
        """Give the text of the element itself."""
        self._text_taken = True
        return self.element.text

    def done(self) -> None:
        """Tell what nobody asked for and is not harmless."""
        element = self.element
        for name, value in element.attributes.items():
            if name not in self._asked and not is_harmless(element.tag, name, value):
                self.notes.unknown(element, f"the attribute '{name}' of '{element.tag}' is not understood")
        for child in element.children:
            if child.tag not in self._taken and not is_harmless_element(element.tag, child):
                self.notes.unknown(child, f"'{child.tag}' in '{element.tag}' is not understood")
        if not self._text_taken and element.text.strip():
            self.notes.unknown(element, f"the text in '{element.tag}' is not understood")


def fields_in(parent: Fields, tag: str) -> Fields | None:
    """Give the child of that name, to be read; None when there is none."""
    element = parent.child(tag)
    return Fields(element, parent.notes) if element is not None else None


def content_of(parent: Fields, tag: str) -> str:
    """Give the text of the child of that name; an empty one when there is none."""
    child = fields_in(parent, tag)
    if child is None:
        return ""
    text = child.content()
    child.done()
    return text


def contents_of(parent: Fields, tag: str) -> tuple[str, ...]:
    """Give the texts of all children of that name."""
    texts = []
    for element in parent.children(tag):
        child = Fields(element, parent.notes)
        texts.append(child.content())
        child.done()
    return tuple(texts)


def number_of(text: str) -> int | None:
    """Give the whole number that a text is, or None."""
    return _whole(text)


def _whole(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS else None
