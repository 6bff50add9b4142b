"""Sub-steps of Data Process that change the content of each document: search and replace, encodings, archives."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
import zlib
from collections.abc import Callable

from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.platform.refused import Refused
from runtime.engine.step import EachStep
from runtime.errors import DocumentFault
from runtime.expressions.patterns import replace
from runtime.model.data_process import Base64Decode, Base64Encode, Gunzip, Gzip, Recode, SearchReplace, Zip
from runtime.model.document import Document

ENTRY = "document.dat"  # the name of the one entry of an archive
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time that an archive can hold: equal documents give equal archives

LARGEST = 256 * 1024 * 1024  # bytes that a compressed document may unfold to: they are in memory

_GZIP = 16 + zlib.MAX_WBITS  # the library's word for "with the frame of gzip"

Change = Callable[[bytes], bytes]
Changing = SearchReplace | Base64Encode | Base64Decode | Recode | Gzip | Gunzip | Zip


class ChangeContent(EachStep):
    """Changes the content of each document; everything else stays."""

    def __init__(self, step: Changing, identity: str) -> None:
        super().__init__(identity, step.name or identity, (None,))
        self._change = _change(step)

    def each(self, document: Document, context: Context) -> Document:
        """Give the document with its content changed."""
        content = self._change(held(document))
        return Document(document.id, content, document.properties, document.meta, document.origins)


def _change(step: Changing) -> Change:
    match step:
        case SearchReplace():
            return lambda content: _replaced(step, content)
        case Base64Encode():
            return base64.b64encode
        case Base64Decode():
            return _decoded
        case Recode(source=source, target=target):
            return _recoding(source, target)
        case Gzip():
            return _gzipped
        case Gunzip():
            return _gunzipped
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


def _gzipped(content: bytes) -> bytes:
    """Compress without a time in it: equal documents give equal archives."""
    made = zlib.compressobj(wbits=_GZIP)
    return made.compress(content) + made.flush()


def _gunzipped(content: bytes) -> bytes:
    """Unfold every part of an archive, no further than the bound."""
    made: list[bytes] = []
    left = LARGEST
    try:
        while content:
            part = zlib.decompressobj(wbits=_GZIP)
            data = part.decompress(content, left + 1)
            left -= len(data)
            if left < 0:
                raise DocumentFault("data-process.gunzip", f"the document unfolds to more than {LARGEST} bytes")
            if not part.eof:
                raise DocumentFault("data-process.gunzip", "the document ends in the middle of an archive")
            made.append(data)
            content = part.unused_data
    except zlib.error as error:
        raise DocumentFault("data-process.gunzip", f"the document is no archive of gzip: {error}") from error
    return b"".join(made)


def _recoding(source: str, target: str) -> Change:
    for encoding in (source, target):
        if not known_encoding(encoding):
            raise Refused(f"there is no character encoding '{encoding}'")

    def recode(content: bytes) -> bytes:
        try:
            return content.decode(source).encode(target)
        except UnicodeError as error:
            message = f"the document cannot be taken from {source} to {target}: {error}"
            raise DocumentFault("data-process.encoding", message) from error

    return recode


def known_encoding(name: str) -> bool:
    """Whether there is a character encoding of that name: one that makes texts of bytes, not bytes of bytes."""
    try:
        b"".decode(name)
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True
