"""Listeners for files, as bundles and exports write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.bundle.read import lint_bundle, read_bundle
from runtime.importing.native import convert
from runtime.importing.native import write as write_made
from runtime.model.file_listener import FileListener
from runtime.plugins import installed_connectors
from tests.bundle.components.exports import component, shape
from tests.bundle.house import Files, write

CATALOGUE = installed_connectors()
SOUND: Files = {
    "bundle.yaml": "name: intake\nversion: 1\n",
    "connections/inbox.yaml": "connector: disk\nfolder: /srv/in\n",
    "connections/api.yaml": "connector: http\nurl: https://a.example\n",
}
TAKE = "name: Take\nstart: {{ listen: disk, {} }}\nsteps: [ {{ message: '{{}}' }} ]\n"


def found(folder: Path, keys: str) -> list[str]:
    """Give what is wrong with a listener."""
    _, problems = lint_bundle(write(folder / "in", {**SOUND, "processes/a.yaml": TAKE.format(keys)}), CATALOGUE)
    return [str(problem).partition("\n")[0] for problem in problems if problem.severity == "error"]


def test_a_listener_says_what_it_looks_for_and_what_becomes_of_it(tmp_path: Path) -> None:
    """Nobody waits for an answer, so that its process need not return documents."""
    keys = "connection: inbox, folder: orders/, files: '*.csv', every: 5 s, then: move, move to: done, at once: 7"
    bundle = read_bundle(write(tmp_path, {**SOUND, "processes/a.yaml": TAKE.format(keys)}), CATALOGUE)
    assert bundle.processes["Take"].listener == FileListener(
        connection="inbox", folder="orders", files="*.csv", pause=5.0, afterwards="move", moved_to="done", most=7
    )


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("then: keep", "needs 'connection'"),
        ("connection: inbox", "says what becomes of them"),
        ("connection: inbos, then: keep", "did you mean 'inbox'"),
        ("connection: api, then: keep", "files are looked for on a disk"),
        ("connection: inbox, then: burn", "'burn'"),
        ("connection: inbox, then: move", "where files are moved to is not said"),
        ("connection: inbox, then: move, folder: a, move to: a/", "would be taken again"),
        ("connection: inbox, then: delete, move to: a", "nothing is moved"),
        ("connection: inbox, then: delete, changed: true", "does not change"),
        ("connection: inbox, then: keep, folder: ../a", "does not climb"),
        ("connection: inbox, then: keep, every: 10 ms", "'every' is from 1 s to 24 h"),
        ("connection: inbox, then: keep, files: '[', matching: regex", "no regular expression"),
        ("connection: inbox, then: keep, fils: a", "did you mean 'files'"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(tmp_path: Path, keys: str, says: str) -> None:
    """With file, line and column."""
    told = found(tmp_path, keys)
    assert any(says in one for one in told), told
    assert all(one.startswith("processes/a.yaml:2:") for one in told)


FIELDS = {
    "subDirectory": "orders",
    "fileNameFilter": "*.csv",
    "fileMatchingType": "WILDCARD",
    "includeCreate": "true",
    "includeDelete": "false",
    "includeModify": "false",
    "includeInitial": "true",
    "isSingleton": "true",
}


def exported(folder: Path, directory: str = "/srv/in", **fields: str) -> Path:
    """An export that listens, in a bundle."""
    given = "".join(f'<field id="{name}" type="string" value="{text}"/>' for name, text in {**FIELDS, **fields}.items())
    start = shape(
        "shape1",
        "start",
        '<connectoraction actionType="LISTEN" connectorType="disk-sdk" connectionId="c" operationId="o">'
        "<parameters/><dynamicProperties/></connectoraction>",
        "shape2",
    )
    components = {
        "p": component(
            "process",
            "p",
            f'<process xmlns="" allowSimultaneous="true" workload="general"><shapes>{start}'
            + shape("shape2", "stop", '<stop continue="true"/>')
            + "</shapes></process>",
            name="Take",
            rest="<bns:processOverrides/>",
        ),
        "c": component(
            "connector-settings",
            "c",
            f'<GenericConnectionConfig xmlns=""><field id="directory" type="string" value="{directory}"/>'
            '<field id="pollingInterval" type="integer" value="4000"/></GenericConnectionConfig>',
            name="Inbox",
            more='subType="disk-sdk"',
        ),
        "o": component(
            "connector-action",
            "o",
            '<Operation xmlns="" returnApplicationErrors="false" trackResponse="true"><Archiving directory=""'
            ' enabled="false"/><Configuration><GenericOperationConfig operationType="LISTEN"'
            f' requestProfileType="binary" responseProfileType="binary">{given}<Options/></GenericOperationConfig>'
            "</Configuration><Tracking><TrackedFields/></Tracking><Caching/></Operation>",
            more='subType="disk-sdk"',
        ),
    }
    files: Files = {f"components/{name}.xml": content for name, content in components.items()}
    return write(folder, {"bundle.yaml": "name: intake\nversion: 1\n", **files})


@pytest.mark.parametrize(("directory", "folder"), [("/srv/in", "orders"), ("work/in", "work/in/orders")])
def test_an_export_listens_as_it_is_written(tmp_path: Path, directory: str, folder: str) -> None:
    """Its files stay; a directory that is not absolute lies in the folder that the machine names."""
    bundle = read_bundle(exported(tmp_path, directory), CATALOGUE)
    assert bundle.processes["Take"].listener == FileListener(
        connection="Inbox", folder=folder, files="*.csv", pause=4.0, initial=True
    )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"includeDelete": "true"}, "gives no document"),
        ({"includeCreate": "false", "includeInitial": "false"}, "includes an event"),
        ({"fileMatchingType": "REGEX", "fileNameFilter": "["}, "no regular expression"),
        ({"fileMatchingType": "GLOB"}, "'GLOB'"),
        ({"more": "1"}, "'more' is not understood"),
    ],
)
def test_what_an_export_cannot_have_is_told(tmp_path: Path, fields: dict[str, str], says: str) -> None:
    """With component and attribute."""
    _, problems = lint_bundle(exported(tmp_path, **fields), CATALOGUE)
    assert any(says in problem.message for problem in problems), problems


def test_an_export_that_listens_says_the_same_in_yaml(tmp_path: Path) -> None:
    """Its connection and operation are as they were."""
    source = exported(tmp_path / "exported", fileMatchingType="REGEX", fileNameFilter=".*[.]csv", includeModify="true")
    made = convert(source, CATALOGUE)
    assert [one.reasons for one in made.processes] == [()]
    write_made(made, tmp_path / "native")
    before, after = (read_bundle(folder, CATALOGUE) for folder in (source, tmp_path / "native"))
    assert after.processes["Take"].listener == before.processes["Take"].listener
