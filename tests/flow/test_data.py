"""Data calls: records of Flow become documents, and documents become records of Flow."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import ProcessFault, RequestError
from runtime.flow.data_answers import Returned, answer_data
from runtime.flow.data_requests import ORDINAL_PROPERTY, DataCall, DataVerb, TypeCodec, parse_data
from runtime.flow.filters import decode_filter
from runtime.flow.objects import compile_objects
from runtime.flow.service_codec import compile_type
from runtime.flow.values import exact_float
from runtime.model.flow_service import ConfigurationValue, DataType, ProcessRef
from runtime.model.profile import Entry, Profile
from tests.flow.fixture import CONTACT
from tests.flow.strategies import ENTRIES, records

ALL = ProcessRef("P")
CODEC = compile_type(DataType(name="Contact", profile=CONTACT, get=ALL, query=ALL, save=ALL, delete=ALL))
_DECODER = msgspec.json.Decoder(float_hook=exact_float)


def call(verb: DataVerb, *objects: dict[str, Any], codec: TypeCodec = CODEC, **members: Any) -> DataCall:  # noqa: ANN401 - JSON
    """Give a call as the library reads it."""
    body = {"objectDataType": {"developerName": codec.objects.name}, "objectData": list(objects) or None, **members}
    return parse_data(msgspec.json.encode(body), verb, {codec.objects.name: codec})


def record(external: str | None = None, internal: str | None = None, **properties: str | None) -> dict[str, Any]:
    """Give a record as Flow sends it."""
    values = [{"developerName": name, "contentValue": text} for name, text in properties.items()]
    return {"externalId": external, "internalId": internal, "developerName": "Contact", "properties": values}


def answer(made: DataCall, *returned: object, codec: TypeCodec = CODEC, most: int = 100) -> dict[str, Any]:
    """Give the answer to a call whose process returned these values."""
    documents = [each if isinstance(each, Returned) else Returned(msgspec.json.encode(each)) for each in returned]
    decoded: dict[str, Any] = msgspec.json.decode(answer_data(made, codec, documents, most))
    return decoded


def ids(told: dict[str, Any]) -> list[str]:
    """Give the external ids of an answer."""
    return [each["externalId"] for each in told["objectData"]]


def values(each: dict[str, Any]) -> dict[str, str | None]:
    """Give the texts of an object."""
    return {value["developerName"]: value["contentValue"] for value in each["properties"]}


class TestRequests:
    """Calls, from bytes to what a process receives."""

    def test_a_record_becomes_a_whole_document(self) -> None:
        """Values have the kinds of the profile, what is left out is null, and numbers keep their digits."""
        made = call("save", record(Id="", Surname="Curie", Age="66.50", Active="TRUE", BornOn="1867-11-07"))
        assert made.documents == (
            b'{"Id":"","Surname":"Curie","City":null,"Age":66.50,"Active":true,"BornOn":"1867-11-07T00:00:00.000Z"}',
        )

    def test_the_external_id_identifies(self) -> None:
        """A record with an external id has it as its identifying property, also when a page has cleared that."""
        (document,) = call("save", record("18", Id="", City="Boston")).documents
        assert msgspec.json.decode(document)["Id"] == "18"

    def test_an_identifier_may_be_a_number(self) -> None:
        """An external id is a text for Flow, and of its profile's kind for the process."""
        profile = Profile(name="p", entries=(Entry(name="Id", kind="number"), Entry(name="A", kind="character")))
        codec = compile_type(DataType(name="N", profile=profile, save=ALL, delete=ALL))
        assert call("save", record("18", A="x"), codec=codec).documents == (b'{"Id":18,"A":"x"}',)
        with pytest.raises(RequestError, match='property "Id" is not a number'):
            call("delete", record("x"), codec=codec)

    def test_one_by_its_id_is_asked_of_get(self) -> None:
        """A filter with an id runs the Get process with `param_id`, whatever else it says."""
        made = call("load", listFilter={"id": " 17 ", "where": [{"columnName": "Ghost"}]})
        assert (made.process, made.properties["param_id"], made.documents) == ("get", "17", (b"",))

    def test_one_by_its_id_is_asked_of_query_where_there_is_no_get(self) -> None:
        """Without a Get process the Query process is asked, and only that very record is given."""
        codec = compile_type(DataType(name="Contact", profile=CONTACT, query=ALL))
        made = call("load", codec=codec, listFilter={"id": "a1"})
        assert made.process == "query"
        assert ids(answer(made, [{"Id": "A1"}, {"Id": "a1"}], codec=codec)) == ["a1"]

    def test_objects_are_refreshed(self) -> None:
        """`filterByProvidedObjects` asks for exactly the given records; without any there is nothing to ask."""
        made = call("load", record("18"), record("20"), listFilter={"filterByProvidedObjects": True})
        asked = decode_filter(made.properties["param_filter"]).where.groups[0]
        assert (asked.any, [each.value for each in asked.conditions]) == (True, ["18", "20"])
        assert ids(answer(made, [{"Id": "17"}, {"Id": "18"}, {"Id": "20"}])) == ["18", "20"]
        assert call("load", listFilter={"filterByProvidedObjects": True}).documents == ()

    def test_a_query_brings_its_filter_twice(self) -> None:
        """The document is the platform's QueryFilter, and `param_filter` has all of it."""
        made = call("load", listFilter={"limit": 5, "where": [{"columnName": "City", "criteriaType": "EQUAL"}]})
        assert made.documents[0].startswith(
            b'<QueryFilter><expression operator="and"><nestedExpression operator="EQUAL"'
        )
        assert decode_filter(made.properties["param_filter"]).limit == 5
        assert call("load").documents == (b"<QueryFilter></QueryFilter>",)

    def test_one_is_deleted_by_its_id(self) -> None:
        """A delete without objects takes the id of its filter."""
        (document,) = call("delete", listFilter={"id": "20"}).documents
        assert msgspec.json.decode(document)["Id"] == "20"
        assert call("delete").documents == ()

    def test_what_has_no_process_is_told(self) -> None:
        """A type that can only be loaded says so with 501, and names what is missing."""
        codec = compile_type(DataType(name="Contact", profile=CONTACT, query=ALL))
        for verb, word in (("save", "save"), ("delete", "delete")):
            with pytest.raises(RequestError, match=f'"Contact" has no process for this: {word}') as refused:
                call(verb, record("1"), codec=codec)  # type: ignore[arg-type]
            assert refused.value.status == 501

    def test_configuration_is_wanted_here_too(self) -> None:
        """A required configuration value must be there, and its property is set."""
        wanted = (ConfigurationValue(name="region", required=True),)
        body: dict[str, Any] = {"objectDataType": {"developerName": "contact"}, "configurationValues": []}
        with pytest.raises(RequestError, match='"region" is required'):
            parse_data(msgspec.json.encode(body), "load", {"Contact": CODEC}, wanted)
        body["configurationValues"] = [{"developerName": "region", "contentValue": "EU"}]
        made = parse_data(msgspec.json.encode(body), "load", {"Contact": CODEC}, wanted)
        assert made.properties["inflowconfigurationvalues_region"] == "EU"


class TestAnswers:
    """Answers, from returned documents to objects."""

    def test_saved_records_keep_their_order_and_internal_ids(self) -> None:
        """Each record comes back in its place, however the process has ordered them, with its new id."""
        made = call("save", record(None, "i-1", Surname="A"), record("19", "i-2"), record("", "i-3", Surname="C"))
        ordinals = [Returned(msgspec.json.encode({"Id": f"n{n}"}), {ORDINAL_PROPERTY: str(n)}) for n in (2, 0)]
        told = answer(made, *ordinals, {"Id": "19"})
        assert [(each["externalId"], each["internalId"]) for each in told["objectData"]] == [
            ("n0", "i-1"),
            ("19", "i-2"),
            ("n2", "i-3"),
        ]
        assert [values(each)["Surname"] for each in told["objectData"]] == ["A", None, "C"]

    def test_a_list_of_saved_records_is_paired_by_id_and_order(self) -> None:
        """A process that gives all of them in one document is understood: known ids first, new ones in order."""
        made = call("save", record(None, "i-1"), record("19", "i-2"), record(None, "i-3"))
        told = answer(made, [{"Id": "19"}, {"Id": "30"}, {"Id": "31"}])
        assert [(each["externalId"], each["internalId"]) for each in told["objectData"]] == [
            ("30", "i-1"),
            ("19", "i-2"),
            ("31", "i-3"),
        ]

    def test_an_update_without_an_answer_is_as_it_was_sent(self) -> None:
        """A Save process that returns nothing has saved what Flow sent; a new record must get its id."""
        told = answer(call("save", record("19", City="Leeds")))
        assert values(told["objectData"][0])["City"] == "Leeds"
        with pytest.raises(ProcessFault, match='has no "Id", by which Flow knows it again'):
            answer(call("save", record(None, City="Leeds")))

    def test_more_than_was_saved_is_a_fault(self) -> None:
        """Records that Flow did not send cannot be saved ones."""
        with pytest.raises(ProcessFault, match="2 objects more than Flow saved"):
            answer(call("save", record("19")), [{"Id": "1"}, {"Id": "2"}])

    def test_a_query_is_cut_where_flow_said(self) -> None:
        """Where the process filters, one record more than the limit only says that there are more."""
        made = call("load", listFilter={"limit": 2, "offset": 7})
        told = answer(made, [{"Id": "a"}, {"Id": "b"}, {"Id": "c"}])
        assert (ids(told), told["hasMoreResults"]) == (["a", "b"], True)

    def test_no_answer_is_larger_than_the_runtime_allows(self) -> None:
        """Without a limit of Flow's the daemon's own holds, and Flow learns that there are more."""
        told = answer(call("load"), *({"Id": str(number)} for number in range(4)), most=3)
        assert (ids(told), told["hasMoreResults"]) == (["0", "1", "2"], True)

    @pytest.mark.parametrize("returned", [[], [None], [{}], [[]]])
    def test_what_is_not_there_is_an_empty_list(self, returned: list[object]) -> None:
        """A Get process says that there is no such record by returning nothing, or an empty document."""
        assert answer(call("load", listFilter={"id": "999"}), *returned)["objectData"] == []

    def test_members_match_without_regard_to_case(self) -> None:
        """A column in small letters is the property all the same, and what is unknown is skipped."""
        told = answer(call("load"), {"id": 7, "CITY": "York", "active": 0, "more": {}})
        assert values(told["objectData"][0]) == {
            "Id": "7",
            "Surname": None,
            "City": "York",
            "Age": None,
            "Active": "false",
            "BornOn": None,
        }

    @pytest.mark.parametrize(
        ("returned", "words"),
        [
            (b"<contact/>", "document 1 is not JSON"),
            (b'"Ada"', "document 1 is neither an object nor a list"),
            (b"[1]", "document 1 is neither an object nor a list"),
            (b'{"Id": "1", "Age": "old"}', 'property "Age" of a returned Contact is not a number'),
            (b'{"Surname": "Ada"}', 'returned Contact has no "Id"'),
        ],
    )
    def test_what_is_no_record_is_told(self, returned: bytes, words: str) -> None:
        """A document that is no record fails the call, and the message says what is wrong with it."""
        with pytest.raises(ProcessFault, match=words):
            answer(call("load"), Returned(returned))

    @given(records(), st.sampled_from(["load", "save"]))
    def test_records_survive(self, rows: list[dict[str, Any]], verb: DataVerb) -> None:
        """Document -> Flow values -> document loses nothing: no digit, no instant, no null, no letter."""
        codec = TypeCodec(
            objects=compile_objects("Person", ENTRIES), serves=frozenset({"query", "save"}), filtered=False
        )
        told = answer(call("load", codec=codec), *rows, codec=codec)
        back = call("save", *told["objectData"], codec=codec)
        assert [_DECODER.decode(document) for document in back.documents] == rows


@pytest.mark.parametrize(
    ("names", "identifier"),
    [
        (("A", "Id"), "Id"),
        (("ID", "externalid"), "externalid"),
        (("Key", "Name"), "Key"),
        (("id", "ExternalID"), "ExternalID"),
    ],
)
def test_the_identifier_is_found(names: tuple[str, ...], identifier: str) -> None:
    """A record is identified by externalid, id, or its first property, unless the type says otherwise."""
    entries = [Entry(name=name, kind="character") for name in names]
    assert compile_objects("T", entries).identifier == identifier
    assert compile_objects("T", entries, names[0]).identifier == names[0]
