"""Documents by profile: JSON, XML, flat files and database rows as rows of texts, and back (component XML, section 4).

`reader` and `writer` give functions between the bytes of a document and a `Row`; `layout_of` says in which loops an
element stands. `flat_files` also reads a flat file record by record, for steps that divide and combine; `delimited` and
`positional` know lines, `xml_documents` the tree of an XML document.

Within a row a value is a text as maps hold it, whatever the document's own form: dates as ``yyyyMMdd HHmmss.SSS``,
numbers and truth values plain (platform behaviour 88).
"""

from __future__ import annotations

from runtime.engine.formats.layouts import Element, Layout, layout_of
from runtime.engine.formats.profiles import reader, writer
from runtime.engine.formats.rows import Row

__all__ = ["Element", "Layout", "Row", "layout_of", "reader", "writer"]
