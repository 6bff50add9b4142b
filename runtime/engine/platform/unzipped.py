"""Unzip (reference 1.10): one document for each entry of an archive, in their order."""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import aclosing

from runtime.engine.batch import Batch
from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.outcome import Failure, Failures, Outcome, failure
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault
from runtime.model.data_process import Unzip
from runtime.model.document import Document, derived_identity

LARGEST = 256 * 1024 * 1024  # bytes that one archive may unfold to: they are in memory while it is read
MOST_ENTRIES = 100_000


class Unzipped(WholeStep):
    """Unfolds archives; the documents inherit the properties of the archive, and tell their names."""

    def __init__(self, step: Unzip, identity: str) -> None:
        super().__init__(identity, step.name or identity, (None,))

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give the entries of all archives; a document that is no archive, or too large a one, fails."""
        failures: list[Failure] = Failures()
        async with context.writer() as writer, aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for stored in chunk:
                    await context.pace()
                    document = await context.contents.load(stored)
                    try:
                        entries = _entries(held(document))
                    except DocumentFault as fault:
                        failures.append(failure(document, fault))
                        continue
                    for number, (name, content) in enumerate(entries):
                        identity = derived_identity(document.id, context.name, number)
                        meta = {**document.meta, "filename": name}
                        made = Document(identity, content, document.properties, meta, document.origins)
                        if writer.add(await context.contents.settle(made)):
                            await writer.flush()
        return Outcome(outputs=(writer.batch,), failures=tuple(failures))


def _entries(content: bytes) -> list[tuple[str, bytes]]:
    """Give names and contents, read no further than the bounds, whatever the archive says of itself."""
    made: list[tuple[str, bytes]] = []
    left = LARGEST
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > MOST_ENTRIES:
                raise DocumentFault("data-process.unzip", f"the archive has more than {MOST_ENTRIES} entries")
            for info in infos:
                with archive.open(info) as entry:
                    data = entry.read(left + 1)
                left -= len(data)
                if left < 0:
                    raise DocumentFault("data-process.unzip", f"the archive unfolds to more than {LARGEST} bytes")
                made.append((info.filename, data))
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, IndexError, RuntimeError, OSError) as error:
        raise DocumentFault("data-process.unzip", f"the document is no archive that can be read: {error}") from error
    return made
