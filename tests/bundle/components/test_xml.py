from __future__ import annotations

import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.bundle.components.xml import (
    DEEPEST,
    LARGEST,
    LONGEST_ATTRIBUTE,
    MOST_ATTRIBUTES,
    MOST_ELEMENTS,
    XmlError,
    parse,
)

LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 20))
HOSTILE = {
    "billion laughs": f'<!DOCTYPE a [<!ENTITY a0 "ha">{LAUGHS}]><a>&a19;</a>'.encode(),
    "quadratic blow-up": b'<!DOCTYPE a [<!ENTITY x "' + b"y" * 50_000 + b'">]><a>' + b"&x;" * 50_000 + b"</a>",
    "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "external entity, not used": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a/>',
    "external DTD": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    "bare document type": b"<!DOCTYPE a><a/>",
    "unknown entity": b"<a>&nobody;</a>",
    "deep": b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1),
    "endless depth": b"<a>" * 200_000,
    "many elements": b"<a>" + b"<b/>" * (MOST_ELEMENTS + 1) + b"</a>",
    "huge attribute": b'<a b="' + b"x" * (LONGEST_ATTRIBUTE + 1) + b'"/>',
    "many attributes": b"<a " + b" ".join(b'x%d=""' % n for n in range(50_000)) + b"/>",
    "too many attributes": b"<a " + b" ".join(b'x%d=""' % n for n in range(MOST_ATTRIBUTES + 1)) + b"/>",
    "huge file": b"<a>" + b" " * LARGEST + b"</a>",
    "UTF-16": '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"),
    "UTF-16 without a mark": "<a/>".encode("utf-16-le"),
    "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?><a/>',
    "Latin-1": '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"),
    "unknown encoding": b'<?xml version="1.0" encoding="klingon"?><a/>',
    "a wrong word of UTF-8": b'<?xml version="1.0" encoding="UTF-8"?><a>\xff</a>',
    "character 0": b"<a>\0</a>",
    "cut off": b"<a><b>",
    "two roots": b"<a/><b/>",
    "nothing": b"",
    "blanks": b" \n ",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused_in_bounded_memory(name: str) -> None:
    """Whatever a file claims to be, it costs no more than a file of its size, and ends in one error of ours."""
    tracemalloc.start()
    try:
        with pytest.raises(XmlError):
            parse(HOSTILE[name])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024**2


@given(st.binary(max_size=200) | st.text(alphabet="<>/a&;'\"=! \n", max_size=60).map(str.encode))
def test_any_bytes_are_a_tree_or_one_error(content: bytes) -> None:
    """Nothing but XmlError leaves the border."""
    with suppress(XmlError):
        parse(content)


def test_a_tree_keeps_names_texts_and_lines() -> None:
    """The platform's namespace is left out, texts are unescaped, comments are nothing, elements have their lines."""
    root = parse(
        b'\xef\xbb\xbf<b:A xmlns:b="http://api.platform.boomi.com/" n="&lt;1&gt;">\n'
        b"<!-- no --><C>x &amp; <![CDATA[<y>]]></C>\n<D/></b:A>"
    )
    assert (root.tag, root.attributes) == ("A", {"n": "<1>"})
    assert [(child.tag, child.text, child.line) for child in root.children] == [("C", "x & <y>", 2), ("D", "", 3)]
