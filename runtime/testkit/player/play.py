"""One call of an action, from its request to the answer that finishes it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit
from uuid import uuid4

import msgspec
from msgspec import Struct

from runtime.testkit.player.description import CULTURE
from runtime.testkit.player.failures import Refused
from runtime.testkit.player.http import post, shown
from runtime.testkit.player.user import TENANT, authorization
from runtime.testkit.player.wire import ActionRequest, ActionResponse, problem_message, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.testkit.player.callbacks import Listener
    from runtime.testkit.player.wire import EngineValue

BASE = "http://127.0.0.1:9090"  # where a daemon listens by default


class Call(Struct, frozen=True, kw_only=True):
    """A call that can be made: `url` is the service's, `uri_part` the action's address below it."""

    url: str
    uri_part: str
    token: str
    callback: str
    inputs: list[EngineValue]
    configuration: list[EngineValue]
    user: str | None = None


def service_url(service: str, base: str = BASE) -> str:
    """Give the address of a service that is named by its address or by its external name alone."""
    if "://" in service:
        return service.rstrip("/")
    return f"{base.rstrip('/')}/fs/{quote(service, safe='')}"


def make(call: Call) -> ActionResponse:
    """Call the action; give its first answer, which may be WAIT.

    Raises:
        NoAnswer: nobody answers, or not within the time that an engine waits.
        Refused: the service answers with a problem, or with what no engine understands.
    """
    reply = post(f"{call.url}/{call.uri_part}", _body(call), {"Authorization": authorization(call.user)})
    if not 200 <= reply.status < 300:  # noqa: PLR2004 - success
        message = problem_message(reply.body) or f"the service answered {reply.status} without a problem document"
        raise Refused("player.refused", f"{message} (status {reply.status})")
    response = read(reply.body, ActionResponse)
    if response.token != call.token:
        raise Refused("player.token", "the answer is for another token: an engine would not accept it")
    return response


def follow(token: str, listener: Listener, seconds: float) -> Iterator[ActionResponse]:
    """Give the callbacks of a call as they are accepted: progress first, the one that finishes it last.

    Raises:
        Refused: it has not finished after so many seconds.
    """
    end = time.monotonic() + seconds
    while True:
        taken = listener.take(max(0.0, end - time.monotonic()))
        if taken is None:
            raise Refused("player.no-callback", f"the call has not finished within {seconds:.0f} s")
        if taken.word != "SUCCESS" or taken.response.token != token:
            continue
        yield taken.response
        if not taken.response.waits:
            return


def faults(response: ActionResponse) -> list[str]:
    """Give what went wrong, one line a fault; nothing when all is well."""
    return [f"{name}: {problem_message(text) or text}" for name, text in (response.root_faults or {}).items()]


def _body(call: Call) -> bytes:
    state = str(uuid4())
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(call.callback))
    request = ActionRequest(
        token=call.token,
        tenant_id=TENANT,
        state_id=state,
        callback_uri=call.callback,
        uri=f"{shown(call.url)}/{call.uri_part}",
        join_player_uri=f"{origin}/{TENANT}/play/default?join={state}",
        player_uri=f"{origin}/{TENANT}/play/default",
        culture=CULTURE,
        configuration_values=call.configuration,
        inputs=call.inputs,
    )
    return msgspec.json.encode(request)
