"""`nuclide flow call`: call an action, and follow it to its end."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

import click

from runtime.cli.failures import Failed
from runtime.cli.flow_options import DURATION, PAIR, base_option, service_argument
from runtime.cli.show import print_json, printable
from runtime.testkit.player.callbacks import HOST, PATH, PORT, OneToken, listening
from runtime.testkit.player.description import Action, Description, fetch
from runtime.testkit.player.failures import Misused
from runtime.testkit.player.play import Call, faults, follow, make
from runtime.testkit.player.values import engine_values, from_text, plain, read_json, unchecked

if TYPE_CHECKING:
    from runtime.testkit.player.wire import ActionResponse, EngineValue

Pairs = tuple[tuple[str, str], ...]


@click.command()
@base_option
@service_argument
@click.argument("action")
@click.option("--input", "inputs", type=PAIR, multiple=True, help="An input; objects and lists are JSON.")
@click.option("--inputs", "file", type=click.File("rb"), help="A JSON object of inputs; - reads it from stdin.")
@click.option("--config", "configuration", type=PAIR, multiple=True, help="A configuration value of the connector.")
@click.option("--user", metavar="EMAIL", help="Who runs the flow; without it nobody has signed in.")
@click.option("--token", help="Repeat a call: the same token gets the same answer. Without it, a new one.")
@click.option("--callback", metavar="URL", help=f"Where a later answer goes with --no-wait.  [default: port {PORT}]")
@click.option("--wait/--no-wait", default=True, help="Whether to follow a call that says WAIT to its end.")
@click.option("--timeout", type=DURATION, default="15 min", show_default=True, help="How long to follow it.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer instead of its outputs alone.")
def call(
    url: str,
    action: str,
    *,
    inputs: Pairs,
    file: BinaryIO | None,
    configuration: Pairs,
    user: str | None,
    token: str | None,
    callback: str | None,
    timeout: float,
    wait: bool,
    as_json: bool,
) -> None:
    """Call an ACTION of a service as a running flow does, and print its outputs as JSON.

    When the service says WAIT, follow the call to its callback. Exit status 1 when it ends with a fault.
    """
    description, _ = fetch(url, unchecked(configuration))
    called = description.action(action)
    token = token or str(uuid4())
    with listening(OneToken(token)) if wait else nullcontext() as listener:
        made = Call(
            url=url,
            uri_part=called.uri_part,
            token=token,
            callback=listener.url if listener else callback or f"http://{HOST}:{PORT}{PATH}",
            inputs=_inputs(description, called, inputs, file),
            configuration=_configuration(description, configuration),
            user=user,
        )
        answer = make(made)
        _tell(answer)
        if answer.waits and listener:
            for answer in follow(token, listener, timeout):
                _tell(answer)
    _finish(answer, as_json=as_json)


def _tell(answer: ActionResponse) -> None:
    if answer.waits:
        said = f": {printable(answer.wait_message)}" if answer.wait_message else ""
        click.secho(f"WAIT{said}", fg="cyan", err=True)


def _finish(answer: ActionResponse, *, as_json: bool) -> None:
    outputs = plain(answer.outputs or ())
    failed = faults(answer)
    if as_json:
        print_json(
            {
                "token": answer.token,
                "invokeType": answer.invoke_type,
                "waitMessage": answer.wait_message,
                "outputs": outputs,
                "faults": failed,
            }
        )
    elif not failed and not answer.waits:
        print_json(outputs)
    if failed:
        raise Failed("player.fault", "; ".join(failed))


def _inputs(description: Description, action: Action, pairs: Pairs, file: BinaryIO | None) -> list[EngineValue]:
    known = {each.developer_name: each for each in action.inputs}
    given: dict[str, object] = {}
    if file is not None:
        content = read_json(file.read(), "the file of inputs")
        if not isinstance(content, dict):
            raise Misused("player.inputs", "the file of inputs holds no JSON object")
        given |= content
    given |= {name: from_text(text, known[name]) if name in known else text for name, text in pairs}
    return engine_values(given, action.inputs, description.types, "input")


def _configuration(description: Description, pairs: Pairs) -> list[EngineValue]:
    defaults = {
        each.developer_name: each.content_value for each in description.configuration if each.content_value is not None
    }
    return engine_values({**defaults, **dict(pairs)}, description.configuration, {}, "configuration value")
