"""Masks for numbers, as Java's DecimalFormat reads and writes them.

``#`` is a digit that may be missing, ``0`` one that must be there, ``,`` groups, ``.`` is the point, ``E0`` an
exponent; text before and after is printed as it is, quoted where it must be, and a ``%`` in it shows the number in
hundredths.
What follows a ``;`` gives the text around negative numbers. Rounding is half to even, as in Java.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal

from msgspec import Struct

from runtime.engine.mapping.inputs import WIDE, number_in
from runtime.errors import DocumentFault
from runtime.expressions.json_values import plain

_TEXT = r"(?:'[^']*'|[^#0,.;'])*"
_MASK = re.compile(
    rf"(?P<before>{_TEXT})(?P<whole>[#,]*[0,]*)(?:\.(?P<rest>0*#*))?(?:E(?P<exponent>0+))?(?P<after>{_TEXT})"
    rf"(?:;(?P<minus>{_TEXT})[#0,.E]*(?P<minus_after>{_TEXT}))?"
)


class _Mask(Struct, frozen=True):
    """`least` and `most` digits on both sides of the point; `group` 0 for none; texts around the digits."""

    least_whole: int
    least_rest: int
    most_rest: int
    group: int
    exponent: int
    shift: int
    around: tuple[str, str]
    around_minus: tuple[str, str]


def compile_number_mask(mask: str) -> Callable[[Decimal], str]:
    """Give the function that writes a number in the mask.

    Raises:
        DocumentFault: ``map.invalid-option``: the mask is none.
    """
    form = _parse(mask)

    def write(number: Decimal) -> str:
        scaled = number.scaleb(form.shift, WIDE)
        power = ""
        if form.exponent:
            least = max(form.least_whole, 1)
            by = scaled.adjusted() - least + 1 if scaled else 0
            scaled = scaled.scaleb(-by, WIDE)
            power = f"E{'-' if by < 0 else ''}{abs(by):0{form.exponent}d}"
        rounded = scaled.quantize(Decimal(1).scaleb(-form.most_rest), ROUND_HALF_EVEN, WIDE)
        digits, _, places = plain(rounded.copy_abs()).partition(".")
        digits = digits.lstrip("0").rjust(form.least_whole, "0")
        places = places.rstrip("0").ljust(form.least_rest, "0")
        if not digits and not places:
            digits = "0"
        before, after = form.around_minus if rounded < 0 else form.around
        return f"{before}{_grouped(digits, form.group)}{'.' if places else ''}{places}{power}{after}"

    return write


def number_reader(mask: str) -> Callable[[str], Decimal]:
    """Give the function that reads a number in the mask; a plain number is read whatever the mask.

    Raises:
        DocumentFault: ``map.invalid-option``: the mask is none. The function raises ``map.not-a-number``.
    """
    form = _parse(mask)

    def read(text: str) -> Decimal:
        inner, sign = text.strip(), ""
        for (before, after), its_sign in ((form.around_minus, "-"), (form.around, "")):
            if (before or after) and inner.startswith(before) and inner.endswith(after):
                inner, sign = inner[len(before) : len(inner) - len(after)], its_sign
                break
        return number_in(sign + inner.replace(",", "").strip()).scaleb(-form.shift, WIDE)

    return read


def _parse(mask: str) -> _Mask:
    match = _MASK.fullmatch(mask)
    if match is None or not (match["whole"] or match["rest"]):
        raise DocumentFault("map.invalid-option", f"'{mask}' is no mask for numbers, such as #,##0.00")
    whole, rest = match["whole"], match["rest"] or ""
    around = _text(match["before"]), _text(match["after"])
    minus = match["minus"]
    return _Mask(
        least_whole=whole.count("0"),
        least_rest=rest.count("0"),
        most_rest=len(rest),
        group=len(whole) - whole.rindex(",") - 1 if "," in whole else 0,
        exponent=len(match["exponent"] or ""),
        shift=2 if "%" in "".join(around) else 0,
        around=around,
        around_minus=("-" + around[0], around[1]) if minus is None else (_text(minus), _text(match["minus_after"])),
    )


def _text(written: str) -> str:
    return re.sub("'([^']*)'", lambda quoted: quoted[1] or "'", written)


def _grouped(digits: str, size: int) -> str:
    if not size:
        return digits
    first = len(digits) % size
    groups = [digits[:first], *(digits[at : at + size] for at in range(first, len(digits), size))]
    return ",".join(group for group in groups if group)
