"""What the tests do with a connection."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.database import CONNECTOR
from connectors.database.settings import Settings
from runtime.sdk.connector import Call, Connection
from runtime.sdk.contract import a_call, expect_replies
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown


class Target:
    """A connection under test, with its operations as one-liners."""

    def __init__(self, settings: Settings, connection: Connection) -> None:
        self.settings = settings
        self.kind = settings.url.partition(":")[0]
        self.connection = connection

    async def table(self, columns: str, name: str = "things") -> None:
        """Make a table anew."""
        await self.run(f"DROP TABLE IF EXISTS {name}")
        await self.run(f"CREATE TABLE {name} ({columns})")

    async def run(self, sql: str) -> dict[str, str]:
        """Run a statement; gives the meta of its only reply."""
        (reply,) = await expect_replies(self.connection, "statement", call("statement", sql=sql))
        return reply.meta

    async def rows(self, sql: str, document: object = None, **fields: Any) -> list[Any]:  # noqa: ANN401 - the fields of any operation
        """Run a query; gives its documents, decoded."""
        made = call("query", document, sql=sql, **fields)
        return [msgspec.json.decode(reply.content) for reply in await expect_replies(self.connection, "query", made)]

    async def write(self, operation: str, document: object, *, key: str = "key-1", **fields: Any) -> dict[str, str]:  # noqa: ANN401 - the fields of any operation
        """Write a document; gives the meta of its only reply, whose content is the document."""
        made = call(operation, document, key=key, **fields)
        (reply,) = await expect_replies(self.connection, operation, made)
        assert reply.content == made.content
        return reply.meta

    async def fault(self, made: Call, operation: str) -> ApplicationFault | NotSent | OutcomeUnknown:
        """Make a call that must fail."""
        try:
            replies = await self.connection.execute(operation, made)
        except (ApplicationFault, NotSent, OutcomeUnknown) as fault:
            return fault
        raise AssertionError(f"{operation} gave {replies}")


def call(
    operation: str, document: object = None, *, key: str = "key-1", deadline: float = float("inf"), **fields: object
) -> Call:
    """Give a call, its fields converted from texts as the engine does."""
    spec = CONNECTOR.operation(operation)
    assert spec is not None
    content = b"" if document is None else msgspec.json.encode(document)
    texts = {name: str(value) for name, value in fields.items()}
    return a_call(msgspec.convert(texts, spec.fields, strict=False), content, key=key, deadline=deadline)
