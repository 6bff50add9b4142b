"""What the laws of the engine share: a world that writes down what it sees, and short ways to run a process in it."""

from __future__ import annotations

from collections.abc import Sequence

import trio

from runtime.engine.context import EngineLimits
from runtime.model.document import Document, root_identity
from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import ApplicationFault
from tests.engine.processes import Steps
from tests.engine.runs import SMALL, Ended, Run, compiled
from tests.engine.worlds import World


class Seen(World):
    """A world that writes down what it sees: the note and the content of each call, and when it came."""

    def __init__(self, *refused: str, replies: int = 1, seconds: float = 0.0) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.times: list[float] = []
        self._refused = refused
        self._replies = replies
        self._seconds = seconds

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Answer with the content, or refuse a call whose note and content are to be refused."""
        line = f"{call.fields.note} {call.content.decode()}".strip()
        self.seen.append(line)
        self.times.append(trio.current_time())
        await trio.sleep(self._seconds)
        if line in self._refused:
            raise ApplicationFault("[409] Conflict", status="409", body=b"refused", meta={"why": line})
        return tuple(Reply(call.content + b"'" * number, {"status": "200"}) for number in range(self._replies))


def batch(*contents: str, **properties: str) -> list[Document]:
    """Give start documents that have these properties."""
    return [Document(root_identity(number), text.encode(), properties) for number, text in enumerate(contents)]


async def run(
    steps: Steps,
    first: str | None,
    world: World,
    documents: Sequence[Document],
    limits: EngineLimits = SMALL,
    **parts: object,
) -> Ended:
    """Run the steps from `first` on."""
    return await Run(compiled(steps.shapes, first, world, **parts), world, documents).go(limits=limits)


def texts(ended: Ended) -> list[str]:
    """Give what a run returned."""
    return [content.decode() for content in ended.returned]
