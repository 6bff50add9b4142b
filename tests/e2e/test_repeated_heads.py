"""One connection over which everything changes but the head of its requests."""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from pathlib import Path

import msgspec

from runtime.web.access.passwords import hash_password
from tests.deploy.bundles import bundle, write
from tests.e2e.daemon import installed
from tests.e2e.flow import text_of
from tests.e2e.test_deploy import until
from tests.web.caller import Reply, calling

HEAD = (f"authorization: Basic {b64encode(b'ada:secret').decode()}", "content-type: application/json")


def let_in(state: Path, *names: str) -> None:
    """Write who may call."""
    state.mkdir(mode=0o700, exist_ok=True)
    users = state / "users.json"
    users.touch(mode=0o600)
    users.write_bytes(msgspec.json.encode({name: {"password": hash_password("secret")} for name in names}))


async def test_a_connection_follows_deployments_and_users(tmp_path: Path) -> None:
    """Law: a caller whose requests have one head gets the version and the refusal of the moment, each token's own."""
    folder, numbers = tmp_path / "bundles", iter(range(10_000))
    file = write(folder / "hello", bundle(text="one")) / "processes" / "say.yaml"
    settings = {"bundles": {"folder": str(folder)}, "access": {"authentication": "basic"}, "log": {"format": "json"}}
    async with installed(tmp_path, settings) as daemon:
        let_in(daemon.state, "ada")
        await daemon.start()
        async with calling(daemon.port) as caller:

            async def say(number: int | None = None) -> Reply:
                token = f"{next(numbers) if number is None else number:06}"
                body = b'{"token":"%s","inputs":[],"configurationValues":[]}' % token.encode()
                await caller.request("POST", "/fs/hello/actions/Say", body, headers=HEAD)
                return await caller.reply()

            async def says(text: str) -> bool:
                return text_of(msgspec.json.decode((await say()).body)) == text

            async def is_refused() -> bool:
                return (await say()).status == 401

            for _ in range(3):
                assert await says("one")
            first, again = await say(9_999), await say(9_999)
            assert first.body == again.body
            assert first.headers["x-execution-id"] == again.headers["x-execution-id"]
            file.write_text(file.read_text().replace("one", "two"))
            await until(partial(says, "two"))
            assert (await say(9_999)).body == first.body
            let_in(daemon.state, "bob")
            await until(is_refused)
        assert await daemon.stop() == 0
