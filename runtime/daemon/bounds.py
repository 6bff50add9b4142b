"""Settings as each part of the daemon wants them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from runtime.clock import SystemClock
from runtime.engine.batch import BatchLimits
from runtime.engine.context import EngineLimits
from runtime.engine.house import ExecutionSettings
from runtime.engine.recorder import RecordLimits
from runtime.engine.recorders import Recorders, RecordSettings, open_recorders
from runtime.engine.retention import HistorySettings
from runtime.engine.scripts.workers import ScriptLimits
from runtime.errors import SettingsError
from runtime.model.headers import PassedHeaders, is_secret, passed_headers
from runtime.observe.collector import Sparing
from runtime.observe.levels import Levels
from runtime.observe.metrics import Metrics
from runtime.settings import Settings
from runtime.store.cipher import Cipher
from runtime.store.protocols import Store
from runtime.store.sqlite.record_base import RecordBase
from runtime.web.data_door import AnswerLimits
from runtime.web.listener import ListenerLimits
from runtime.web.ws_door import WebSettings
from runtime.web.ws_pages import PageLimits


def listener_limits(settings: Settings) -> ListenerLimits:
    """Give what callers of the listener may claim."""
    server = settings.server
    return ListenerLimits(
        connections=server.connections, head_timeout=server.header_timeout, keep_alive=server.keep_alive
    )


def history_settings(settings: Settings) -> HistorySettings:
    """Give how long ended work is kept."""
    history = settings.history
    return HistorySettings(
        keep_for=history.keep_for,
        keep_count=history.keep_count,
        keep_size=history.keep_size,
        replay_for=history.replay_for,
    )


def execution_settings(settings: Settings) -> ExecutionSettings:
    """Give the bounds of all executions together."""
    executions, documents, flow = settings.executions, settings.documents, settings.flow
    batch = BatchLimits(in_memory=documents.in_memory, in_memory_bytes=documents.in_memory_bytes)
    engine = EngineLimits(
        batch=batch,
        content_in_memory=documents.payload_in_memory,
        documents=documents.per_execution,
        steps=executions.steps_limit,
        compute_at_once=documents.compute_at_once,
        suspend_after=executions.suspend_after,
        parts_at_once=executions.parts_at_once,
    )
    return ExecutionSettings(
        engine=engine,
        at_once=executions.at_once,
        queued=executions.queued,
        lease=executions.lease,
        recovery_interval=executions.recovery_interval,
        expire_after=settings.callbacks.expire_after,
        park_answer_after=executions.park_answer_after,
        repeated_answers=flow.repeated_answers,
        repeated_answers_for=flow.repeated_answers_for,
        progress_pause=settings.callbacks.progress_pause,
        keep_work=settings.history.replay_for > 0,
    )


@asynccontextmanager
async def recording(
    settings: Settings,
    folder: Path,
    store: Store,
    clock: SystemClock,
    *,
    metrics: Metrics,
    cipher: Cipher,
    levels: Levels,
) -> AsyncGenerator[Recorders]:
    """Open the records of executions: logs, timings and traces, beside the journal in `folder`."""
    records = settings.records
    limits = RecordLimits(
        lines=records.lines,
        steps=records.steps,
        documents=records.documents,
        document_bytes=records.document_bytes,
        bytes=records.bytes,
    )
    bounds = RecordSettings(
        limits=limits,
        payloads=records.payloads,
        queue=records.queue,
        queue_bytes=records.queue_bytes,
        keep_for=records.keep_for,
        keep_size=records.keep_size,
    )
    left_out = metrics.limit_reached.of("records.queue").inc
    base = RecordBase(folder / "records", cipher)
    try:
        async with open_recorders(
            base, store.documents, bounds, now=clock.now, left_out=left_out, levels=levels
        ) as recorders:
            yield recorders
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(base.close)


def headers_passed(settings: Settings) -> PassedHeaders:
    """Give the headers of a request that its process sees.

    Raises:
        SettingsError: one is named that never passes.
    """
    named = settings.server.pass_headers
    secret = next((name for name in named if is_secret(name)), None)
    if secret is not None:
        hint = "credentials, cookies and what says how a connection is led never reach a process"
        raise SettingsError("settings.secret-header", f"server.pass_headers names '{secret}'", hint=hint)
    return passed_headers(*named)


def web_settings(settings: Settings) -> WebSettings:
    """Give the bounds of web services, and what of a request reaches their processes.

    Raises:
        SettingsError: a header that never passes is set to.
    """
    web = settings.web
    return WebSettings(
        passed=headers_passed(settings),
        authentication=settings.access.authentication,
        objects=web.objects,
        answers=AnswerLimits(objects=web.objects, size=web.answer_limit),
        pages=PageLimits(time=web.pages_for, size=web.pages_size),
    )


def sparing_of(settings: Settings) -> Sparing:
    """Give how the garbage collector is spared."""
    return Sparing(objects=settings.memory.collect_after, freeze=settings.memory.freeze)


def script_limits(settings: Settings) -> ScriptLimits:
    """Give the bounds of scripts."""
    scripts = settings.scripts
    return ScriptLimits(time=scripts.time, memory=scripts.memory, processes=scripts.processes)
