"""Masks for numbers: the subset of Java's DecimalFormat that integrations use.

``#`` is a digit that may be missing, ``0`` one that must be there, ``,`` groups, ``.`` is the point; text before and
after is printed as it is, and a ``%`` in it shows the number in hundredths. Rounding is half to even, as in Java.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal

from runtime.engine.mapping.inputs import WIDE
from runtime.errors import DocumentFault
from runtime.expressions.json_values import plain

_MASK = re.compile(r"(?P<before>[^#0,.]*)(?P<whole>[#,]*[0,]*)(?:\.(?P<rest>0*#*))?(?P<after>[^#0,.]*)")


def compile_number_mask(mask: str) -> Callable[[Decimal], str]:
    """Give the function that writes a number in the mask.

    Raises:
        DocumentFault: ``map.invalid-option``: the mask is none.
    """
    match = _MASK.fullmatch(mask)
    if match is None or not (match["whole"] or match["rest"]):
        raise DocumentFault("map.invalid-option", f"'{mask}' is no mask for numbers, such as #,##0.00")
    before, after = match["before"].replace("'", ""), match["after"].replace("'", "")
    whole, rest = match["whole"], match["rest"] or ""
    least_whole, least_rest, most_rest = whole.count("0"), rest.count("0"), len(rest)
    group = len(whole) - whole.rindex(",") - 1 if "," in whole else 0
    shift = 2 if "%" in before + after else 0

    def write(number: Decimal) -> str:
        rounded = number.scaleb(shift, WIDE).quantize(Decimal(1).scaleb(-most_rest), ROUND_HALF_EVEN, WIDE)
        digits, _, places = plain(rounded.copy_abs()).partition(".")
        digits = digits.lstrip("0").rjust(least_whole, "0")
        places = places.rstrip("0").ljust(least_rest, "0")
        if not digits and not places:
            digits = "0"
        sign = "-" if rounded < 0 else ""
        return f"{sign}{before}{_grouped(digits, group)}{'.' if places else ''}{places}{after}"

    return write


def _grouped(digits: str, size: int) -> str:
    if not size:
        return digits
    first = len(digits) % size
    groups = [digits[:first], *(digits[at : at + size] for at in range(first, len(digits), size))]
    return ",".join(group for group in groups if group)
