"""XSLT (reference 1.10): each document goes through a stylesheet, which reaches neither files nor the network.

A stylesheet can be a program, and the library that runs it cannot be told to stop: it runs in a thread that the
execution leaves behind when its time is up.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import Any, SupportsBytes, cast

import trio
from lxml import etree

from runtime.engine.batch import Batch
from runtime.engine.contents import held
from runtime.engine.context import Context
from runtime.engine.outcome import Failure, Failures, Outcome, failure
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.xml_tree import parse
from runtime.engine.step import WholeStep
from runtime.errors import DocumentFault
from runtime.model.data_process import Transform
from runtime.model.document import Document

LONGEST = 10.0  # seconds for one document: far beyond any transformation that ends
CODE = "data-process.xslt"

_REACHING = tuple(f"{{http://www.w3.org/1999/XSL/Transform}}{name}" for name in ("include", "import"))


class Transforming(WholeStep):
    """Runs the stylesheet for each document; its properties are the parameters."""

    waits = True

    def __init__(self, step: Transform, identity: str, limiter: trio.CapacityLimiter) -> None:
        super().__init__(identity, step.name or identity, (None,))
        self._stylesheet = compile_stylesheet(step.stylesheet)
        self._limiter = limiter

    async def run(self, batch: Batch, context: Context) -> Outcome:
        """Give what the stylesheet makes of each document; one that it refuses fails."""
        failures: list[Failure] = Failures()
        async with context.writer() as writer, aclosing(batch.chunks()) as chunks:
            async for chunk in chunks:
                for stored in chunk:
                    document = await context.contents.load(stored)
                    try:
                        content = await self._made(document)
                    except DocumentFault as fault:
                        failures.append(failure(document, fault))
                        continue
                    made = Document(document.id, content, document.properties, document.meta, document.origins)
                    if writer.add(await context.contents.settle(made)):
                        await writer.flush()
        return Outcome(outputs=(writer.batch,), failures=tuple(failures))

    async def _made(self, document: Document) -> bytes:
        with trio.move_on_after(LONGEST):
            return await trio.to_thread.run_sync(
                self._transform, document, limiter=self._limiter, abandon_on_cancel=True
            )
        raise DocumentFault(CODE, f"the stylesheet has not ended after {LONGEST:g} seconds")

    def _transform(self, document: Document) -> bytes:
        given = document.properties.items()
        parameters: dict[str, Any] = {name: etree.XSLT.strparam(text) for name, text in given if name.isidentifier()}
        try:
            return bytes(cast("SupportsBytes", self._stylesheet(parse(held(document)), **parameters)))
        except (etree.XSLTError, ValueError) as error:
            raise DocumentFault(CODE, f"the stylesheet refuses the document: {error}") from error


def compile_stylesheet(text: str) -> etree.XSLT:
    """Give a stylesheet, ready to run.

    Raises:
        Refused: it is none, or reaches for what is outside of it.
    """
    try:
        root = parse(text.encode())
        if any(True for _ in root.iter(*_REACHING)):
            raise Refused("its stylesheet includes another one; a stylesheet here stands alone")
        return etree.XSLT(root, access_control=etree.XSLTAccessControl.DENY_ALL)
    except DocumentFault as error:
        raise Refused(f"its stylesheet cannot be read: {error.message}") from error
    except etree.XSLTParseError as error:
        raise Refused(f"its stylesheet cannot be run: {error}") from error
