"""Message texts, compiled: literal pieces and values, `null` for what is missing (platform behaviours 35, 44)."""

from __future__ import annotations

from runtime.engine.context import Context
from runtime.engine.platform.values import Around, compile_texts
from runtime.model.document import Document
from runtime.model.message_format import MessageText

MISSING = "null"


class Text:
    """A message text. `reads`: it needs the content in memory; `of_document`: it needs a document at all."""

    def __init__(self, text: MessageText, around: Around) -> None:
        values = compile_texts(text.values, around)
        self._parts = [part if isinstance(part, str) else values[part] for part in text.parts]
        self.reads = any(not isinstance(part, str) and part.content for part in self._parts)
        self.of_document = any(not isinstance(part, str) and part.document for part in self._parts)

    def of(self, document: Document, context: Context) -> str:
        """Give the text for a document.

        Raises:
            DocumentFault: a value cannot be read of it.
        """
        return "".join(part if isinstance(part, str) else part.text(document, context, MISSING) for part in self._parts)
