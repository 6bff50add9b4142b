"""What a value must be, and how it is repaired (reference 1.15)."""

from __future__ import annotations

from collections.abc import Callable

from runtime.engine.formats.values import into_map, truth_in
from runtime.engine.mapping.inputs import number_in
from runtime.engine.mapping.texts import fill_left, fill_right, keep_left, keep_right
from runtime.errors import DocumentFault
from runtime.model.cleanse import FieldCleanse
from runtime.model.platform_profiles import Format

_NO_REPAIR = FieldCleanse(element=0)


class Rule:
    """What one element must be: `format` and `required` are the profile's, `field` what the step says beyond them."""

    def __init__(self, name: str, format_: Format, *, required: bool, field: FieldCleanse | None) -> None:
        self.name = name
        self._field = field or _NO_REPAIR
        self._required = required or self._field.required
        self._shortest = self._field.shortest or format_.shortest
        self._longest = self._field.longest or format_.longest
        self._check = _check(format_)

    def cleansed(self, text: str | None) -> str | None:
        """Give the value as it is, or repaired; None for one that is missing and may be.

        Raises:
            DocumentFault: ``cleanse.rejected``: it is not what it must be, and nothing repairs it.
        """
        made = self._filled(text)
        if made:
            made = self._fitted(made)
            made = self._formed(made)
        mistake = self._mistake(made)
        if mistake is not None:
            raise DocumentFault("cleanse.rejected", f"'{self.name}' {mistake}")
        return made

    def _filled(self, text: str | None) -> str | None:
        if self._required and not (text or "").strip() and self._field.default is not None:
            return self._field.default
        return text

    def _fitted(self, text: str) -> str:
        if self._longest and len(text) > self._longest and self._field.trim is not None:
            cut = keep_left if self._field.trim == "trailing" else keep_right
            return cut(text, self._longest)
        if len(text) < self._shortest and self._field.pad is not None:
            fill = fill_right if self._field.pad == "append" else fill_left
            return fill(text, self._shortest, self._field.character)
        return text

    def _formed(self, text: str) -> str:
        wrong = self._check(text) is not None
        return self._field.default if wrong and self._field.default is not None else text

    def _mistake(self, text: str | None) -> str | None:
        if not (text or "").strip():
            return "has no value, and must have one" if self._required else None
        length = len(text or "")
        if self._longest and length > self._longest:
            return f"has {length} characters, and at most {self._longest} are allowed"
        if length < self._shortest:
            return f"has {length} characters, and must have {self._shortest} at least"
        return self._check(text or "")


def _check(format_: Format) -> Callable[[str], str | None]:
    """Give what says why a text is not of a format."""
    match format_.kind:
        case "number":
            convert = into_map(format_) if format_.mask else number_in
            return _refusal(convert, "is no number")
        case "boolean" if not format_.bits:
            return _refusal(truth_in, "is neither true nor false")
        case "boolean":
            return lambda text: None if text.strip() in {"0", "1"} else "is neither 1 nor 0"
        case "datetime" if format_.mask:
            return _refusal(into_map(format_), f"is no date of the form '{format_.mask}'")
        case _:
            return lambda _text: None


def _refusal(convert: Callable[[str], object], mistake: str) -> Callable[[str], str | None]:
    def check(text: str) -> str | None:
        try:
            convert(text)
        except DocumentFault:
            return mistake
        return None

    return check
