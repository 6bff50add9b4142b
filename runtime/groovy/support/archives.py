"""``java.util.zip``: gzip streams and zip archives in memory."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib

from runtime.groovy.support.errors import IOException, ZipException
from runtime.groovy.support.streams import ByteArrayOutputStream, InputStream
from runtime.groovy.support.values import JavaObject, Long, Value

MOST_UNPACKED = 256 * 1024 * 1024  # bytes: more than half of what a script's process may have


class CRC32(JavaObject):
    """A checksum of bytes."""

    java_name = "java.util.zip.CRC32"

    def __init__(self) -> None:
        self._sum = 0

    def update(self, data: Value, start: int = 0, length: int | None = None) -> None:
        """Take bytes up."""
        taken = (
            bytes([data % 256])
            if isinstance(data, int)
            else bytes(data[start : None if length is None else start + length])
        )
        self._sum = zlib.crc32(taken, self._sum)

    def getValue(self) -> Long:
        """Give the checksum."""
        return Long(self._sum)

    def reset(self) -> None:
        """Begin anew."""
        self._sum = 0


class GZIPOutputStream(ByteArrayOutputStream):
    """Packs what is written to it, and passes it on when it is closed."""

    java_name = "java.util.zip.GZIPOutputStream"

    def __init__(self, out: ByteArrayOutputStream, _size: int = 0) -> None:
        super().__init__()
        self._out = out
        self._is_open = True

    def finish(self) -> None:
        """Pass on what was packed."""
        if self._is_open:
            self._out.write(gzip.compress(self.toByteArray(), mtime=0))
        self._is_open = False

    def close(self) -> None:
        """Pass on what was packed."""
        self.finish()


def _unpacked(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        made = unpacker.decompress(data, MOST_UNPACKED)
    except zlib.error as error:
        raise ZipException("Not in GZIP format") from error
    if unpacker.unconsumed_tail:
        raise IOException(f"more than {MOST_UNPACKED} bytes are not unpacked")
    return made


class GZIPInputStream(InputStream):
    """Unpacks a stream."""

    java_name = "java.util.zip.GZIPInputStream"

    def __init__(self, source: InputStream, _size: int = 0) -> None:
        super().__init__(_unpacked(source.rest()))


class ZipEntry(JavaObject):
    """A file of an archive."""

    java_name = "java.util.zip.ZipEntry"

    def __init__(self, name: str, size: int = -1) -> None:
        self._name, self._size = str(name), size

    def getName(self) -> str:
        """Give its name."""
        return self._name

    def getSize(self) -> Long:
        """Give how large it is."""
        return Long(self._size)

    def isDirectory(self) -> bool:
        """Whether it is a folder."""
        return self._name.endswith("/")

    def toString(self) -> str:
        """Give its name."""
        return self._name


class ZipOutputStream(ByteArrayOutputStream):
    """Packs files, and passes the archive on when it is closed."""

    java_name = "java.util.zip.ZipOutputStream"

    def __init__(self, out: ByteArrayOutputStream) -> None:
        super().__init__()
        self._out = out
        self._files: list[tuple[str, bytes]] = []
        self._name: str | None = None
        self._is_open = True

    def putNextEntry(self, entry: ZipEntry) -> None:
        """Begin a file."""
        self.closeEntry()
        self._name = entry.getName()

    def closeEntry(self) -> None:
        """End a file."""
        if self._name is not None:
            self._files.append((self._name, self.toByteArray()))
        self._name = None
        self.reset()

    def finish(self) -> None:
        """Pass on the archive."""
        self.closeEntry()
        if not self._is_open:
            return
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self._files:
                archive.writestr(name, data)
        self._out.write(held.getvalue())
        self._is_open = False

    def close(self) -> None:
        """Pass on the archive."""
        self.finish()


class ZipInputStream(InputStream):
    """Unpacks an archive, one file after another."""

    java_name = "java.util.zip.ZipInputStream"

    def __init__(self, source: InputStream) -> None:
        super().__init__(b"")
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(source.rest()))
        except zipfile.BadZipFile as error:
            raise ZipException(str(error)) from error
        self._left = self._archive.infolist()

    def getNextEntry(self) -> Value:
        """Go to the next file; null after the last."""
        if not self._left:
            return None
        info = self._left.pop(0)
        if info.file_size > MOST_UNPACKED:
            raise IOException(f"more than {MOST_UNPACKED} bytes are not unpacked")
        self.data, self.at = self._archive.read(info), 0
        return ZipEntry(info.filename, info.file_size)

    def closeEntry(self) -> None:
        """Pass over the rest of the file."""
        self.at = len(self.data)
