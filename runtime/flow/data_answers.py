"""Answers to data calls: returned documents become the objects that Flow reads (wire protocol A.5.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from runtime.errors import ProcessFault
from runtime.flow.data_requests import ORDINAL_PROPERTY
from runtime.flow.data_wire import write_response
from runtime.flow.filter_rows import matching
from runtime.flow.objects import ObjectCodec, Record, Texts, read_records, write_object, write_texts

if TYPE_CHECKING:
    from runtime.flow.data_requests import DataCall, Given, TypeCodec
    from runtime.flow.filters import Filter
    from runtime.flow.wire import OutputObject


class Returned(Struct, frozen=True):
    """A document that a process returned: its content and its dynamic document properties."""

    content: bytes
    properties: Mapping[str, str] = {}


NOTHING = write_response([])


def answer_data(call: DataCall, codec: TypeCodec, returned: Sequence[Returned], most: int) -> bytes:
    """Give the answer to a data call; of a query at most `most` objects are given.

    Raises:
        ProcessFault: a returned document is no object of the type, or a saved record came back without its id.
    """
    if call.process == "delete":
        return NOTHING
    if call.process == "save":
        return write_response(_saved(call, codec.objects, returned))
    records = read_records([each.content for each in returned])
    if call.process == "get":
        return write_response([_found(records[0], codec.objects, call.identity)] if records and records[0] else [])
    objects = codec.objects
    texts = [write_texts(record, objects) for record in records]
    if call.only is not None:
        texts = [each for each in texts if each[objects.identifier] in call.only]
    return page(texts, objects, call.wanted, filtered=codec.filtered, most=most)


def page(texts: Sequence[Texts], codec: ObjectCodec, wanted: Filter, *, filtered: bool, most: int) -> bytes:
    """Give the objects that were asked for, and whether there are more.

    Where the process has applied the filter, more objects than its limit only tell that there are more.
    """
    if filtered:
        texts = matching(texts, wanted, lambda each: each)[wanted.offset :]
    limit = min(wanted.limit or most, most)
    objects = [write_object(each, codec, order) for order, each in enumerate(texts[:limit])]
    return write_response(objects, more=len(texts) > limit)


def _found(record: Record, codec: ObjectCodec, identity: str | None) -> OutputObject:
    return write_object(write_texts(record, codec), codec, 0, external=identity)


def _saved(call: DataCall, codec: ObjectCodec, returned: Sequence[Returned]) -> list[OutputObject]:
    """Give each record of the request as it was saved, in the order of the request, with its internal id.

    What a process leaves out of a record, or of all of them, is as Flow sent it.
    """
    paired = _pairs(call.given, codec, returned)
    return [
        write_object(
            write_texts(paired.get(number, {}), codec, given.texts),
            codec,
            number,
            external=given.external_id,
            internal=given.internal_id,
        )
        for number, given in enumerate(call.given)
    ]


def _pairs(given: Sequence[Given], codec: ObjectCodec, returned: Sequence[Returned]) -> dict[int, Record]:
    """Find for each record of a request the one that came back.

    A document keeps the property that says which record it is, whatever becomes of its content; a list of records has
    none, and a new record none yet that could be recognised: those are known by their id, and the rest by their order.
    """
    paired: dict[int, Record] = {}
    others: list[Record] = []
    for each in returned:
        records = read_records([each.content])
        ordinal = _ordinal(each.properties, len(given))
        if len(records) == 1 and ordinal is not None and ordinal not in paired:
            paired[ordinal] = records[0]
        else:
            others += records
    if not others:
        return paired
    waiting = {number: record.external_id for number, record in enumerate(given) if number not in paired}
    strangers: list[Record] = []
    for record in others:
        identity = write_texts(record, codec)[codec.identifier]
        known = next((number for number, external in waiting.items() if external and external == identity), None)
        if known is None:
            strangers.append(record)
        else:
            paired[known] = record
            del waiting[known]
    places = [number for number, external in waiting.items() if not external]
    if len(strangers) > len(places):
        message = f"The process returned {len(strangers) - len(places)} objects more than Flow saved."
        raise ProcessFault("flow.response", message, hint="return one document for each that was received")
    return paired | dict(zip(places, strangers, strict=False))


def _ordinal(properties: Mapping[str, str], count: int) -> int | None:
    text = properties.get(ORDINAL_PROPERTY, "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(count)) else count
    return number if number < count else None
