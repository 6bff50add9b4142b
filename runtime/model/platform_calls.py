"""What a call of an exported process says beyond its fields: of what its request is made, and what becomes of rows."""

from __future__ import annotations

from msgspec import Struct

from runtime.model.parameters import Parameter


class RowsOf(Struct, frozen=True, kw_only=True):
    """The documents of a call hold rows, as a database profile describes them (component XML, section 4.4).

    `profile` is the id of the profile. Of what is read, `batch` rows make one document, and 0 puts all rows into one;
    `link` is the key of a column whose equal neighbours stay in one document (platform behaviour 101).
    """

    profile: str
    batch: int = 0
    link: int | None = None


class RequestOf(Struct, frozen=True, kw_only=True):
    """The request is no document of the process but one of the step's parameters (platform behaviour 98).

    `values` are those of elements of the profile `profile`, by their keys.
    """

    profile: str
    values: tuple[tuple[int, Parameter], ...]
