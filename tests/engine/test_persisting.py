"""What outlives executions (reference 1.25, 2.3, 2.7; platform behaviours 37, 38, 41, 42)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from runtime.engine.compile import CompiledProcess
from runtime.engine.persisting import first_properties, kept_of, run_dates
from runtime.model.components import Components, DefinedValue, PropertyComponent
from runtime.model.document import Document
from runtime.model.journal import Status
from runtime.model.parameters import Counter, DateValue, DefinedProperty, ExecutionValue, PropertyName
from runtime.model.persisted import LARGEST_COUNT, LAST_RUN, LAST_SUCCESSFUL_RUN, Persist, Persisted
from runtime.model.platform_shapes import (
    PlatformAssignment,
    PlatformMessageStep,
    PlatformSetPropertiesStep,
    ProcessCallStep,
    ReturnPath,
)
from runtime.model.process import Options, Process
from runtime.model.shapes import AnyShape, Assignment, MessageStep, ReturnDocumentsStep, SetPropertiesStep
from runtime.store.memory import MemoryStore
from tests.engine.graphs import text
from tests.engine.houses import bundle as house_bundle
from tests.engine.houses import call, daemon
from tests.engine.platform.shapes import CURRENT, assign, compiled, dpp, message, process, static
from tests.engine.runs import Ended, Killed, Run
from tests.engine.seen import batch, texts
from tests.engine.worlds import World

END = ReturnDocumentsStep(id="end")
COMPONENTS = Components(
    properties={
        "pc": PropertyComponent(
            id="pc", name="pc", values=(DefinedValue(key="k", default="d", persisted=True), DefinedValue(key="n"))
        )
    }
)


def keeping(*, strict: bool = False, to: str = "say") -> PlatformSetPropertiesStep:
    """Keep the process property `n` with one more x in it."""
    target = PropertyName("process", "n")
    one = PlatformAssignment(target=target, sources=(dpp("n"), static("x")), persist=True, strict=strict)
    return PlatformSetPropertiesStep(id="keep", assignments=(one,), to=to)


def saying(*values: object, to: str = "end") -> PlatformMessageStep:
    """Print values."""
    pattern = " ".join(f"{{{number}}}" for number in range(1, len(values) + 1))
    return PlatformMessageStep(id="say", text=message(pattern, *values), to=to)  # type: ignore[arg-type]


def made(first: str, *shapes: AnyShape, others: Sequence[Process] = ()) -> CompiledProcess:
    """Compile a process that returns what it says."""
    return compiled([process("p", first, *shapes, END), *others], World(), COMPONENTS)


async def run(compiled_process: CompiledProcess, store: MemoryStore, documents: Sequence[Document] = ()) -> Ended:
    """Run a process over a store, as an execution that begins now."""
    one = Run(compiled_process, World(), documents or batch("1"))
    one.store, one.id = store, f"ex-{len(await store.journal.executions())}"
    one.kept = await kept_of(store.journal, "b", compiled_process.keeping)
    return await one.go()


async def test_41_a_property_is_kept_when_its_step_runs() -> None:
    """41: it is stored with the step, not at the end; later changes are not; the next run begins with it."""
    store = MemoryStore()
    later = PlatformSetPropertiesStep(id="later", assignments=(assign("process", "n", static("lost")),), to="say")
    ended = await run(made("keep", keeping(to="later"), later, saying(dpp("n"))), store)
    assert texts(ended) == ["lost"]
    assert (await store.journal.persisted("b", "p"))["n"].value == "x"
    assert texts(await run(made("keep", keeping(), saying(dpp("n"))), store)) == ["xx"]


async def test_41_a_property_is_kept_once_whenever_the_run_is_killed() -> None:
    """41: property and step are written in one transaction: no kill loses or doubles it."""
    for kill_at in range(1, 6):
        one = Run(made("keep", keeping(), saying(dpp("n"))), World(), batch("1", "2"))
        try:
            ended = await one.go(kill_at)
        except Killed:
            ended = await one.go()
        assert texts(ended) == ["xx", "xx"]
        assert await one.store.journal.persisted("b", "p") == {"n": Persisted("xx", "ex")}


async def test_41_a_strict_value_is_not_overwritten() -> None:
    """Kept strictly, a value that another execution has changed meanwhile ends the process, and nothing is written."""
    store = MemoryStore()
    one = Run(made("keep", keeping(strict=True), saying(dpp("n"))), World(), batch("1"))
    one.store = store
    await store.journal.commit([Persist(bundle="b", process="p", name="n", value="other", writer="ex-2")])
    ended = await one.go()
    assert (ended.status, "meanwhile" in (ended.message or "")) == (Status.ERROR, True)
    assert (await store.journal.persisted("b", "p"))["n"].value == "other"


async def test_42_values_of_property_components() -> None:
    """42: a value that is declared as kept is kept; what is not written is the default."""
    store = MemoryStore()
    write = PlatformAssignment(target=PropertyName("definedprocess", "k", "pc"), sources=(CURRENT,))
    setting = PlatformSetPropertiesStep(id="set", assignments=(write,), to="say")
    read = DefinedProperty("pc", "k")
    assert texts(await run(made("say", saying(read)), store)) == ["d"]
    assert texts(await run(made("set", setting, saying(read)), store, batch("v"))) == ["v"]
    assert texts(await run(made("say", saying(read, DefinedProperty("pc", "n"))), store)) == ["v "]


def test_42_what_wins_at_the_start() -> None:
    """41, 42: the caller, then what was kept, then the extension; of components the extension, where it is given."""
    kept = {name: Persisted("kept", "ex") for name in ("a", "b", "definedprocess.c@k", "definedprocess.c@l")}
    first = {"a": "ext", "c": "ext", "definedprocess.c@k": "ext", "definedprocess.c@l": ""}
    assert first_properties(first, kept, {"b": "given"}) == {
        "a": "kept",
        "b": "given",
        "c": "ext",
        "definedprocess.c@k": "ext",
        "definedprocess.c@l": "kept",
    }


async def test_a_called_process_sees_what_it_has_kept() -> None:
    """What a called process has kept belongs to it, and is there when it runs; its caller's value wins."""
    store = MemoryStore()
    child = process("child", "keep", keeping(to="end"), END)
    calling = ProcessCallStep(id="call", process="child", returns=(ReturnPath(shape="end", to="say"),))
    await run(made("call", calling, saying(dpp("n")), others=[child]), store)
    assert texts(await run(made("call", calling, saying(dpp("n")), others=[child]), store)) == ["xx"]
    assert await store.journal.persisted("b", "p") == {}
    first = PlatformSetPropertiesStep(id="first", assignments=(assign("process", "n", static("a")),), to="call")
    assert texts(await run(made("first", first, calling, saying(dpp("n")), others=[child]), store)) == ["ax"]


async def test_37_counters() -> None:
    """37: a counter goes on over runs, padded or cut to its length; each reading takes one number."""
    store = MemoryStore()
    counting = made("say", saying(Counter("c"), Counter("c", 4), Counter("d", 1)))
    assert texts(await run(counting, store, batch("1", "2"))) == ["1 0002 1", "3 0004 2"]
    await store.journal.set_counter("d", 123)
    assert texts(await run(counting, store)) == ["5 0006 3"]
    await store.journal.set_counter("c", LARGEST_COUNT)
    assert "has reached" in ((await run(counting, store)).message or "")


async def test_37_numbers_are_used_once_whenever_the_run_is_killed() -> None:
    """37: numbers are consumed whatever becomes of the run, and a step that has finished keeps the ones it used."""
    for kill_at in range(1, 6):
        one = Run(made("say", saying(Counter("c"))), World(), batch("1", "2"))
        try:
            ended = await one.go(kill_at)
        except Killed:
            ended = await one.go()
        assert len(set(texts(ended))) == 2


async def test_38_last_runs() -> None:
    """38: before any run the epoch; afterwards the start of the last run, and of the last that succeeded."""
    store = MemoryStore()
    asking = made("say", saying(DateValue("last", "yyyy-MM-dd"), DateValue("lastsuccessful", "yyyy")))
    epoch = datetime.fromtimestamp(0, UTC).astimezone()
    assert texts(await run(asking, store)) == [f"{epoch:%Y-%m-%d} {epoch:%Y}"]
    at = datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp()
    await store.journal.commit(run_dates("b", "p", "ex-1", at, Status.ERROR))
    assert texts(await run(asking, store)) == [f"2026-03-04 {epoch:%Y}"]
    await store.journal.commit(run_dates("b", "p", "ex-1", at, Status.COMPLETE))
    assert texts(await run(asking, store)) == ["2026-03-04 2026"]
    await store.journal.commit([Persist(bundle="b", process="p", name=LAST_RUN, value="never")])
    assert texts(await run(asking, store)) == [f"{epoch:%Y-%m-%d} 2026"]


async def test_execution_facts() -> None:
    """2.4: what an execution is; an account, and a node without a cluster, there is not."""
    facts = ("Execution Id", "Process Name", "Document Count", "Atom Name", "Account Id", "Node Id")
    say = saying(*(ExecutionValue(fact) for fact in facts))  # type: ignore[arg-type]
    assert texts(await run(made("say", say), MemoryStore(), batch("1", "2")))[0] == "ex-0 p 2   "


async def test_an_execution_begins_with_what_was_kept_and_notes_when_it_ran(autojump_clock: object) -> None:
    """41, 38: through the doors: what one execution kept, the next one begins with; both are noted as runs."""
    store = MemoryStore()
    keep = SetPropertiesStep(
        id="keep", assignments=(Assignment("process", "n", text('${has(process.n) ? process.n : ""}x'), persist=True),),
        to="say",
    )  # fmt: skip
    say = MessageStep(id="say", text=text('{"Message":"${process.n}"}'), to="end")
    options = Options(mode="low latency", run_dates=True)
    async with daemon(house_bundle((keep, say, END), "keep", options), World(), store) as living:
        assert [await living.ask(call(named=name)) for name in ("a", "b")] == ["x", "xx"]
        await living.house.drained()
    kept = await store.journal.persisted("b", "p")
    assert kept["n"].value == "xx"
    assert {LAST_RUN, LAST_SUCCESSFUL_RUN} < kept.keys()
