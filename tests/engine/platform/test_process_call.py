"""Process Call (platform behaviours 58-69): who is called how often, what goes down and what comes back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from runtime.errors import BundleError
from runtime.model.document import Document
from runtime.model.parameters import Argument
from runtime.model.platform_shapes import (
    PlatformDecisionStep,
    PlatformExceptionStep,
    PlatformMessageStep,
    PlatformSetPropertiesStep,
    ProcessCallStep,
    ReturnPath,
)
from runtime.model.process import Process
from runtime.model.shapes import AnyShape, BranchStep, ReturnDocumentsStep, StopStep, TryCatchStep
from tests.engine.platform.shapes import CURRENT, Watching, assign, compiled, ddp, dpp, message, process, static
from tests.engine.runs import Ended, Run
from tests.engine.seen import batch, texts
from tests.engine.worlds import World

END = ReturnDocumentsStep(id="end")


async def run(processes: Sequence[Process], documents: Sequence[Document], observer: Watching | None = None) -> Ended:
    """Run the first of these processes."""
    world = World()
    running = Run(compiled(processes, world), world, documents)
    running.observer = observer
    return await running.go()


def calling(*shapes: AnyShape, wait: bool = True, abort: bool = True, arguments: tuple[Argument, ...] = ()) -> Process:
    """A process that calls ``child`` and returns what its shape ``back`` returns."""
    back = (ReturnPath(shape="back", to="end"),)
    made = ProcessCallStep(id="call", process="child", wait=wait, abort=abort, returns=back, arguments=arguments)
    return process("p", "call", made, END, *shapes)


def told(text: str, record: str) -> str:
    """Give the platform's words for a failed call."""
    return (
        f"Child Synchronous Process Call: child [{record}(call)] call ended in error: "
        f"com.boomi.process.ProcessException: {text}; Caused by: {text}"
    )


async def test_a_passthrough_process_is_called_once_with_all_documents() -> None:
    """58: one call with the whole batch, properties included, on the caller's own record."""
    child = process(
        "child",
        "say",
        PlatformMessageStep(id="say", text=message("{1}{2}", CURRENT, ddp("d")), to="back"),
        ReturnDocumentsStep(id="back"),
    )
    watching = Watching()
    ended = await run([calling(), child], batch("1", "2", d="x"), watching)
    assert texts(ended) == ["1x", "2x"]
    assert watching.began_ == [("ex", "p", 2)]
    assert ("child", "say", 2) in watching.entered_


async def test_any_other_process_is_called_once_for_each_document_with_an_empty_one() -> None:
    """59: one run a document, in order, without content or properties of the caller, each on a record of its own."""
    child = process(
        "child",
        "say",
        PlatformMessageStep(id="say", text=message("[{1}{2}]", CURRENT, ddp("d")), to="back"),
        ReturnDocumentsStep(id="back"),
        mode="no data",
    )
    watching = Watching()
    ended = await run([calling(), child], batch("1", "2", d="x"), watching)
    assert texts(ended) == ["[null]", "[null]"]
    assert [(name, count) for _, name, count in watching.began_] == [("p", 2), ("child", 1), ("child", 1)]
    assert len({record for record, *_ in watching.began_}) == 3
    assert watching.ended_ == [("child", "complete"), ("child", "complete"), ("p", "complete")]


@pytest.mark.parametrize("mode", ["passthrough", "no data"])
async def test_process_properties_go_down_and_come_back(mode: str) -> None:
    """60: both kinds of process see what their caller set, and the caller sees what they set."""
    child = process(
        "child",
        "set",
        PlatformSetPropertiesStep(id="set", assignments=(assign("process", "out", dpp("p"), static("!")),), to="back"),
        ReturnDocumentsStep(id="back"),
        mode="no data" if mode == "no data" else "passthrough",
    )
    caller = process(
        "p",
        "set",
        PlatformSetPropertiesStep(id="set", assignments=(assign("process", "p", static("in")),), to="call"),
        ProcessCallStep(id="call", process="child"),
    )
    ended = await run([caller, child], batch("1"))
    assert ended.properties == {"p": "in", "out": "in!"}


async def test_without_return_paths_a_call_is_the_end() -> None:
    """62: nothing goes on after it."""
    child = process("child", "back", ReturnDocumentsStep(id="back"))
    ended = await run([process("p", "call", ProcessCallStep(id="call", process="child")), child], batch("1"))
    assert texts(ended) == []


async def test_return_paths_run_in_their_order_each_with_its_own_documents() -> None:
    """63, 64: the documents of each shape go down its path; an unknown shape and one without a path give nothing."""
    child = process(
        "child",
        "branch",
        BranchStep(id="branch", paths=("a", "b", "c")),
        *(ReturnDocumentsStep(id=shape) for shape in "abc"),
    )
    paths = [ReturnPath(shape="b", to="say b"), ReturnPath(shape="none", to="end"), ReturnPath(shape="a", to="say a")]
    caller = process(
        "p",
        "call",
        ProcessCallStep(id="call", process="child", returns=tuple(paths)),
        *(PlatformMessageStep(id=f"say {name}", text=message(f"{name}{{1}}", CURRENT), to="end") for name in "ab"),
        END,
    )
    assert texts(await run([caller, child], batch("1", "2"))) == ["b1", "b2", "a1", "a2"]


@pytest.mark.parametrize("stop", ["document", "process"])
@pytest.mark.parametrize("mode", ["passthrough", "no data"])
async def test_a_failure_ends_the_caller_where_it_aborts(mode: str, stop: str) -> None:
    """66: the caller ends in error with the platform's own words, whatever failed in the child."""
    child = process(
        "child",
        "fail",
        PlatformExceptionStep(
            id="fail", title="t", message=message("no"), stop="document" if stop == "document" else "process"
        ),
        mode="no data" if mode == "no data" else "passthrough",
    )
    watching = Watching()
    ended = await run([calling(), child], batch("1", "2"), watching)
    text = (
        "no"
        if stop == "document"
        else ("Process terminating -- some documents reached an exception which is set to halt all documents: no")
    )
    record = watching.began_[1][0] if mode == "no data" else "ex"
    assert (ended.status.value, ended.message) == ("error", told(text, record))
    assert watching.failed_["p"] == (1 if mode == "no data" else 2)


async def test_documents_of_an_error_that_ends_the_run_count_as_failed() -> None:
    """8: what is caught does not count; the documents at the step whose error ends the run do."""
    watching = Watching()
    await run(
        [process("p", "halt", PlatformExceptionStep(id="halt", title="t", message=message("no")))],
        batch("1", "2"),
        watching,
    )
    assert watching.failed_ == {"p": 2}
    caught = process(
        "p",
        "try",
        TryCatchStep(id="try", attempt="halt", caught="end", trigger="all errors"),
        PlatformExceptionStep(id="halt", title="t", message=message("no")),
        END,
    )
    await run([caught], batch("1", "2"), watching)
    assert watching.failed_ == {"p": 0}


async def test_a_failure_fails_the_calling_document_where_it_does_not_abort() -> None:
    """67: the caller's Try/Catch gets the document that called, as it was; its siblings go on."""
    fails = PlatformExceptionStep(id="fail", title="t", message=message("no"), stop="document")
    deciding = process("child", "fail", fails, mode="no data")
    caught = PlatformMessageStep(id="caught", text=message("caught {1}", CURRENT), to="end")
    caller = process(
        "p",
        "try",
        TryCatchStep(id="try", attempt="call", caught="caught"),
        ProcessCallStep(id="call", process="child", abort=False),
        caught,
        END,
    )
    assert texts(await run([caller, deciding], batch("1", "2"))) == ["caught 1", "caught 2"]


async def test_a_group_loses_only_the_documents_that_failed_in_it() -> None:
    """58, 67: in a passthrough process each document fails for itself; the others come back."""
    child = process(
        "child",
        "branch",
        BranchStep(id="branch", paths=("take", "back")),
        ProcessCallStep(id="take", process="picky", abort=False, returns=(ReturnPath(shape="gone", to=None),)),
        ReturnDocumentsStep(id="back"),
    )
    picky = process(
        "picky",
        "is 2",
        PlatformDecisionStep(id="is 2", left=CURRENT, operator="=", right=static("2"), yes="fail", no="gone"),
        PlatformExceptionStep(id="fail", title="t", message=message("no"), stop="document"),
        ReturnDocumentsStep(id="gone"),
    )
    ended = await run([calling(abort=False), child, picky], batch("1", "2", "3"))
    assert (texts(ended), ended.message) == (["1", "3"], "no")


async def test_errors_of_a_call_that_is_not_waited_for_do_not_come_back() -> None:
    """68: neither its errors nor its documents."""
    child = process("child", "fail", PlatformExceptionStep(id="fail", title="t", message=message("no")))
    ended = await run([calling(wait=False), child], batch("1"))
    assert (ended.status.value, texts(ended)) == ("complete", [])


async def test_a_stop_ends_the_called_process_alone() -> None:
    """24: Stop without continue ends its process, as a success."""
    child = process(
        "child",
        "branch",
        BranchStep(id="branch", paths=("back", "stop", "late")),
        ReturnDocumentsStep(id="back"),
        StopStep(id="stop", continue_=False),
        PlatformExceptionStep(id="late", title="t", message=message("never")),
    )
    ended = await run([calling(), child], batch("1"))
    assert (ended.status.value, texts(ended)) == ("complete", ["1"])


async def test_processes_that_call_each_other_without_end_are_stopped() -> None:
    """Limits: calls nest forty levels deep and no deeper; the run ends with an error, not with a crash."""
    ended = await run([process("p", "call", ProcessCallStep(id="call", process="p"))], batch("1"))
    assert ended.status.value == "error"
    assert "40 levels deep" in (ended.message or "")


def test_what_cannot_be_called_is_refused_with_its_place() -> None:
    """A listener, parameters for a connector start, a process that is not there: refused when it is deployed."""
    listener = process("child", None, mode="listen")
    given = calling(arguments=(Argument("1", static("x")),))
    for processes, reason in (
        ([calling()], "the process 'child' is not in the bundle"),
        ([calling(), listener], "starts with a listener"),
        ([given, process("child", None)], "are not given on"),
    ):
        with pytest.raises(BundleError, match=reason) as refused:
            compiled(processes, World())
        assert "shape 'call' (call) of process 'p'" in str(refused.value)
