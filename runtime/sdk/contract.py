"""What every connector must keep, as checks that its author calls from tests.

```python
def test_the_specification_is_complete() -> None:
    check_spec(CONNECTOR)

async def test_a_cancelled_call_leaves_the_connection_usable() -> None:
    async with CONNECTOR.open(settings) as connection:
        await check_cancellation(connection, "get", a_call(Fields()))
```

Each check raises AssertionError with everything that it found.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

import msgspec
import trio
import trio.abc

from runtime.model.document import Document
from runtime.sdk.connector import Call, Connection, ConnectorSpec, OperationSpec, Reply
from runtime.sdk.effect import Effect
from runtime.sdk.faults import ApplicationFault, NotSent, OutcomeUnknown

MOST_STEPS = 1_000  # turns of a task within one call: far beyond any call to a stub
PATIENCE = 5.0  # seconds until a check that waits for a call gives up, on trio's clock

Fault = ApplicationFault | NotSent | OutcomeUnknown
F = TypeVar("F", ApplicationFault, NotSent, OutcomeUnknown)

_SECRET_WORDS = ("password", "passphrase", "secret", "token", "credential", "private_key", "api_key")


def a_call(fields: object, content: bytes = b"", *, key: str = "key-1", deadline: float = float("inf")) -> Call:
    """Give a call for a document with this content."""
    return Call(Document(b"contract", content), content, fields, key, deadline)


def check_spec(spec: ConnectorSpec) -> None:
    """Check that a specification says all that people, lint and the engine read in it."""
    found = [*_named(spec.name, spec.summary, "the connector"), *_of_struct(spec.settings, "the settings")]
    names = [operation.name for operation in spec.operations]
    if not names:
        found.append("the connector has no operation")
    found += [f"the operation '{name}' is there twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    for operation in spec.operations:
        found += _of_operation(operation)
    found += _of_secrets(spec)
    _require(not found, f"{spec.name}: {'; '.join(found)}")


async def check_cancellation(connection: Connection, operation: str, call: Call) -> int:
    """Cancel a call at each of its checkpoints, and make it again each time: the connection must stay whole.

    The target must answer the call whenever it is made. Gives the number of places at which it was cancelled.
    """
    for steps in range(1, MOST_STEPS):
        if not await _cancelled_after(steps, connection, operation, call):
            return steps - 1
        with trio.move_on_after(PATIENCE) as scope:
            await connection.execute(operation, call)
        _require(not scope.cancelled_caught, f"after a call was cancelled at checkpoint {steps}, the next one hangs")
    raise AssertionError(f"a call to a stub has more than {MOST_STEPS} checkpoints: does it ever end?")


async def check_deadline(
    connection: Connection,
    operation: str,
    call: Callable[[float], Call],
    arrived: trio.Event,
    forward: Callable[[], None],
) -> None:
    """Check that a call ends at its deadline, and that it tells whether it was sent.

    Args:
        connection: one to a target that takes a request and never answers.
        operation: the operation to call.
        call: gives the call for a deadline, on trio's clock.
        arrived: set by the target when the request has come.
        forward: moves trio's clock beyond the deadline that `call` was given, as `MockClock.jump` does.
    """
    await expect_fault(connection, operation, call(trio.current_time() - 1), NotSent)
    _require(not arrived.is_set(), "a call whose deadline had passed was sent nevertheless")
    deadline = trio.current_time() + 1
    async with trio.open_nursery() as nursery:

        async def run() -> None:
            await expect_fault(connection, operation, call(deadline), OutcomeUnknown)

        nursery.start_soon(run, name="a call to a silent target")
        await arrived.wait()
        forward()


async def expect_fault(connection: Connection, operation: str, call: Call, kind: type[F]) -> F:
    """Make a call that must fail in this way, and give its fault for further questions.

    An error of the target's library that comes through is not caught here: it fails the test by itself.
    """
    try:
        replies = await connection.execute(operation, call)
    except (ApplicationFault, NotSent, OutcomeUnknown) as fault:
        _require(isinstance(fault, kind), f"{operation}: {kind.__name__} is expected, not {fault!r}")
        _require("." in fault.code, f"{operation}: the code '{fault.code}' has no family")
        _require(bool(fault.message.strip()), f"{operation}: the fault says nothing")
        return cast("F", fault)
    raise AssertionError(f"{operation}: {kind.__name__} is expected, not {len(replies)} replies")


async def expect_replies(connection: Connection, operation: str, call: Call) -> tuple[Reply, ...]:
    """Make a call that must succeed; check its replies and give them."""
    replies = await connection.execute(operation, call)
    for reply in replies:
        _require(type(reply.content) is bytes, f"{operation}: the content is no bytes")
        wrong = [name for name, value in reply.meta.items() if type(name) is not str or type(value) is not str]
        _require(not wrong, f"{operation}: meta holds what is no text: {', '.join(map(str, wrong))}")
    return replies


def _require(holds: bool, message: str) -> None:  # noqa: FBT001 - an assertion that python -O keeps
    if not holds:
        raise AssertionError(message)


def _named(name: str, summary: str, what: str) -> Iterator[str]:
    if not name or name != name.strip().lower():
        yield f"{what} needs a name in lower case"
    if not summary.strip() or "\n" in summary or summary.rstrip().endswith("."):
        yield f"{what} '{name}' needs a summary of one line, without a full stop"


def _of_struct(struct: type[Any], what: str) -> Iterator[str]:
    if not (inspect.isclass(struct) and issubclass(struct, msgspec.Struct)):
        yield f"{what}: {struct!r} is no msgspec Struct"
        return
    if not struct.__struct_config__.frozen:
        yield f"{what}: {struct.__name__} is not frozen"
    if not (struct.__doc__ or "").strip():
        yield f"{what}: {struct.__name__} has no docstring that explains its fields"
    for field in msgspec.structs.fields(struct):
        if not _reads_text(field.type):
            yield f"{what}: '{field.name}' cannot be read from a text"


def _reads_text(kind: object) -> bool:
    """Whether some text can become a value of this type: bundles give nothing else."""
    simple = (msgspec.inspect.StrType, msgspec.inspect.IntType, msgspec.inspect.FloatType, msgspec.inspect.BoolType)
    others = (
        msgspec.inspect.DecimalType,
        msgspec.inspect.LiteralType,
        msgspec.inspect.EnumType,
        msgspec.inspect.DateTimeType,
        msgspec.inspect.DateType,
        msgspec.inspect.UUIDType,
    )
    found = msgspec.inspect.type_info(kind)
    while isinstance(found, msgspec.inspect.Metadata):
        found = found.type
    if isinstance(found, msgspec.inspect.UnionType):
        return any(isinstance(one, (*simple, *others)) for one in found.types)
    return isinstance(found, (*simple, *others))


def _of_operation(operation: OperationSpec) -> Iterator[str]:
    what = f"the operation '{operation.name}'"
    yield from _named(operation.name, operation.summary, "the operation")
    yield from _of_struct(operation.fields, what)
    unknown: dict[str, str | None] = dict.fromkeys(getattr(operation.fields, "__struct_fields__", ()))
    for fields in ({}, unknown):
        effect = cast("object", operation.effect(fields))  # what it says, not what its author has promised
        if not isinstance(effect, Effect):
            yield f"{what} declares no effect for {fields!r}, but {effect!r}"


def _of_secrets(spec: ConnectorSpec) -> Iterator[str]:
    if not (inspect.isclass(spec.settings) and issubclass(spec.settings, msgspec.Struct)):
        return
    names = spec.settings.__struct_fields__
    for secret in spec.secrets:
        if secret not in names:
            yield f"the secret '{secret}' is no setting"
    for name in names:
        if any(word in name for word in _SECRET_WORDS) and name not in spec.secrets:
            yield f"the setting '{name}' sounds like a secret, but is not named as one"


async def _cancelled_after(steps: int, connection: Connection, operation: str, call: Call) -> bool:
    """Cancel a call when its task has run this many steps; False when it ended before."""
    with trio.CancelScope() as scope:
        instrument = _CancelAfter(steps, trio.lowlevel.current_task(), scope)
        trio.lowlevel.add_instrument(instrument)
        try:
            await connection.execute(operation, call)
        finally:
            trio.lowlevel.remove_instrument(instrument)
    return scope.cancelled_caught


class _CancelAfter(trio.abc.Instrument):
    """Cancels a scope when a task has paused for the n-th time."""

    def __init__(self, steps: int, task: trio.lowlevel.Task, scope: trio.CancelScope) -> None:
        self._left = steps
        self._task = task
        self._scope = scope

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        if task is self._task:
            self._left -= 1
            if self._left == 0:
                self._scope.cancel()
