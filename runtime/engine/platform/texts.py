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
        self._parts = text.parts
        self.values = compile_texts(text.values, around)
        self.fetches = tuple(fetch for value in self.values for fetch in value.fetches)
        self.reads = any(value.content for value in self.values)
        self.of_document = any(value.document for value in self.values)

    def of(self, document: Document, context: Context) -> str:
        """Give the text for a document. Each value is read once, in order, however often it is printed.

        Raises:
            DocumentFault: a value cannot be read of it.
        """
        texts = [value.text(document, context, MISSING) for value in self.values]
        return "".join(part if isinstance(part, str) else texts[part] for part in self._parts)
