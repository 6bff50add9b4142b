"""Requests that are made of a step's parameters, in the document's place (platform behaviour 98)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runtime.engine.context import Context
from runtime.engine.formats import Row, layout_of, writer
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around, Value, compile_value
from runtime.model.document import Document
from runtime.model.platform_calls import RequestOf
from runtime.sdk.connector import Reply


class MadeRequest:
    """Makes the request of each document; `values` are those that it is made of."""

    def __init__(self, write: Callable[[Row], bytes], places: Sequence[tuple[int, Value]]) -> None:
        self._write = write
        self._places = places
        self.values = tuple(value for _, value in places)

    def request(self, _content: bytes, document: Document, context: Context) -> bytes:
        """Give the request; an element without a value is left out.

        Raises:
            DocumentFault: a value is not of its element's format.
        """
        texts = {key: value.text(document, context) for key, value in self._places}
        return self._write(Row({key: text for key, text in texts.items() if text}))

    def replies(self, replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
        """Give what goes on: the answers as they are."""
        return replies


def made_request(request: RequestOf, around: Around) -> MadeRequest:
    """Give what makes requests.

    Raises:
        Refused: the profile is not there, has no such element, or a value cannot be computed.
    """
    profile = around.components.profiles.get(request.profile)
    if profile is None:
        raise Refused("its request profile is not in the bundle")
    known = layout_of(profile)
    for key, _ in request.values:
        element = known.elements.get(key)
        if element is None or not element.has_value or element.loops:
            raise Refused(
                f"a parameter sets the element {key} of '{profile.name}', which stands there once and has a value"
            )
    return MadeRequest(writer(profile), [(key, compile_value(value, around)) for key, value in request.values])
