"""JSON, XML and database documents by profile (component XML, sections 4.1, 4.2, 4.4)."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.engine.formats import Row, layout_of, reader, writer
from runtime.engine.formats.xml_documents import MAX_DEPTH, parse_xml
from runtime.errors import DocumentFault
from runtime.model.platform_profiles import Format, JsonProfile, XmlProfile
from tests.engine.formats.profiles import (
    attribute,
    database_profile,
    element,
    entry,
    item,
    json_profile,
    listed,
    objected,
    xml_profile,
)

LINES = entry(5, "lines", "character", "", listed(6, item(7, objected(8, entry(9, "sku"), entry(10, "n", "number")))))
ORDER = json_profile(objected(2, entry(3, "id"), entry(4, "paid", "boolean"), LINES))
EVERYTHING = set(range(30))


def test_json_is_read_by_name_and_written_in_the_order_of_the_profile() -> None:
    """Unknown members are passed over; null, empty and missing stay apart; numbers keep their digits."""
    row = reader(ORDER, EVERYTHING)(b'{"lines":[{"n":1.50,"sku":null},{"sku":""},{}],"x":1,"paid":true,"id":7}')
    lines = [Row({10: "1.50", 9: None}), Row({9: ""}), Row()]
    assert row == Row({4: "true", 3: "7"}, {7: lines})
    assert (
        writer(ORDER)(row).decode().replace("\r\n", "")
        == '{  "id" : "7",  "paid" : true,  "lines" : [ {    "n" : 1.50  }, {    "sku" : ""  } ]}'
    )


def test_lists_at_the_root_in_lists_and_by_position() -> None:
    """A root may be a list, a list may hold lists, and a fixed list has a name for each position."""
    deep = json_profile(listed(2, item(3, listed(4, item(5)))))
    row = reader(deep, {5})(b'[["a","b"],["c"]]')
    assert row == Row({}, {3: [Row({}, {5: [Row({5: "a"}), Row({5: "b"})]}), Row({}, {5: [Row({5: "c"})]})]})
    assert writer(deep)(row) == b'[ [ "a", "b" ], [ "c" ] ]'
    fixed = json_profile(listed(2, item(3), item(4), item(5), fixed=True))
    assert reader(fixed, EVERYTHING)(b'["a",2,"c","d"]') == Row({3: "a", 4: "2", 5: "c"})
    assert writer(fixed)(Row({5: "c"})) == b'[ null, null, "c" ]'
    assert layout_of(fixed).elements[4].loops == ()
    assert layout_of(deep).elements[5].loops == (3, 5)


def test_only_what_is_asked_for_is_read() -> None:
    """Loops without an element that is asked for are not walked."""
    assert reader(ORDER, {3})(b'{"id":"1","lines":[{"sku":"a"}]}') == Row({3: "1"})


@pytest.mark.parametrize(
    ("profile", "outside", "inside"),
    [
        (json_profile(objected(2, entry(3, "v", "datetime", "yyyy-MM-dd"))), '"2024-02-03"', "20240203 000000.000"),
        (json_profile(objected(2, entry(3, "v", "number", "#,##0.00"))), '"1,234.50"', "1234.50"),
        (json_profile(objected(2, entry(3, "v", "number"))), "1E+2", "100"),
    ],
)
def test_values_have_their_own_form_within_maps(profile: JsonProfile, outside: str, inside: str) -> None:
    """88: dates are read by their mask, numbers by theirs, and both are plain within a map."""
    assert reader(profile, {3})(f'{{"v":{outside}}}'.encode()) == Row({3: inside})


def test_what_cannot_be_written_names_the_element() -> None:
    """A text where a number stands fails the document."""
    with pytest.raises(DocumentFault, match="'n': a text is not a number"):
        writer(ORDER)(Row(rows={7: [Row({10: "many"})]}))


XML = xml_profile(
    element(
        1,
        "Order",
        attribute(2, "id"),
        element(3, "Name"),
        element(4, "Line", attribute(5, "no"), element(6, "Sku", namespace="urn:s"), most=None, namespace="urn:l"),
    ),
    prefixes={"urn:l": "l", "urn:s": "s", "urn:unused": "u"},
)


def test_xml_is_read_by_name_and_namespace() -> None:
    """89: blanks around values are cut off; attributes count; what has another name or namespace does not."""
    content = b"""<Order id=" 7 " x="1"><Name> A
      </Name><Name>B</Name><Line/><Line xmlns="urn:l" no="1"><Sku>wrong</Sku><s:Sku xmlns:s="urn:s">a</s:Sku></Line>
      <y:Line xmlns:y="urn:l"><Sku xmlns="urn:s"><![CDATA[b<]]></Sku></y:Line></Order>"""
    row = reader(XML, EVERYTHING - {1, 4})(content)
    assert row == Row({2: "7", 3: "A"}, {4: [Row({5: "1", 6: "a"}), Row({6: "b<"})]})
    assert writer(XML)(row).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Order xmlns:l="urn:l" xmlns:s="urn:s" id="7">\n  <Name>A</Name>\n'
        '  <l:Line no="1">\n    <s:Sku>a</s:Sku>\n  </l:Line>\n  <l:Line>\n    <s:Sku>b&lt;</s:Sku>\n  </l:Line>\n'
        "</Order>\n"
    )


def test_another_root_holds_nothing() -> None:
    """A document of another kind gives no values."""
    assert reader(XML, EVERYTHING)(b"<Invoice id='1'/>") == Row()


def test_elements_that_must_stand_are_written_empty_where_the_profile_says_so() -> None:
    """respectMinOccurs: in their place, and only where what is around them is written."""
    root = element(
        1, "R", element(2, "A", least=1), element(3, "B"), element(4, "C", element(5, "D", least=1), least=1)
    )
    assert b"<A/>\n  <B>x</B>\n  <C/>" in writer(xml_profile(root, least=True))(Row({3: "x"}))
    assert b"<A" not in writer(xml_profile(root))(Row({3: "x"}))
    assert writer(xml_profile(root, least=True))(Row()) == b""


def test_truth_values_may_be_bits() -> None:
    """ProfileBitFormat: 1 and 0 outside, true and false within."""
    profile = xml_profile(element(1, "R", element(2, "B", format=Format(kind="boolean", bits=True))))
    assert reader(profile, {2})(b"<R><B>1</B></R>") == Row({2: "true"})
    assert b"<B>0</B>" in writer(profile)(Row({2: "false"}))


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))


@given(name=TEXTS, number=TEXTS, skus=st.lists(TEXTS.map(str.strip).filter(bool), max_size=3))
def test_xml_reads_back(name: str, number: str, skus: list[str]) -> None:
    """Any text that XML can hold comes back, but for blanks around it."""
    row = Row({2: number.strip(), 3: name.strip()}, {4: [Row({6: sku}) for sku in skus]} if skus else {})
    assert reader(XML, EVERYTHING - {1, 4})(writer(XML)(row)) == row


@pytest.mark.parametrize(
    "content",
    [
        b"<a>",
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
        b"<a>&nbsp;</a>",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1),
    ],
)
def test_hostile_xml_fails_the_document(content: bytes) -> None:
    """What is no XML, has a document type, or nests beyond all reason is refused at once."""
    with pytest.raises(DocumentFault, match=r"XML|document") as failed:
        parse_xml(content)
    assert failed.value.code == "xml.malformed"


def test_what_xml_cannot_hold_fails_the_document() -> None:
    """A control character has no place in XML."""
    with pytest.raises(DocumentFault, match="cannot be written as XML"):
        writer(XML)(Row({3: "\x00"}))


def namespaced(profile: XmlProfile) -> set[int]:
    """Give the keys of a profile's elements."""
    return set(layout_of(profile).elements)


def test_layouts_say_what_repeats() -> None:
    """An element stands in the loops around it; a repeating element in its own; the root repeats nothing."""
    elements = layout_of(XML).elements
    assert {key: elements[key].loops for key in namespaced(XML)} == {1: (), 2: (), 3: (), 4: (4,), 5: (4,), 6: (4,)}


ENVELOPE = (
    b"DBSTART|85ba3f56|2|@|BEGIN|2|@|OUT_START|3|@|1|^|A|^|x\r\ny|#|2|^||^||#||#|OUT_END|3|@|END|2|@|"
    b"DBEND|85ba3f56|2|@|"
)


def test_database_rows_are_read_from_the_platforms_envelope_and_from_json() -> None:
    """Columns count by position in the envelope, by name in JSON."""
    profile = database_profile("ID", "NAME", "NOTE")
    rows = [Row({4: "1", 5: "A", 6: "x\r\ny"}), Row({4: "2", 5: "", 6: ""})]
    assert reader(profile, {4, 5, 6})(ENVELOPE) == Row(rows={2: rows})
    assert reader(profile, {4, 5})(b'[{"ID":1,"NAME":null,"more":2}]') == Row(rows={2: [Row({4: "1", 5: None})]})
    with pytest.raises(DocumentFault, match="no rows"):
        reader(profile, {4})(b"x")


@example(rows=[["", "", "#"], ["^", "#", "^"]])
@given(rows=st.lists(st.lists(st.text(st.characters(exclude_characters="|", codec="utf-8")), min_size=3, max_size=3)
                     .filter(any), max_size=4))  # fmt: skip
def test_database_rows_read_back(rows: list[list[str]]) -> None:
    """What is written as an envelope comes back; without a row there is no document."""
    profile = database_profile("A", "B", "C")
    row = Row(rows={2: [Row(dict(enumerate(one, 4))) for one in rows]} if rows else {})
    assert reader(profile, {4, 5, 6})(writer(profile)(row)) == row
