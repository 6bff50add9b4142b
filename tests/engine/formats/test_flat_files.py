"""Flat files by profile (component XML, section 4.3; the help text on delimited data)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.formats import Row, reader, writer
from runtime.engine.formats.delimited import Dialect, read_lines, whole_lines, write_line
from runtime.engine.formats.flat_files import read_records
from runtime.errors import DocumentFault
from runtime.model.platform_profiles import Escapes, FlatFileProfile
from tests.engine.formats.profiles import BACKSLASHED, column, flat_profile, record

QUOTED = Dialect(quote='"')
TWO = (column(3, "a"), column(4, "b"))


def fields(text: str, dialect: Dialect = QUOTED) -> list[list[str]]:
    """Read lines."""
    return [line.fields for line in read_lines(text, dialect)]


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("a,b\r\nc,d\n", Dialect(), [["a", "b"], ["c", "d"]]),
        (" a , b ", Dialect(), [[" a ", " b "]]),
        ("a\n   \n\nb", Dialect(), [["a"], ["b"]]),
        ("a|b*c", Dialect(delimiter="|"), [["a", "b*c"]]),
        ("a~!~b", Dialect(delimiter="~!~"), [["a", "b"]]),
        ('"a,b",c', QUOTED, [["a,b", "c"]]),
        ('"a\r\nb",c\r\nd', QUOTED, [["a\r\nb", "c"], ["d"]]),
        ('  " a " ,b', QUOTED, [[" a ", "b"]]),
        ('x"y",b', QUOTED, [['x"y"', "b"]]),
        ('"say ""hi""",b', QUOTED, [['say "hi"', "b"]]),
        ('"",b', QUOTED, [["", "b"]]),
        ('""\n', QUOTED, [[""]]),
        (r"city\,state,x", Dialect(escapes=Escapes(delimiter="\\"), remove_escape=True), [["city,state", "x"]]),
        (r"city\,state,x", Dialect(escapes=Escapes(delimiter="\\")), [[r"city\,state", "x"]]),
        (r"dir\\,x", Dialect(escapes=BACKSLASHED, remove_escape=True), [["dir\\", "x"]]),
        ("'o''clock',x", Dialect(quote="'", escapes=Escapes(quote="'"), remove_escape=True), [["o'clock", "x"]]),
        (r"'o\'clock',x", Dialect(quote="'", escapes=Escapes(delimiter="\\"), remove_escape=True), [["o'clock", "x"]]),
    ],
)
def test_lines_are_read_as_the_help_text_says(text: str, dialect: Dialect, expected: list[list[str]]) -> None:
    """Blank rows are none; quotes open at the beginning of a field alone; escapes go where they are to be removed."""
    assert fields(text, dialect) == expected


DIALECTS = (
    QUOTED,
    Dialect(delimiter="|", quote="'"),
    Dialect(delimiter="~!~", quote='"', escapes=Escapes(quote='"'), remove_escape=True),
)


@given(rows=st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=4), max_size=4),
       dialect=st.sampled_from(DIALECTS))  # fmt: skip
def test_what_is_written_reads_back(rows: list[list[str]], dialect: Dialect) -> None:
    """Any texts survive a file with quotes; and wherever it is cut after whole lines, no line is broken."""
    text = "".join(write_line([(field, True) for field in row], dialect) for row in rows)
    assert fields(text, dialect) == rows
    end = whole_lines(text[: len(text) // 2], dialect)
    assert fields(text[:end], dialect) + fields(text[end:], dialect) == rows


PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1).filter(lambda text: text.strip())


@given(rows=st.lists(st.lists(PLAIN, min_size=2, max_size=2), max_size=3))
def test_escapes_do_what_quotes_do(rows: list[list[str]]) -> None:
    """Any line of text survives a file with escapes of delimiters, unless a field ends with one."""
    dialect = Dialect(escapes=BACKSLASHED, remove_escape=True)
    kept = [[field.rstrip("\\") or "x" for field in row] for row in rows]
    kept = [[field if field.strip() else "x" for field in row] for row in kept]
    text = "".join(write_line([(field, True) for field in row], dialect) for row in kept)
    assert fields(text, dialect) == kept


def test_only_texts_are_quoted_unless_they_must_be() -> None:
    """Texts are quoted where the profile has a quote, numbers are not."""
    profile = flat_profile(record(1, column(3, "a"), column(4, "n", "number")), quote='"', headers=True)
    written = writer(profile)(Row(rows={1: [Row(values={3: 'x"y', 4: "1.50"}), Row(values={4: "2"})]}))
    assert written == b'"a","n"\r\n"x""y",1.50\r\n"",2\r\n'


@given(values=st.lists(st.text("abc 0", max_size=4), min_size=3, max_size=3))
def test_positions_keep_what_fits(values: list[str]) -> None:
    """A field comes back without the blanks that filled it up."""
    columns = [column(key, "f", start=(key - 3) * 4, length=4, justify=side)
               for key, side in ((3, "left"), (4, "right"), (5, "left"))]  # fmt: skip
    profile = flat_profile(record(1, *columns), delimiter=None, pad=" ")
    written = writer(profile)(Row(rows={1: [Row(values=dict(enumerate(values, 3)))]}))
    assert len(written) == 14
    read = reader(profile, {3, 4, 5})(written).rows.get(1, [Row({3: "", 4: "", 5: ""})])
    assert read == [Row({key: text.strip(" ") for key, text in enumerate(values, 3)})]


def positioned(identity: str, key: int, *lengths: int) -> object:
    """Give a record whose first field says its kind."""
    start, columns = 3, [column(key + 2, "type", start=0, length=3, identity=identity)]
    for number, length in enumerate(lengths):
        columns.append(column(key + 3 + number, f"f{number}", start=start, length=length))
        start += length
    return record(key, *columns)


def test_positioned_records_follow_one_another_without_line_ends() -> None:
    """Facts 97: kinds are told by their trimmed identity, boundaries by length; the platform writes no line ends."""
    header, detail = positioned("HDR", 1, 5), positioned("DTL", 10, 3, 4)
    profile = flat_profile(header, detail, delimiter=None, pad=" ", line_ends=False)  # type: ignore[arg-type]
    rows = Row(rows={1: [Row({4: "one"})], 10: [Row({13: "a", 14: "b"}), Row({13: "c"})]})
    written = writer(profile)(rows)
    assert written == b"HDRone  DTLa  b   DTLc      "
    assert [(line.kind.key, line.fields) for line in read_records(profile, written.decode())] == [
        (1, ["HDR", "one"]),
        (10, ["DTL", "a", "b"]),
        (10, ["DTL", "c", ""]),
    ]


@pytest.mark.parametrize(("side", "text"), [("right", "007"), ("right", "000")])
def test_a_pad_of_digits_leaves_a_digit(side: str, text: str) -> None:
    """A number that is filled up with zeros is still a number when it is zero."""
    profile = flat_profile(record(1, column(3, "n", start=0, length=3, justify=side)), delimiter=None, pad="0")
    assert reader(profile, {3})(text.encode()).rows[1] == [Row({3: str(int(text))})]


def test_kinds_are_told_by_columns_or_by_values_and_nest() -> None:
    """A detail stands below the header before it; a line of no kind is passed over."""
    line = record(10, column(12, "t", identity="D"), column(13, "item"))
    head = record(1, column(3, "t", identity="H"), column(4, "number"), records=(line,))
    profile = flat_profile(head)
    text = "H,1\nD,a\nD,b\nX,?\nH,2\nD,c\n"
    row = reader(profile, {4, 13})(text.encode())
    assert [(one.values, [each.values for each in one.rows.get(10, [])]) for one in row.rows[1]] == [
        ({4: "1"}, [{13: "a"}, {13: "b"}]),
        ({4: "2"}, [{13: "c"}]),
    ]
    assert writer(profile)(row) == text.replace("X,?\n", "").replace("\n", "\r\n").encode()
    by_number = flat_profile(record(1, *TWO), record(10, column(12, "x"), column(13, "y"), column(14, "z")))
    assert [one.kind.key for one in read_records(by_number, "a,b\na,b,c\na\n")] == [1, 10]


def test_headers_are_passed_over_and_columns_may_be_missing() -> None:
    """The first line is no record; a short line has no value for its last columns, a long one keeps the first."""
    profile = flat_profile(record(1, *TWO), headers=True)
    assert reader(profile, {3, 4})(b"\xef\xbb\xbfa,b\r\n1\r\n1,2,3\r\n").rows[1] == [
        Row({3: "1"}),
        Row({3: "1", 4: "2"}),
    ]
    assert [one.text for one in read_records(profile, "1,2\n", begins=False)] == ["1,2"]


def test_what_is_no_text_fails() -> None:
    """A flat file is UTF-8."""
    with pytest.raises(DocumentFault, match="UTF-8"):
        reader(flat_profile(record(1, *TWO)), {3})(b"\xff,1")


def formatted(**fields: object) -> FlatFileProfile:
    """Give a profile of one column with a format."""
    return flat_profile(record(1, column(3, "v", **fields)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("profile", "outside", "inside"),
    [
        (formatted(kind="datetime", mask="dd/MM/yyyy"), "31/12/2024", "20241231 000000.000"),
        (formatted(kind="datetime", mask="yyyyMMdd'T'HHmmss.SSS"), "20240102T030405.006", "20240102 030405.006"),
        (formatted(kind="number", mask="#;(#)"), "(12)", "-12"),
        (formatted(kind="number", mask="0.00%"), "12.50%", "0.1250"),
    ],
)
def test_formats_hold_both_ways(profile: FlatFileProfile, outside: str, inside: str) -> None:
    """88: a date or number has the form of its column outside and the map's within."""
    read = reader(profile, {3})(outside.encode())
    assert read.rows[1][0].values == {3: inside}
    assert writer(profile)(read).decode().strip() == outside


def test_an_impossible_value_names_its_column() -> None:
    """A value that is not of its format fails the document, and the message says where."""
    with pytest.raises(DocumentFault, match="'v': Unparseable date"):
        writer(formatted(kind="datetime", mask="yyyy"))(Row(rows={1: [Row({3: "2024-01-01"})]}))
