"""Flow's part in a case: it calls the action that the process serves, and waits for its answer as an engine would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import trio
from msgspec import Struct

from runtime.engine.executions import begin_call
from runtime.flow.handover import AnswerFault, AnswerSent, AnswerWait, SyncTimeout
from runtime.flow.requests import parse_action
from runtime.model.journal import Status
from runtime.testkit.cases.patterns import read_json
from runtime.testkit.cases.seen import Message
from runtime.testkit.player.description import CULTURE, Description
from runtime.testkit.player.play import faults
from runtime.testkit.player.values import engine_values, plain
from runtime.testkit.player.wire import ActionRequest, ActionResponse, read

if TYPE_CHECKING:
    from runtime.engine.deployment import Action, Deployment
    from runtime.engine.hold import Hold
    from runtime.engine.house import House
    from runtime.testkit.cases.model import Case

TOKEN = "test"  # noqa: S105 - the name of a call
CALLBACK = "https://flow.test/api/run/1/response"  # where the callbacks of a case would go; none is sent


class Asked(Struct, frozen=True, kw_only=True):
    """How a call was answered, and how its execution stood when it was."""

    execution: str
    status: str
    message: str
    answer: Message


async def ask(house: House, deployment: Deployment, case: Case) -> Asked:
    """Call the action, and give its answer: WAIT where the Sync Timeout comes first.

    Raises:
        NuclideError: the request is refused.
    """
    service, action = _served(deployment, case.process)
    call = parse_action(_body(deployment, service, action, case), action.codec)
    call = msgspec.structs.replace(call, properties=call.properties | case.properties)
    hold = await begin_call(house, deployment, action, call, f"/fs/{service}/{action.action.name}")
    hold.join()
    with trio.move_on_after(action.action.sync_timeout):
        await hold.decided.wait()
    if not hold.decided.is_set():
        hold.post(SyncTimeout())
        await hold.decided.wait()
    answer = _answer(hold)
    if answer.kind == "wait":
        hold.post(AnswerSent())
        await house.drained()
    ending = hold.ending
    status = Status.RUNNING if ending is None else ending.status
    message = "" if ending is None or ending.message is None else ending.message
    return Asked(execution=hold.execution, status=status.value, message=message, answer=answer)


def told(body: bytes) -> Message:
    """Give what the body of an answer or of a callback tells."""
    response = read(body, ActionResponse)
    failed = faults(response)
    if failed:
        return Message(kind="fault", message="; ".join(failed))
    if response.waits:
        return Message(kind="wait", message=response.wait_message or "")
    outputs = msgspec.json.Encoder(decimal_format="number").encode(plain(response.outputs or ())).decode()
    return Message(kind="forward", outputs=outputs)


def _served(deployment: Deployment, process: str) -> tuple[str, Action]:
    return next(
        (name, action)
        for name, service in deployment.services.items()
        for action in service.actions.values()
        if action.process.process.name == process
    )


def _body(deployment: Deployment, service: str, action: Action, case: Case) -> bytes:
    """Give the request as an engine makes it from the description of the service."""
    description = read(deployment.services[service].description, Description)
    described = description.action(action.action.name)
    given = read_json(case.request or b"{}")
    values = given if isinstance(given, dict) else {}
    request = ActionRequest(
        token=TOKEN,
        tenant_id="00000000-0000-0000-0000-000000000000",
        state_id="00000000-0000-0000-0000-000000000001",
        callback_uri=CALLBACK,
        uri=f"https://runtime.test/fs/{service}/{described.uri_part}",
        join_player_uri="https://flow.test/play",
        player_uri="https://flow.test/play",
        culture=CULTURE,
        configuration_values=engine_values(case.configuration, description.configuration, {}, "configuration value"),
        inputs=engine_values(values, described.inputs, description.types, "input"),
    )
    return msgspec.json.encode(request)


def _answer(hold: Hold) -> Message:
    if isinstance(hold.decision, AnswerWait):
        return Message(kind="wait")
    ending = hold.ending
    if ending is not None and ending.body is not None:
        return told(ending.body)
    if isinstance(hold.decision, AnswerFault):
        return Message(kind="fault", message=f"status {hold.decision.status}")
    return Message(kind="fault", message="" if ending is None or ending.message is None else ending.message)
