"""What a script of a bundle works with: ``def process(documents, context)`` gets and gives back these documents.

def process(documents, context):
for document in documents:
order = document.json()
order["lines"].sort(key=lambda line: line["sku"])
document.set_json(order)
document.properties["lines"] = str(len(order["lines"]))
yield document
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from runtime.model.document import Document

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


class ScriptDocument:
    """A document that a script may change: `content` is its bytes, `properties` its dynamic document properties."""

    def __init__(self, content: bytes = b"", properties: Mapping[str, str] | None = None) -> None:
        """Make a new document; it descends from all documents that the script was given."""
        self.content = content
        self.properties: dict[str, str] = dict(properties or {})
        self.meta: dict[str, str] = {}
        self.source: Document | None = None
        self.is_new = True

    @classmethod
    def of(cls, document: Document) -> ScriptDocument:
        """Give a document of the batch to a script; its content must be in memory."""
        content = document.content
        made = cls(content if isinstance(content, bytes) else b"", document.properties)
        made.meta = dict(document.meta)
        made.source = document
        made.is_new = False
        return made

    def derive(self, content: bytes = b"") -> ScriptDocument:
        """Make a new document out of this one: it has its properties, and fails and succeeds with it."""
        made = ScriptDocument(content, self.properties)
        made.meta = dict(self.meta)
        made.source = self.source
        return made

    def json(self) -> Any:  # noqa: ANN401 - JSON may be anything
        """Give the content as JSON; numbers with a fraction are exact decimals.

        Raises:
            msgspec.DecodeError: the content is not JSON.
        """
        return _decoder.decode(self.content)

    def set_json(self, value: object) -> None:
        """Make a JSON value the content."""
        self.content = _encoder.encode(value)


class ScriptContext:
    """What a script may know and change of its execution.

    `process` are the dynamic process properties, to read and to set; `execution` what is known of the execution.
    """

    def __init__(self, properties: Mapping[str, str], execution: Mapping[str, object]) -> None:
        self.process = ProcessProperties(properties)
        self.execution = dict(execution)


class ProcessProperties(dict[str, str]):
    """The dynamic process properties, as a script sees them; `changes` holds those that it set."""

    def __init__(self, properties: Mapping[str, str]) -> None:
        super().__init__(properties)
        self.changes: dict[str, str] = {}

    def __setitem__(self, name: str, value: str) -> None:
        """Set a property; values are texts."""
        super().__setitem__(name, str(value))
        self.changes[name] = str(value)
