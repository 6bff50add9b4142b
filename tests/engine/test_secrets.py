"""Fields that a bundle declares secret stand in no text that people read."""

from __future__ import annotations

import msgspec
import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.secrets import SHORTEST, Secrets
from runtime.model.journal import Status
from runtime.observe.redaction import MASK, redact_values
from runtime.sdk.connector import Call, Reply
from runtime.sdk.faults import OutcomeUnknown
from tests.engine.houses import bundle, call, daemon
from tests.engine.processes import Steps
from tests.engine.slow import GENERAL, Slow
from tests.engine.worlds import World

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
    ],
)
def test_paths(path: str, content: object) -> None:
    """A path leads through objects and lists; what is below it is secret as a whole."""
    secrets = Secrets([path])
    data = msgspec.json.encode(content)
    secrets.learn_from(data)
    assert secrets.masked(f"the card {CANARY} is bad") == f"the card {MASK} is bad"
    assert CANARY not in secrets.masked(f"the document {data.decode()} is bad")


@given(st.text(min_size=SHORTEST), st.text(), st.text())
def test_nothing_learned_is_told(secret: str, before: str, after: str) -> None:
    """Whatever text surrounds a secret, it is not in what comes out."""
    secrets = Secrets(["a"])
    secrets.learn_from(msgspec.json.encode({"a": secret, "b": before}))
    assert secret not in secrets.masked(before + secret + after).replace(MASK, "\0") or secret in MASK


def test_what_has_no_fields() -> None:
    """What is no JSON, or has nothing under the paths, teaches nothing and passes."""
    secrets = Secrets(["a.b"])
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
