"""Web services as REST clients have them: the daemon, sockets, bundles in YAML and as exports."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trio

from runtime.store.note import Note
from runtime.web.access.passwords import hash_password
from runtime.web.access.users import User, Users
from tests.bundle.components.exports import shape
from tests.bundle.components.test_web_services import api, listening, operation, route
from tests.bundle.house import write
from tests.e2e.daemon import Daemon, installed
from tests.flow.daemon import Settings

NATIVE = {
    "bundle.yaml": "name: shop\nversion: 1.0\n",
    "processes/create.yaml": """
name: Create order
start: { listen: web, operation: create, object: order, input: single json, output: single json }
options: { mode: low latency }
steps:
  - set properties: { outstatuscode: 201, outheader_Location: "/orders/${document.Id}" }
  - message: '{"Id": "${document.Id}", "by": "${process.inuser}", "type": "${properties["inheader_Content-Type"]}"}'
  - return documents
""",
    "processes/get.yaml": """
name: Get order
start: { listen: web, operation: get, input: none, output: single json }
options: { mode: low latency }
steps:
  - message: '{"id": "${process.param_id}", "all": "${has(process.query_all) ? process.query_all : "no"}"}'
  - return documents
""",
    "processes/send.yaml": """
name: Send off
start: { listen: web, operation: execute, object: job, input: single data, output: none }
steps:
  - wait: 1 h
""",
    "processes/slow.yaml": """
name: Slow
start: { listen: web, operation: query, object: slow, input: none, output: single data, time limit: 1 s }
options: { simultaneous: reject }
steps:
  - wait: 1 h
  - return documents
""",
    "processes/fail.yaml": """
name: Fail
start: { listen: web, operation: query, object: failure, input: none, output: single data }
steps:
  - exception: { title: Sold out, message: "No more of these" }
""",
    "api-services/shop.yaml": """
base path: shop/v1
routes:
  GET orders/{id}: Get order
  POST orders: Create order
  GET elsewhere: { process: Nowhere, bundle: nowhere }
""",
}


@asynccontextmanager
async def house(folder: Path, **sections: dict[str, object]) -> AsyncGenerator[tuple[Daemon, httpx2.AsyncClient]]:
    """Run a daemon with the native bundle and settings by section; gives it, and a client."""
    settings: Settings = {"bundles": {"folder": str(folder / "bundles")}, "log": {"format": "json"}, **sections}
    write(folder / "bundles" / "shop", NATIVE)
    async with installed(folder, settings) as daemon:
        await daemon.start()
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{daemon.port}", trust_env=False) as client:
            yield daemon, client


@pytest.mark.parametrize("door", [True, False], ids=["front door", "hypercorn"])
async def test_a_rest_client_calls_processes(tmp_path: Path, door: bool) -> None:  # noqa: FBT001 - a parameter
    """Simple addresses and routes are answered at once; what a process says of status and headers is sent."""
    async with house(tmp_path, server={"front_door": door}) as (_, client):
        for path in ("/ws/simple/createOrder", "/ws/rest/shop/v1/orders"):
            made = await client.post(path, json={"Id": "7"})
            assert (made.status_code, made.headers["location"]) == (201, "/orders/7")
            assert made.json() == {"Id": "7", "by": "", "type": "application/json"}
            assert made.headers["x-execution-id"].startswith("ex-")
        got = await client.get("/ws/rest/shop/v1/orders/a%2Fb%20c?all=y%20s")
        assert got.json() == {"id": "a/b c", "all": "y s"}
        told = {
            "/ws/simple/createorder": 404,
            "/ws/simple/getOrder": 404,
            "/ws/simple/createOrder": 405,
            "/ws/rest/shop/v1/Orders/1": 404,
            "/ws/rest/shop/v1/orders": 404,
            "/ws/rest/shop/v1/elsewhere": 503,
            "/ws/rest": 404,
            "/ws": 404,
            "/ws/soap": 501,
            "/ws/simple/queryFailure": 500,
        }
        answers = {path: await client.get(path) for path in told}
        assert {path: answer.status_code for path, answer in answers.items()} == told
        assert all(answer.headers["content-type"] == "application/problem+json" for answer in answers.values())
        assert answers["/ws/simple/queryFailure"].json()["detail"] == "No more of these"
        assert "nowhere" in answers["/ws/rest/shop/v1/elsewhere"].json()["detail"]


async def test_a_caller_without_an_answer_is_told_at_once_and_its_call_is_kept(tmp_path: Path) -> None:
    """Output none is answered before the process has run, and asked to wait no longer a caller is told 202.

    From then on nothing loses the work: it goes on after a kill. What is slow beyond its limit is answered 504; while a
    process refuses others its callers read so in the platform's words.
    """
    async with house(tmp_path) as (daemon, client):
        sent = await client.post("/ws/simple/executeJob", content=b"x")
        assert (sent.status_code, sent.content) == (200, b"")
        late = await client.get("/ws/simple/querySlow")
        assert (late.status_code, "time limit" in late.json()["detail"]) == (504, True)
        waits = await client.get("/ws/simple/querySlow", headers={"X-Max-Wait": "100"})
        identity = waits.headers["x-execution-id"]
        assert waits.status_code == 202
        busy = await client.get("/ws/simple/querySlow")
        assert (busy.status_code, busy.text) == (503, f"Process is already running, executionId {identity}")
        assert int(busy.headers["retry-after"]) > 0
        await daemon.restart()
        for one in (identity, sent.headers["x-execution-id"]):
            status = await client.get(f"/ws/executions/{one}")
            assert (status.status_code, status.json()["executionId"]) == (200, one)
            assert status.json()["status"] not in ("ERROR", "CANCELLED", "COMPLETE")
        assert waits.headers["x-execution-status-link"] == f"/ws/executions/{identity}"
        assert (await client.get("/ws/executions/ex-none")).status_code == 404


async def test_users_reach_the_addresses_that_they_may(tmp_path: Path) -> None:
    """The same users as for Flow, by the same limits; services are named by their addresses."""
    hashed = await trio.to_thread.run_sync(hash_password, "pw")
    users = {
        "ada": User(password=hashed),
        "bob": User(password=hashed, services=("/ws/simple/createOrder",)),
    }
    (tmp_path / "state").mkdir()
    Note(tmp_path / "state" / "users.json", Users).write(users)
    async with house(tmp_path, access={"authentication": "basic"}) as (_, client):
        body: dict[str, Any] = {"json": {"Id": "7"}}
        refused = await client.post("/ws/simple/createOrder", **body)
        assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")
        assert "Basic" in refused.headers["www-authenticate"]
        made = await client.post("/ws/simple/createOrder", auth=("bob", "pw"), **body)
        assert (made.status_code, made.json()["by"]) == (201, "bob")
        assert (await client.post("/ws/rest/shop/v1/orders", auth=("bob", "pw"), **body)).status_code == 403
        assert (await client.post("/ws/rest/shop/v1/orders", auth=("ada", "pw"), **body)).status_code == 201
        assert (await client.post("/ws/simple/createOrder", auth=("ada", "no"), **body)).status_code == 401


async def test_exports_are_served(tmp_path: Path) -> None:
    """A process component with a Web Services Server start, and an API Service that leads to another one.

    An address that another bundle has is refused at deployment, and named.
    """
    listens = 'operationType="EXECUTE" objectName="echo" inputType="multixml" outputType="multixml"'
    end = shape("shape9", "returndocuments", '<returndocuments label=""/>')
    routed = listening("q", "op2").replace(b"shape9", b"shape8")
    text = (
        '<message combined="false"><msgTxt>{1} {2} {3}</msgTxt><msgParameters>'
        '<parametervalue key="0" valueType="process"><processparameter processproperty="param_id"'
        ' processpropertydefaultvalue=""/></parametervalue>'
        '<parametervalue key="1" valueType="process"><processparameter processproperty="query_my-key"'
        ' processpropertydefaultvalue=""/></parametervalue>'
        '<parametervalue key="2" valueType="track"><trackparameter defaultValue="-"'
        ' propertyId="dynamicdocument.inheader_X-WSS-requestID" propertyName="x"/></parametervalue>'
        "</msgParameters></message>"
    )
    stop = b'<shape image="stop_icon"'
    says = shape("shape8", "message", text, "shape9").encode()
    files: dict[str, str | bytes] = {
        "bundle.yaml": "name: exported\nversion: 1\n",
        "components/p.xml": returning(listening("p", "op1"), end),
        "components/q.xml": returning(routed.replace(stop, says + stop), end),
        "components/op1.xml": operation(listens, "op1"),
        "components/op2.xml": operation(
            'operationType="EXECUTE" objectName="thing" inputType="singledata" outputType="singledata"'
            ' responseContentType="text/csv"',
            "op2",
        ),
        "components/api.xml": api(route('urlPath="v1/{id}"', "q"), "things"),
    }
    taken = 'operationType="CREATE" objectName="order" inputType="none" outputType="none"'
    write(tmp_path / "bundles" / "exported", files)
    write(
        tmp_path / "bundles" / "twice",
        {
            "bundle.yaml": "name: twice\nversion: 1\n",
            "components/p.xml": listening(),
            "components/op.xml": operation(taken),
        },
    )
    async with house(tmp_path) as (daemon, client):
        echoed = await client.post("/ws/simple/executeEcho", content=b"<L><a>1</a><b/></L>")
        assert echoed.text == (
            '<wss:echoResponseList xmlns:wss="http://www.boomi.com/connector/wss"><a>1</a><b/></wss:echoResponseList>'
        )
        got = await client.post(
            "/ws/rest/things/thing/v1/42?my-key=a%20b", content=b"x", headers={"X-WSS-requestID": "r1"}
        )
        assert (got.text, got.headers["content-type"]) == ("42 a b r1", "text/csv")
        assert (await client.post("/ws/simple/executeThing", content=b"x")).status_code == 404
        assert "/ws/simple/createOrder' belongs to the bundle 'shop' in 'shop'" in daemon.logged()


def returning(process: bytes, end: str) -> bytes:
    """Give a process that returns its documents instead of stopping."""
    before, _, rest = process.partition(b'<shape image="stop_icon"')
    return before + end.encode() + rest.partition(b"</shape>")[2]
