"""The laws of scripts in processes of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import trio

from runtime.engine.scripts.calling import call_in_process
from runtime.engine.scripts.messages import Kind
from runtime.engine.scripts.workers import ScriptLimits, Workers, open_workers
from runtime.errors import DocumentFault, ProcessFault
from runtime.model.document import Document
from runtime.sdk.script import ScriptContext, ScriptDocument
from tests.patience import PATIENCE

LIMITS = ScriptLimits(time=PATIENCE, memory=300 * 1024 * 1024, processes=2)


async def call(
    workers: Workers, body: str, *contents: bytes, kind: Kind = "python", lines: list[tuple[str, str]] | None = None
) -> tuple[list[ScriptDocument], ScriptContext]:
    """Call a script whose function has this body."""
    documents = [ScriptDocument.of(Document(b"id%d" % n, content, {"n": str(n)})) for n, content in enumerate(contents)]
    facade = ScriptContext({"p": "1"}, {"id": "ex"})
    source = body if kind == "groovy" else f"def process(documents, context):\n    {body}\n"
    given = await call_in_process(
        workers,
        kind,
        "s.py",
        "process",
        source,
        documents=documents,
        facade=facade,
        lines=[] if lines is None else lines,
    )
    return given, facade


async def test_documents_and_properties_come_back() -> None:
    """What a script gives back descends from what it was given; what it sets is set."""
    body = "context.process['p'] += '2'; return [documents[1], documents[0].derive(b'new'), *documents[:1]]"
    async with open_workers(LIMITS) as workers:
        given, facade = await call(workers, body, b"a", b"b")
    assert [(one.content, one.source.id if one.source else None, one.is_new) for one in given] == [
        (b"b", b"id1", False),
        (b"new", b"id0", True),
        (b"a", b"id0", False),
    ]
    assert given[0].properties == {"n": "1"}
    assert facade.process.changes == {"p": "12"}


async def test_a_failure_names_file_and_line() -> None:
    """An error in a script is a fault of its documents, with the file and the line."""
    async with open_workers(LIMITS) as workers:
        with pytest.raises(DocumentFault, match=r"^s\.py:2: ZeroDivisionError: division by zero") as raised:
            await call(workers, "return 1 / 0", b"a")
        assert raised.value.code == "script.error"
        with pytest.raises(ProcessFault, match="gave back int where a document was expected"):
            await call(workers, "return [1]", b"a")


async def test_a_script_that_never_ends() -> None:
    """It is stopped at its limit of time, and the next call has a process again."""
    async with open_workers(ScriptLimits(time=0.5, memory=LIMITS.memory, processes=1)) as workers:
        with pytest.raises(DocumentFault, match=r"has run longer than 0\.5 s and was stopped"):
            await call(workers, "\n    while True: pass", b"a")
    async with open_workers(ScriptLimits(time=PATIENCE, memory=LIMITS.memory, processes=1)) as workers:
        assert (await call(workers, "return documents", b"a"))[0][0].content == b"a"


async def test_a_script_that_takes_all_memory() -> None:
    """It fails alone."""
    async with open_workers(LIMITS) as workers:
        with pytest.raises(DocumentFault, match="has taken more memory than a script may"):
            await call(workers, "return [documents[0].derive(b'x' * 10**9)]", b"a")
        assert (await call(workers, "return documents", b"a"))[0][0].content == b"a"


async def test_a_process_that_dies() -> None:
    """Its call fails with the reason, and the next one has another process."""
    async with open_workers(LIMITS) as workers:
        with pytest.raises(DocumentFault, match="ended before the script did"):
            await call(workers, "import os; os._exit(1)", b"a")
        assert (await call(workers, "return documents", b"a"))[0][0].content == b"a"


async def test_the_daemons_environment_stays_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script sees nothing of the daemon's environment, and may print without harm."""
    monkeypatch.setenv("SECRET", "s")
    body = "import os; print('hello'); return [documents[0].derive(str(os.environ.get('SECRET')).encode())]"
    async with open_workers(LIMITS) as workers:
        assert (await call(workers, body, b"a"))[0][0].content == b"None"


async def test_cancelled_while_it_runs(tmp_path: Path) -> None:
    """A call that is not wanted any more ends with its process, at once; nothing is left of it."""
    async with open_workers(LIMITS) as workers:
        (pid,) = [int(one.content) for one in (await call(workers, PID, b""))[0]]
        runs = tmp_path / "runs"
        async with trio.open_nursery() as nursery:
            nursery.start_soon(call, workers, f"open({str(runs)!r}, 'w').close()\n    while True: pass", b"a")
            while not runs.exists():  # noqa: ASYNC110 - another process
                await trio.sleep(0.01)
            nursery.cancel_scope.cancel()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert workers._limiter.borrowed_tokens == 0
        assert workers._idle == []


async def test_processes_are_kept_and_end_with_their_bundle() -> None:
    """Calls one after the other share a process; when the bundle closes, it is gone."""
    async with open_workers(LIMITS) as workers:
        first, second = [int((await call(workers, PID, b""))[0][0].content) for _ in range(2)]
        assert first == second
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


async def test_groovy() -> None:
    """Translated scripts share the protection, and what they log comes back."""
    source = (
        "import com.boomi.execution.ExecutionUtil\n"
        "ExecutionUtil.getBaseLogger().info('seen')\n"
        "dataContext.storeStream(dataContext.getStream(0), dataContext.getProperties(0))"
    )
    lines: list[tuple[str, str]] = []
    async with open_workers(LIMITS) as workers:
        given, _ = await call(workers, source, b"a", kind="groovy", lines=lines)
    assert [one.content for one in given] == [b"a"]
    assert lines == [("info", "seen")]


PID = "import os; return [documents[0].derive(str(os.getpid()).encode())]"
