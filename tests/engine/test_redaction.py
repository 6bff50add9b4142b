"""Fields that a bundle declares secret stand in no text that people read."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import msgspec
import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.redaction import MOST, SHORTEST, Marks, Secrets, Words
from runtime.model.journal import Status
from runtime.observe.redaction import MASK, redact_values
from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import NotSent, OutcomeUnknown
from tests.engine.houses import bundle, call, daemon
from tests.engine.processes import Steps
from tests.engine.slow import GENERAL, Slow
from tests.engine.worlds import World


def secrets_of(*paths: str, known: tuple[str, ...] = ()) -> Secrets:
    """Give what an execution of a bundle with these paths, on a machine with these secrets, keeps secret."""
    return Secrets(Marks(paths), Words(known))


CANARY = '4111-1111 "quoted" ü'


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("card.number", {"card": {"number": CANARY}}),
        ("$.card.number", [{"card": {"number": CANARY}}]),
        ("cards.number", {"cards": [{"number": CANARY}, {"number": "other"}]}),
        ("cards[].number", {"cards": [{"number": CANARY}]}),
        ("card", {"card": {"deep": {"number": [CANARY]}}}),
        ("card", {"customers": [{"card": CANARY}]}),
        ("/card/number", {"envelope": {"card": {"number": CANARY}}}),
    ],
)
def test_paths(path: str, content: object) -> None:
    """A path leads through objects and lists; what is below it is secret as a whole."""
    secrets = secrets_of(path)
    data = msgspec.json.encode(content)
    secrets.learn_from(data)
    assert secrets.masked(f"the card {CANARY} is bad") == f"the card {MASK} is bad"
    assert CANARY not in secrets.masked(f"the document {data.decode()} is bad")


@given(st.text(min_size=SHORTEST), st.text(), st.text())
def test_nothing_learned_is_told(secret: str, before: str, after: str) -> None:
    """Whatever text surrounds a secret, it is not in what comes out."""
    secrets = secrets_of("a")
    secrets.learn_from(msgspec.json.encode({"a": secret, "b": before}))
    assert secret not in secrets.masked(before + secret + after).replace(MASK, "\0") or secret in MASK


DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON beyond ASCII": lambda text: json.dumps(text, ensure_ascii=False),
    "XML": html.escape,
    "an address": quote,
    "an address, whole": lambda text: quote(text, safe=""),
    "a form": quote_plus,
    "base64": lambda text: b64encode(text.encode()).decode(),
    "base64 of an address": lambda text: urlsafe_b64encode(text.encode()).decode(),
    "basic credentials": lambda text: b64encode(f"ada:{text}".encode()).decode(),
    "basic credentials, other length": lambda text: b64encode(f"eve-1:{text}@".encode()).decode(),
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("secret", ["tops3cret", "päss w/+rd?", '"quoted" <tag> & more', "x" * 40])
def test_a_secret_is_known_in_its_disguises(disguise: str, secret: str) -> None:
    """What libraries make of a secret is masked as it is: nothing of six characters and more is left of it."""
    written = DISGUISES[disguise](secret)
    for keeper in (secrets_of(known=(secret,)), learned(secret)):
        told = keeper.masked(f"before {written} after")
        assert MASK in told
        assert written not in told
        assert told.startswith("before ")
        assert told.endswith(" after")
        inner = written.strip('"=')
        assert not any(inner[at : at + 6] in told for at in range(4, len(inner) - 8) if "base64" in disguise)


def learned(secret: str) -> Secrets:
    """Give a keeper that has met a secret in a document."""
    keeper = secrets_of("a")
    keeper.learn_from(msgspec.json.encode({"a": secret}))
    return keeper


def test_many_values_cost_no_time_to_speak_of() -> None:
    """Looking for ten thousand values is no more than looking for one; beyond them nothing is told at all."""
    keeper = secrets_of("a")
    keeper.learn_from(msgspec.json.encode([{"a": f"value number {number}"} for number in range(MOST)]))
    assert keeper.masked("it is value number 77.") == f"it is {MASK}."
    keeper.learn_from(msgspec.json.encode([{"a": "one more"}, {"a": "and more"}]))
    assert keeper.masked("nothing secret") == MASK


def test_what_has_no_fields() -> None:
    """What is no JSON, or has nothing under the paths, teaches nothing and passes."""
    secrets = secrets_of("a.b")
    for content in (b"\xff", b"plain", b'{"a": 1}', b'{"a": {"b": null}}', b'{"a": {"b": true}}'):
        secrets.learn_from(content)
        assert secrets.masked("true plain 1") == "true plain 1"


class Listening(Slow):
    """A world that asks, in the middle of a call, what would become of a text in a log."""

    logged = ""

    async def execute(self, operation: str, call: Call) -> tuple[Reply, ...]:
        """Answer after a while."""
        self.logged = str(redact_values(None, "info", {"event": "called", "with": [f"a card {CANARY}"]}))
        return await super().execute(operation, call)


async def test_faults_logs_and_rows(autojump_clock: object) -> None:
    """Neither the fault that Flow is told, nor the history, nor a log line, nor a tracked value holds the field."""
    steps, world = Steps(), Listening(25)
    end = steps.fail("no card ${document.Message}")
    made = bundle(steps.shapes, steps.call("", steps.set(end, "process", "card", "${document.Message}")), GENERAL)
    options = msgspec.structs.replace(GENERAL, track=("card",))
    process = msgspec.structs.replace(made.processes["p"], options=options)
    made = msgspec.structs.replace(made, redaction=("Message",), processes={"p": process})
    async with daemon(made, world) as one:
        one.upkeep()
        assert await one.ask(call(CANARY)) == "WAIT"
        await trio.sleep(60)
        row = await one.row()
        ((_, told),) = await one.told()
        assert (row.status, row.message, told) == (Status.ERROR, told, "no card ***")
        assert one.store.journal._entries[row.id].tracked == (("card", MASK),)
    assert world.logged == "{'event': 'called', 'with': ['a card ***']}"


async def test_reasons_of_parking(autojump_clock: object) -> None:
    """What is told of parked work is masked, too: what a connector says may quote a document."""

    class Quoting(World):
        async def execute(self, operation: str, call: object) -> tuple[()]:
            raise OutcomeUnknown("net.cut", f"cut while sending {CANARY}")

    steps = Steps()
    made = bundle(steps.shapes, steps.call("", steps.returned(), effect="once"), GENERAL)
    made = msgspec.structs.replace(made, redaction=("Message",))
    async with daemon(made, Quoting()) as one:
        assert await one.ask(call(CANARY)) == "WAIT"
        await trio.sleep(5)
        row = await one.row()
        assert row.status is Status.PARKED
        assert "4111" not in str(row)
        assert "cut while sending ***" in str(row.message)


async def test_secrets_of_the_machine(autojump_clock: object) -> None:
    """A fault that quotes a secret of the connection tells it to nobody, whatever the bundle marks."""

    class Echoing(World):
        async def execute(self, operation: str, call: object) -> tuple[()]:
            raise NotSent("net.refused", f"no login as Basic {b64encode(b'ada:tops3cret').decode()}")

    steps = Steps()
    made = bundle(steps.shapes, steps.call("", steps.returned()), GENERAL)
    async with daemon(made, Echoing()) as one:
        one.deployment.known.add("tops3cret")
        told = await one.ask()
        await trio.sleep(1)
        row = await one.row()
    assert row.status is Status.ERROR
    assert told.endswith(str(row.message))
    assert MASK in told
    assert b64encode(b"ada:tops3cret").decode()[6:] not in told
