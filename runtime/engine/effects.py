"""Effects: calls that the outside world may feel, and what may be done about them again.

The operation's word decides: an effect is declared, never guessed. Before a `keyed` or `once` call its intent is noted,
after it the outcome. An execution that goes on elsewhere makes a call again only if the word allows it; a `once` call
whose outcome nobody knows parks the execution.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from runtime.engine.context import Context
from runtime.engine.interruption import Parked
from runtime.engine.outcome import Ended
from runtime.engine.records import EffectRecord, IntentRecord
from runtime.errors import DocumentFault
from runtime.sdk.connector import Reply
from runtime.sdk.effect import Effect
from runtime.sdk.faults import OutcomeUnknown

Replies = tuple[Reply, ...]


async def perform(
    context: Context, effect: Effect, call: Callable[[], Awaitable[Replies]], *, document: bytes, key: str
) -> Replies:
    """Make a call in the step that runs, or give what is known of it.

    Args:
        context: the execution's.
        effect: the operation's word.
        call: makes the call.
        document: identity of the document that the call is for.
        key: its idempotency key.

    Raises:
        DocumentFault: the call failed, and that is certain; or it may be made again.
        Parked: it may have happened, and must not happen twice.
    """
    log, at = context.log, context.at
    known = log.effect(at, document) or (log.happened(key) if effect is Effect.ONCE else None)
    if known is not None:
        if known.failed is not None:
            raise DocumentFault(known.failed.code, known.failed.message)
        return known.replies
    if log.intended(at, document) and not effect.repeatable:
        raise Parked(f"{context.step}: the call was under way when the runtime stopped, and must not be made twice")
    if not effect.needs_intent:
        return await call()
    await log.note(IntentRecord(at, document, once=not effect.repeatable, key=key))
    try:
        replies = await call()
    except OutcomeUnknown as fault:
        if effect.repeatable:
            raise
        raise Parked(f"{context.step}: {fault.message}; the call must not be made twice") from fault
    except DocumentFault as fault:
        await log.note(EffectRecord(at, document, key, failed=Ended(fault.code, fault.message)))
        raise
    except Exception as error:  # the connector's own mistake tells nothing about what has happened
        if effect.repeatable:
            raise
        raise Parked(f"{context.step}: {type(error).__name__}: {error}; the call must not be made twice") from error
    await log.note(EffectRecord(at, document, key, replies))
    return replies
