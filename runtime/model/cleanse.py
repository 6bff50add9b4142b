"""Cleanse: what is asked of the elements of a document, and how they are repaired (reference 1.15)."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from runtime.model.shape import Shape

Trim = Literal["leading", "trailing"]
Pad = Literal["prepend", "append"]


class FieldCleanse(Struct, frozen=True, kw_only=True):
    """What an element must be beyond what its profile says, and what is done where it is not; without, it is rejected.

    `shortest` and `longest` bound its characters, 0 for no bound. `default` takes the place of a value that is missing
    and must be there, or is not of its format. `trim`: the side at which one that is too long is cut. `pad`: the side
    at which one that is too short is filled up with `character`.
    """

    element: int
    required: bool = False
    shortest: int = 0
    longest: int = 0
    default: str | None = None
    trim: Trim | None = None
    pad: Pad | None = None
    character: str = " "


class CleanseStep(Shape, frozen=True, kw_only=True, tag="cleanse"):
    """1.15. Holds each element to what the profile and `fields` say: presence, length, type and format.

    The first value that is not, and that nothing repairs, rejects the whole document. The `rejected` documents run to
    their end first, unchanged, with the reason in ``meta.base.cleansemessage``; then the `clean` ones, as repaired.
    What the profile cannot read fails, and goes down neither path.
    """

    profile: str
    fields: tuple[FieldCleanse, ...] = ()
    rejected: str | None = None
    clean: str | None = None
