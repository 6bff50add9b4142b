"""Answers to file calls: returned documents become the objects that tell of files (wire protocol A.6, E.6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from runtime.errors import ProcessFault
from runtime.flow.data_answers import NOTHING, Returned, page
from runtime.flow.data_wire import write_response
from runtime.flow.objects import ObjectCodec, Record, Texts, read_records, write_object, write_texts
from runtime.flow.values import write_text

if TYPE_CHECKING:
    from runtime.flow.file_requests import FileCall, FileCodec

_EXTERNAL = "externalid"  # in any case: what the platform wants of every file


def answer_files(call: FileCall, codec: FileCodec, returned: Sequence[Returned], most: int) -> bytes:
    """Give the answer to a file call; of a list at most `most` objects are given.

    Raises:
        ProcessFault: a returned document does not tell of a file, or an upload returned none.
    """
    if call.process == "delete":
        return NOTHING
    texts = [_texts(record, codec.objects) for record in read_records([each.content for each in returned])]
    if call.process == "list":
        return page(texts, codec.objects, call.wanted, filtered=codec.filtered, most=most)
    if not texts:
        message = "The upload process returned no document that tells of the stored file."
        raise ProcessFault("flow.response", message, hint='return an object with "Id" and "Name" for each file')
    return write_response([write_object(each, codec.objects, order) for order, each in enumerate(texts)])


def _texts(record: Record, codec: ObjectCodec) -> Texts:
    """Give the texts of a file; its identity is `externalid`, as on the platform, or its Id."""
    texts = write_texts(record, codec)
    external = next((value for name, value in record.items() if name.casefold() == _EXTERNAL), None)
    if external is None:
        return texts
    try:
        return {**texts, codec.identifier: texts[codec.identifier] or write_text(external)}
    except ValueError as error:
        raise ProcessFault("flow.response", f'The property "{_EXTERNAL}" of a returned file {error}.') from error
