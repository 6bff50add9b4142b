"""Progress: a person who waits reads how things stand."""

from __future__ import annotations

from pathlib import Path

from tests.deploy.bundles import write
from tests.e2e.daemon import installed
from tests.e2e.flow import Flow, ask, text_of, token_of
from tests.flow.daemon import Settings
from tests.flow.peers import Callback

FILES = {
    "bundle.yaml": "name: trial\nversion: 1.0\n",
    "profiles/text.json": '{"type": "object", "properties": {"Text": {"type": "string"}, "More": {"type": "number"}}}',
    "flow-services/trial.yaml": "external name: Trial\nactions:\n  Work: Work\n",
    "processes/work.yaml": """
name: Work
start: { listen: flow, response profile: text, sync timeout: 500 ms }
options: { mode: low latency }
steps:
  - progress: before ${execution.process} was slow
  - wait: 2 s
  - message: '{"Text": "half"}'
  - progress: { message: halfway, outputs: true }
  - progress: too soon after another to be sent
  - wait: 2500 ms
  - progress: nearly there
  - message: '{"Text": "whole"}'
  - return documents
""",
}


async def test_whoever_waits_is_told(tmp_path: Path) -> None:
    """WAIT says what was told before; later each message is a callback, with the outputs so far, before the result."""
    flow = Flow()
    write(tmp_path / "bundles" / "trial", FILES)
    settings: Settings = {
        "bundles": {"folder": str(tmp_path / "bundles")},
        "callbacks": {**flow.settings, "progress_pause": "2 s"},
    }
    async with flow.up(), installed(tmp_path, settings) as daemon:
        await daemon.start()
        request = flow.request("Work")
        reply = await ask(daemon.port, request)
        assert reply.status == 200, daemon.logged()
        assert (reply.json["invokeType"], reply.json["waitMessage"]) == ("WAIT", "before Work was slow")
        callbacks = await flow.finished(token_of(request), 3)
        assert [_told(each) for each in callbacks] == [
            ("WAIT", "halfway", "half"),
            ("WAIT", "nearly there", None),
            ("FORWARD", None, "whole"),
        ]


async def test_a_fast_answer_tells_nothing(tmp_path: Path) -> None:
    """What is told before an answer that comes in time is not sent, and the documents pass."""
    flow = Flow()
    fast = FILES["processes/work.yaml"].replace("2 s", "1 ms").replace("2500 ms", "1 ms").replace("500 ms", "30 s")
    write(tmp_path / "bundles" / "trial", {**FILES, "processes/work.yaml": fast})
    settings: Settings = {"bundles": {"folder": str(tmp_path / "bundles")}, "callbacks": flow.settings}
    async with flow.up(), installed(tmp_path, settings) as daemon:
        await daemon.start()
        request = flow.request("Work")
        reply = await ask(daemon.port, request)
        assert (reply.json["invokeType"], text_of(reply.json)) == ("FORWARD", "whole")
        assert await daemon.stop() == 0
        assert flow.arrived(token_of(request)) == []


def _told(callback: Callback) -> tuple[str, str | None, str | None]:
    return callback.body["invokeType"], callback.body["waitMessage"], text_of(callback.body)
