"""The laws of handling objects and files from a terminal, against a service that notes what it is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtime.testkit.player.http import shown
from tests.cli.daemon import nuclide
from tests.testkit.player.service import Service, serving

TYPE = {
    "developerName": "Contact",
    "properties": [
        {"developerName": "Id", "contentType": "ContentString"},
        {"developerName": "Age", "contentType": "ContentNumber"},
    ],
}
CONFIGURATION = [{"developerName": "region", "contentType": "ContentString", "required": True, "isRequired": True}]
DESCRIPTION: dict[str, Any] = {"providesDatabase": True, "install": {"typeElements": [TYPE]}, "actions": []}
ROW = {
    "developerName": "Contact",
    "externalId": "17",
    "properties": [
        {"developerName": "Id", "contentType": "ContentString", "contentValue": "17"},
        {"developerName": "Age", "contentType": "ContentNumber", "contentValue": "36"},
    ],
}


def run(
    *arguments: str, description: dict[str, Any] = DESCRIPTION, status: int = 200, stdin: str | None = None
) -> tuple[Any, Service]:
    """Run a verb of `nuclide flow` against a service, whose address stands where ``URL`` does."""

    def answer(_: object) -> tuple[int, Any]:
        if status != 200:
            return status, {"message": "No such thing", "statusCode": status}
        return 200, {"culture": None, "objectData": [ROW], "hasMoreResults": True}

    answers = dict.fromkeys(("data", "data/delete", "file", "file/content"), answer)
    with serving({**answers, "metadata": lambda _: (200, description)}) as service:
        result = nuclide("flow", *[service.url if part == "URL" else part for part in arguments], stdin=stdin)
    return result, service


def test_objects_are_loaded_by_a_filter() -> None:
    """Conditions, order, limit and search become the filter of the wire; the answer is a table, or JSON."""
    conditions = ("--where", "Age", "greater_than", "30", "--where", "Id", "EQUAL", "17", "--any")
    result, service = run("load", "URL", "Contact", *conditions, "--order", "Age:desc", "--limit", "1", "--json")
    assert result.exit_code == 0, result.output
    assert msgspec.json.decode(result.stdout) == {
        "objects": [{"$id": "17", "Id": "17", "Age": 36}],
        "hasMoreResults": True,
    }
    _, _, sent = service.requests[-1]
    assert sent["objectDataType"]["developerName"] == "Contact"
    assert [each["criteriaType"] for each in sent["listFilter"]["where"]] == ["GREATER_THAN", "EQUAL"]
    assert sent["listFilter"]["comparisonType"] == "OR"
    assert sent["listFilter"]["orderBy"] == [{"columnName": "Age", "direction": "DESC"}]


def test_objects_are_saved_and_deleted() -> None:
    """An object that is new has no external id, one that is changed has its own; deleting names it twice."""
    result, service = run("save", "URL", "Contact", "--set", "Age=36")
    assert result.exit_code == 0, result.output
    (sent,) = service.requests[-1][2]["objectData"]
    assert (service.methods[-1], sent["externalId"]) == ("PUT", "")
    assert {each["developerName"]: each["contentValue"] for each in sent["properties"]} == {"Age": "36"}
    _, service = run("save", "URL", "Contact", "--file", "-", stdin='[{"Id": "1"}, {"Id": "2"}]')
    assert len(service.requests[-1][2]["objectData"]) == 2
    _, service = run("delete", "URL", "Contact", "17")
    sent = service.requests[-1][2]
    assert (sent["objectData"][0]["externalId"], sent["listFilter"]["id"]) == ("17", "17")


def test_files_are_listed_and_uploaded(tmp_path: Path) -> None:
    """A listing names the resource; an upload holds the request and each file as it is, in one body."""
    _, service = run("list", "URL", "/invoices", "--search", "a")
    sent = service.requests[-1][2]
    assert (sent["resourcePath"], sent["listFilter"]["search"]) == ("/invoices", "a")
    files = [tmp_path / "a.txt", tmp_path / "b.bin"]
    for file, content in zip(files, (b"hello", bytes(range(256)) * 5_000), strict=True):
        file.write_bytes(content)
    result, service = run("upload", "URL", "/invoices", *map(str, files))
    assert result.exit_code == 0, result.output
    body = service.requests[-1][2]
    assert all(file.read_bytes() in body for file in files)
    assert b"name=FileDataRequest" in body


WRONG: dict[str, tuple[tuple[str, ...], int, str]] = {
    "a type": (("load", "URL", "Kontact"), 200, "did you mean 'Contact'?"),
    "a property": (("save", "URL", "Contact", "--set", "Agee=1"), 200, "did you mean 'Age'?"),
    "a refusal": (("load", "URL", "Contact"), 400, "No such thing (status 400)"),
    "no objects": (("save", "URL", "Contact", "--file", "-"), 200, "something else than JSON objects"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_told(case: str) -> None:
    """The message says what is wrong, and the status is 1 or 2."""
    arguments, status, message = WRONG[case]
    result, _ = run(*arguments, status=status, stdin="[1]")
    assert result.exit_code in {1, 2}
    assert message in result.output


def test_an_installation_wants_its_configuration() -> None:
    """What a service has to be told is asked for by name before anything else is asked."""
    description = {**DESCRIPTION, "configurationValues": CONFIGURATION}
    refused, _ = run("install", "URL", description=description)
    assert (refused.exit_code != 0, "region" in refused.output) == (True, True)
    installed, _ = run("install", "URL", "--config", "region=EU", description=description)
    assert "Contact" in installed.output


def test_credentials_in_an_address_are_sent_and_not_shown() -> None:
    """They go into the header as Basic, beside the identity of the flow's user, and into nothing that is printed."""
    with serving({"metadata": lambda _: (200, DESCRIPTION)}) as service:
        described = nuclide("flow", "describe", service.url.replace("://", "://flow:s%3Acret@"))
    path, headers, body = service.requests[-1]
    assert path == "metadata"
    assert headers["Authorization"].startswith("Basic Zmxvdzpz")
    assert "cret" not in described.output + str(body)
    assert shown("http://a:b@h:1/x?y") == "http://h:1/x?y"
