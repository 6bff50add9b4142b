"""Uploads: which part of a multipart body is the request, and which are files (wire protocol A.6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from runtime.errors import RequestError

REQUEST_PART = "filedatarequest"  # in any case; the engine writes FileDataRequest


class Part(Protocol):
    """What a part says of itself."""

    @property
    def name(self) -> str:
        """Its name in the form."""
        ...

    @property
    def filename(self) -> str | None:
        """The name of the file, if it is one."""
        ...

    @property
    def content_type(self) -> str:
        """Its media type, as it is written."""
        ...


def sort_parts(parts: Sequence[Part]) -> tuple[int, list[int]]:
    """Give the position of the request part, and those of the files.

    The part called FileDataRequest is the request, or else the first JSON without a file name: a file may be JSON too.

    Raises:
        RequestError: there is no request part, or no file.
    """
    request = next((number for number, part in enumerate(parts) if part.name.lower() == REQUEST_PART), None)
    if request is None:
        request = next((number for number, part in enumerate(parts) if _is_json(part) and part.filename is None), None)
    if request is None:
        raise RequestError("flow.no-request-part", "The upload has no part 'FileDataRequest'.")
    others = [number for number in range(len(parts)) if number != request]
    files = [number for number in others if parts[number].filename is not None] or others[:1]
    if not files:
        raise RequestError("flow.no-file", "The upload has no file.")
    return request, files


def _is_json(part: Part) -> bool:
    return part.content_type.partition(";")[0].strip().lower() == "application/json"
