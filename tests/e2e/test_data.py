"""Data, files and values, as a flow has them: the daemon, a socket, the shipped examples."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import trio

from tests.e2e.daemon import POLL, Daemon, installed
from tests.e2e.test_cli import Shell
from tests.flow.daemon import ROOT
from tests.flow.peers import Reply, call
from tests.flow.replay import Message, Surroundings, message
from tests.patience import PATIENCE

SURROUNDINGS = Surroundings(base="", engine="")
LARGE_PROCESS = """
name: Find much
start: { listen: flow, service: data action }
options: { mode: low latency }
steps:
  - message: '[{"Id": "1", "City": "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"}]'
  - return documents
"""
LATE_PROCESS = """
name: Find late
start: { listen: flow, service: data action, time limit: 500 ms }
options: { mode: low latency }
steps:
  - wait: 10 min
  - return documents
"""
DESK = {
    "bundle.yaml": "name: desk\nversion: 1.0\n",
    "profiles/contact.json": '{"type": "object", "properties": {"Id": {"type": "string"}, "City": {"type": "string"}}}',
    "processes/late.yaml": LATE_PROCESS,
    "processes/large.yaml": LARGE_PROCESS,
    "flow-services/desk.yaml": """
external name: desk
actions:
  Say hello: { process: Greet, bundle: greetings }
data types:
  Borrowed:
    profile: contact
    get: { process: Get contact, bundle: contacts }
    query: { process: No such process, bundle: contacts }
  Late: { profile: contact, query: Find late }
  Large: { profile: contact, query: Find much }
""",
}
GREETINGS = {
    "bundle.yaml": "name: greetings\nversion: 1.0\n",
    "profiles/greeting.json": '{"type": "object", "properties": {"Message": {"type": "string"}}}',
    "processes/greet.yaml": """
name: Greet
start: { listen: flow, response profile: greeting }
options: { mode: low latency }
steps:
  - message: '{"Message": "Hello"}'
  - return documents
""",
}


def write(folder: Path, files: dict[str, str]) -> None:
    """Write a bundle beside the watched folder and move it in whole."""
    draft = folder.parent.parent / "drafts" / folder.name
    for name, text in files.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    draft.rename(folder)


@asynccontextmanager
async def house(folder: Path, *examples: str, **flow: object) -> AsyncGenerator[tuple[Daemon, Path]]:
    """Run a daemon with these shipped bundles; gives its watched folder, and `data` beside it is theirs.

    `flow` are settings of the Flow Services Server.
    """
    watched, data = folder / "bundles", folder / "data"
    watched.mkdir()
    (folder / "drafts").mkdir()
    (data / "invoices").mkdir(parents=True)
    for name in examples:
        shutil.copytree(ROOT / name, watched / Path(name).name)
    bundles = ("contacts", "invoices", "conformance")
    environ = {f"NUCLIDE_EXT_{name.upper()}_DATA_FOLDER": str(data) for name in bundles}
    settings: dict[str, dict[str, object]] = {
        "bundles": {"folder": str(watched)},
        "log": {"format": "json"},
        "flow": dict(flow),
    }
    async with installed(folder, settings, environ) as daemon:
        await daemon.start()
        yield daemon, watched


class Table:
    """A table component of a page: it loads and saves the objects of one type."""

    def __init__(self, daemon: Daemon, service: str, type_name: str) -> None:
        self._daemon = daemon
        self._service = service
        self._type = type_name

    async def ask(self, method: str, path: str, **members: Any) -> Reply:  # noqa: ANN401 - JSON
        """Make a data call."""
        body = msgspec.json.encode({"objectDataType": {"developerName": self._type}, **members})
        headers = {"Content-Type": "application/json"}
        return await call(
            self._daemon.port, f"/fs/{self._service}", Message(method=method, path=path, headers=headers, body=body)
        )

    async def load(self, **listed: Any) -> list[dict[str, str | None]]:  # noqa: ANN401 - JSON
        """Load by a listFilter; gives the texts of each object."""
        reply = await self.ask("POST", "/data", listFilter=listed or None)
        assert reply.status == 200, reply.body
        return [_texts(each) for each in reply.json["objectData"]]

    async def save(self, *objects: dict[str, Any]) -> list[dict[str, Any]]:
        """Save objects; gives them as they were saved."""
        reply = await self.ask("PUT", "/data", objectData=objects)
        assert reply.status == 200, reply.body
        saved: list[dict[str, Any]] = reply.json["objectData"]
        return saved


def person(external: str | None = None, internal: str | None = None, **values: str) -> dict[str, Any]:
    """Give a contact as Flow holds it; a blank of a property's name is written as two underscores."""
    properties = [{"developerName": name.replace("__", " "), "contentValue": text} for name, text in values.items()]
    return {"developerName": "Contact", "externalId": external, "internalId": internal, "properties": properties}


def _texts(each: dict[str, Any]) -> dict[str, str | None]:
    return {value["developerName"]: value["contentValue"] for value in each["properties"]}


async def test_the_worked_example_of_the_platform(tmp_path: Path) -> None:
    """A contact is saved, loaded directly, into a list, by a filter and by its id, changed, and deleted."""
    async with house(tmp_path, "processes/contacts") as (daemon, _):
        contacts = Table(daemon, "contacts", "Contact")
        saved = await contacts.save(
            person(
                None, "i-1", First__Name="Ada", Last__Name="Lovelace", City="Leeds", Age="36", Born__On="1815-12-10"
            ),
            person("", "i-2", First__Name="Grace", Last__Name="Hopper", City="York", Age="85.50", Active="True"),
            person(None, "i-3", First__Name="Alan", Last__Name="Turing", City="leeds"),
        )
        assert [each["internalId"] for each in saved] == ["i-1", "i-2", "i-3"]
        ada, grace, _ = (each["externalId"] for each in saved)
        everyone = await contacts.load()
        assert {each["Last Name"] for each in everyone} == {"Lovelace", "Hopper", "Turing"}
        (found,) = await contacts.load(id=grace)
        assert (found["Id"], found["Age"], found["Active"], found["Born On"]) == (grace, "85.5", "true", None)
        city = {"columnName": "City", "criteriaType": "EQUAL", "contentValue": "LEEDS"}
        born = {"columnName": "Born On", "criteriaType": "LESS_THAN", "contentValue": "1900-01-01T00:00:00+01:00"}
        in_leeds = await contacts.load(where=[city], orderByPropertyDeveloperName="Last Name")
        assert [each["First Name"] for each in in_leeds] == ["Ada", "Alan"]
        assert [each["First Name"] for each in await contacts.load(where=[city, born])] == ["Ada"]
        (changed,) = await contacts.save(person(ada, First__Name="Ada", Last__Name="King", City="London"))
        assert (changed["externalId"], _texts(changed)["City"]) == (ada, "London")
        page = await contacts.ask("POST", "/data", listFilter={"limit": 2, "orderBy": [{"columnName": "Last Name"}]})
        assert ([_texts(each)["Last Name"] for each in page.json["objectData"]], page.json["hasMoreResults"]) == (
            ["Hopper", "King"],
            True,
        )
        deleted = await contacts.ask("POST", "/data/delete", objectData=[person(ada)])
        assert (deleted.status, deleted.json["objectData"]) == (200, [])
        assert await contacts.load(id=ada) == []
        assert await contacts.load(search="' or 1=1 --") == []


async def test_files_are_uploaded_listed_and_removed(tmp_path: Path) -> None:
    """Files of one call keep their contents and get names of their own; a list finds, orders and pages them."""
    async with house(tmp_path, "processes/invoices") as (daemon, _):
        port, large = daemon.port, "x" * 3_000_000

        async def ask(path: str, body: object) -> Reply:
            request = {"method": "POST", "path": path, "body": body, "headers": {"Content-Type": "application/json"}}
            if path.endswith("content"):
                request["headers"] = {"Content-Type": "multipart/form-data; boundary=b0"}
            return await call(port, "/fs/invoices", message(request, SURROUNDINGS))

        parts: list[dict[str, Any]] = [
            {"name": "file", "filename": "b.json", "contentType": "application/json", "text": '{"total": 1}'},
            {"name": "FileDataRequest", "json": {"resourcePath": "invoices"}},
            {"name": "file", "filename": "a.txt", "contentType": "text/plain", "text": large},
            {"name": "file", "filename": "a.txt", "contentType": "text/plain", "text": "other"},
        ]
        told = await ask("/file/content", {"$multipart": {"boundary": "b0", "quoteNames": False, "parts": parts}})
        assert (told.status, "X-Execution-Id" in told.headers or "x-execution-id" in told.headers) == (200, True)
        assert [_texts(each)["Name"] for each in told.json["objectData"]] == ["b.json", "a.txt", "a.txt"]
        _, first, second = (each["externalId"] for each in told.json["objectData"])
        assert _texts(told.json["objectData"][0])["Mime Type"] == "application/json"
        kept = [await trio.Path(tmp_path / "data" / "invoices" / path).read_text() for path in (first, second)]
        assert kept == [large, "other"]
        asked = {"limit": 2, "orderByPropertyDeveloperName": "Name", "search": "A"}
        listed = await ask("/file", {"resourcePath": "/invoices", "listFilter": asked})
        assert [each["externalId"] for each in listed.json["objectData"]] == [first, second]
        assert (await ask("/file/delete", {"resourcePath": "/invoices", "resourceFile": first})).status == 200
        left = await ask("/file", {"resourcePath": "/invoices"})
        assert {_texts(each)["Name"] for each in left.json["objectData"]} == {"a.txt", "b.json"}
        broken = await ask("/file/content", {"$raw": "--b0\r\nhalf"})
        assert (broken.status, "multipart" in broken.json["message"]) == (400, True)
        nowhere = {"boundary": "b0", "parts": [{**parts[1], "json": {"resourcePath": "/x"}}, parts[0]]}
        assert (await ask("/file/content", {"$multipart": nowhere})).status == 404
        assert not list((tmp_path / "state" / "documents").rglob("ex-*"))  # nothing stays of what was sent


async def test_every_kind_of_value_comes_back(tmp_path: Path) -> None:
    """A message action gets and gives every content type: texts, numbers, truth values, instants, objects, lists."""
    async with house(tmp_path, "tests/flow/bundles/conformance") as (daemon, _):
        rows = [{"properties": [{"developerName": "Sku", "contentValue": sku}]} for sku in ("a", "ü\n")]
        inputs = [
            {"developerName": "Text", "contentValue": ""},
            {"developerName": "Amount", "contentValue": "123456789012345678.99"},
            {"developerName": "Flag", "contentValue": "TRUE"},
            {"developerName": "When", "contentValue": "2025-09-04T00:00:00.1234567+01:00"},
            {"developerName": "Person", "objectData": [{"properties": [{"developerName": "Age", "contentValue": ""}]}]},
            {"developerName": "Lines", "objectData": rows},
        ]
        body = {
            "token": "t-1",
            "inputs": inputs,
            "configurationValues": [{"developerName": "region", "contentValue": ""}],
        }
        request = {"method": "POST", "path": "/actions/EchoAll", "body": body}
        told = await call(daemon.port, "/fs/Conformance", message(request, SURROUNDINGS))
        outputs = {each["developerName"]: each for each in told.json["outputs"]}
        assert {name: each["contentValue"] for name, each in outputs.items() if not each["objectData"]} == {
            "Text": "",
            "Amount": "123456789012345678.99",
            "Flag": "true",
            "When": "2025-09-03T23:00:00.123Z",
        }
        assert _texts(outputs["Person"]["objectData"][0]) == {"Name": None, "Age": None}
        assert [_texts(each)["Sku"] for each in outputs["Lines"]["objectData"]] == ["a", "ü\n"]


async def test_processes_are_borrowed_from_other_bundles(tmp_path: Path) -> None:
    """A service may name processes of another bundle; what is not deployed is said, in describe and in the answer."""
    async with house(tmp_path) as (daemon, watched):
        write(watched / "desk", DESK)
        describe = {"method": "POST", "path": "/metadata", "body": {}}
        hello = {"method": "POST", "path": "/actions/Say%20hello", "body": {"token": "t-1"}}

        async def ask(request: dict[str, Any]) -> Reply:
            return await call(daemon.port, "/fs/desk", message(request, SURROUNDINGS))

        await daemon.wait_logged("bundle deployed")
        described = await ask(describe)
        assert described.json["actions"] == []
        assert [line.partition(":")[0] for line in described.json["notDeployed"]] == [
            "action Say hello",
            "type Borrowed, get",
            "type Borrowed, query",
        ]
        shown = await Shell(daemon).nuclide("flow", "describe", "desk")
        assert "not deployed: action Say hello: The bundle 'greetings' is not deployed." in shown.out
        refused = await ask(hello)
        assert (refused.status, refused.json["message"]) == (503, "The bundle 'greetings' is not deployed.")
        await daemon.wait_logged("a service names processes that are not deployed")
        shutil.copytree(ROOT / "processes" / "contacts", tmp_path / "drafts" / "contacts")
        (tmp_path / "drafts" / "contacts").rename(watched / "contacts")
        write(watched / "greetings", GREETINGS)
        with trio.fail_after(PATIENCE):
            while len((await ask(describe)).json.get("notDeployed", ())) > 1:  # noqa: ASYNC110 - another process
                await trio.sleep(0.1)
        answered = await ask(hello)
        assert [each["contentValue"] for each in answered.json["outputs"]] == ["Hello"]
        assert [each["developerName"] for each in (await ask(describe)).json["actions"]] == ["Say hello"]
        (saved,) = await Table(daemon, "contacts", "Contact").save(person(None, City="Leeds"))
        borrowed = Table(daemon, "desk", "Borrowed")
        assert await borrowed.load(id=saved["externalId"]) == [{"Id": saved["externalId"], "City": "Leeds"}]
        told = await borrowed.ask("POST", "/data")
        assert (told.status, told.json["message"]) == (503, "The bundle 'contacts' has no process 'No such process'.")


async def test_a_slow_data_call_ends_at_its_limit(tmp_path: Path) -> None:
    """A call that cannot wait is a fault at its own limit, names its execution, and its process is stopped."""
    async with house(tmp_path) as (daemon, watched):
        write(watched / "desk", DESK)
        await daemon.wait_logged("bundle deployed")
        told = await Table(daemon, "desk", "Late").ask("POST", "/data")
        headers = {name.lower(): value for name, value in told.headers.items()}
        assert (told.status, headers["x-manywho-service-problem-kind"]) == (504, "service")
        assert told.json["executionId"] == headers["x-execution-id"]
        assert "time limit" in told.json["message"]
        assert told.seconds > 0.4
        with trio.fail_after(PATIENCE):
            while (await daemon.get("/_admin/status")).json["executions"]["live"]:  # noqa: ASYNC110 - another process
                await trio.sleep(POLL)


async def test_an_answer_has_a_limit(tmp_path: Path) -> None:
    """A process that returns more than an answer may hold is a fault that names the setting."""
    async with house(tmp_path, answer_limit="50 B") as (daemon, watched):
        write(watched / "desk", DESK)
        await daemon.wait_logged("bundle deployed")
        told = await Table(daemon, "desk", "Large").ask("POST", "/data")
        assert (told.status, "more than 50 bytes" in told.json["message"]) == (500, True)


async def test_a_person_plays_the_worked_example(tmp_path: Path) -> None:
    """The player does from a terminal what a flow does with objects and files."""
    async with house(tmp_path, "processes/contacts", "processes/invoices") as (daemon, _):
        shell = Shell(daemon)

        async def play(*arguments: str) -> Any:  # noqa: ANN401 - JSON
            done = await shell.nuclide("flow", *arguments)
            assert done.status == 0, done.err
            return done.json if "--json" in arguments else done.out

        saved = await play("save", "contacts", "Contact", "--set", "First Name=Ada", "--set", "City=Leeds", "--json")
        await play("save", "contacts", "Contact", "--set", "First Name=Alan", "--set", "City=Leeds", "--set", "Age=41")
        assert "Ada" in msgspec.json.encode(saved).decode()
        found = await play(
            "load", "contacts", "Contact", "--where", "City", "EQUAL", "leeds", "--order", "First Name:desc"
        )
        assert [line.split()[2] for line in found.splitlines()[1:]] == ["Alan", "Ada"]
        identity = next(line.split()[0] for line in found.splitlines() if "Alan" in line)
        await play("save", "contacts", "Contact", "--id", identity, "--set", "First Name=Alan M.", "--set", "City=York")
        assert "York" in await play("load", "contacts", "Contact", "--id", identity)
        await play("delete", "contacts", "Contact", identity)
        assert "Alan" not in await play("load", "contacts", "Contact")
        await play("upload", "invoices", "/invoices", "README.md", "LICENSE")
        listed = await play("list", "invoices", "/invoices")
        assert sorted(line.split()[2] for line in listed.splitlines()[1:]) == ["LICENSE", "README.md"]


HEADERS = {
    "bundle.yaml": "name: headers\nversion: 1.0\n",
    "profiles/told.json": '{"type": "object", "properties": {"Id": {"type": "string"}, "Told": {"type": "string"}}}',
    "scripts/told.py": """
def process(documents, context):
    told = "|".join(f"{name}={value}" for name, value in sorted(documents[0].properties.items()) if "header" in name)
    documents[0].set_json({"Id": "1", "Told": told})
    return documents
""",
    "processes/act.yaml": """
name: Act
start: { listen: flow, response profile: told }
steps:
  - script: { file: told.py }
  - return documents
""",
    "processes/find.yaml": """
name: Find
start: { listen: flow, service: data action }
steps:
  - script: { file: told.py }
  - return documents
""",
    "flow-services/headers.yaml": "external name: headers\nactions: { Act: Act }\n"
    "data types: { Told: { profile: told, query: Find } }\n",
}


async def test_allowed_headers_reach_processes_of_flow(tmp_path: Path) -> None:
    """Actions and data calls have the headers of the setting on their documents; credentials and cookies never."""
    (tmp_path / "state").mkdir()
    async with house(tmp_path) as (daemon, watched):
        write(watched / "headers", HEADERS)
        await daemon.wait_logged("bundle deployed")
        sent = {
            "Content-Type": "application/json",
            "Accept-Language": "nn",
            "X-WSS-Some-Info": "7",
            "X-Other": "no",
            "Cookie": "secret=1",
            "Authorization": "Basic c2VjcmV0OnNlY3JldA==",
        }
        told = "inheader_Accept-Language=nn|inheader_Content-Type=application/json|inheader_X-WSS-Some-Info=7"
        bodies = {
            "/actions/Act": {"token": "t", "inputs": []},
            "/data": {"objectDataType": {"developerName": "Told"}},
        }
        for path, body in bodies.items():
            message = Message(method="POST", path=path, headers=sent, body=msgspec.json.encode(body))
            answer = await call(daemon.port, "/fs/headers", message)
            assert answer.status == 200, answer.body
            assert told in answer.body.decode()
            assert "secret" not in answer.body.decode()


async def test_a_setting_that_would_pass_credentials_is_refused(tmp_path: Path) -> None:
    """The daemon does not start, and says which header never passes."""
    async with installed(tmp_path, {"server": {"pass_headers": ["Accept", "Cookie"]}}) as daemon:
        code, said = await daemon.refused()
        assert (code != 0, "server.pass_headers names 'Cookie'" in said) == (True, True)
