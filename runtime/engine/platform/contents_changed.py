"""Sub-steps of Data Process that change the content of each document: search and replace, Base64, zip."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from collections.abc import Callable

from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.step import EachStep
from runtime.errors import DocumentFault
from runtime.expressions.patterns import replace
from runtime.model.data_process import Base64Decode, Base64Encode, SearchReplace, Zip
from runtime.model.document import Document

ENTRY = "document.dat"  # the name of the one entry of an archive
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time that an archive can hold: equal documents give equal archives

Change = Callable[[bytes], bytes]


class ChangeContent(EachStep):
    """Changes the content of each document; everything else stays."""

    def __init__(self, step: SearchReplace | Base64Encode | Base64Decode | Zip, identity: str) -> None:
        super().__init__(identity, step.name or identity, (None,))
        self._change = _change(step)

    def each(self, document: Document, context: Context) -> Document:
        """Give the document with its content changed."""
        content = self._change(held(document))
        return Document(document.id, content, document.properties, document.meta, document.origins)


def _change(step: SearchReplace | Base64Encode | Base64Decode | Zip) -> Change:
    match step:
        case SearchReplace():
            return lambda content: _replaced(step, content)
        case Base64Encode():
            return base64.b64encode
        case Base64Decode():
            return _decoded
        case Zip():
            return _zipped


def _replaced(step: SearchReplace, content: bytes) -> bytes:
    """Replace in the whole document, or line by line; a window is the platform's way to bound memory, not a meaning."""
    text = content.decode("utf-8", "replace")
    if step.scope == "line":
        lines = text.splitlines(keepends=True)
        return "".join(replace(step.pattern, step.replacement, line) for line in lines).encode()
    return replace(step.pattern, step.replacement, text).encode()


def _decoded(content: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error as error:
        raise DocumentFault("data-process.base64", f"the document is not Base64: {error}") from error


def _zipped(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(ENTRY, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
