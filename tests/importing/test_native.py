"""The laws of converting exports into native YAML."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import jsonschema_rs
import msgspec
import pytest
import ryaml
from hypothesis import HealthCheck, given, settings

from runtime.bundle.boomi.forms import FORMS
from runtime.bundle.read import lint_bundle, read_bundle
from runtime.bundle.schema import schema
from runtime.errors import Place
from runtime.importing.native import convert, write
from runtime.importing.native_process import same
from runtime.model.platform_shapes import PlatformShape
from runtime.plugins import installed_connectors
from tests.bundle.components.exports import PROFILE, STOP, component, process, shape
from tests.cli.daemon import nuclide
from tests.importing.generated import BESIDE, exports

SCHEMA = jsonschema_rs.Draft202012Validator(schema("process", installed_connectors()))
MANIFEST = "# remarks stay\nname: exported\nversion: 1.0\n"


def bundle(folder: Path, *files: bytes) -> Path:
    """Write a bundle of exports."""
    (folder / "components").mkdir(parents=True)
    (folder / "bundle.yaml").write_text(MANIFEST, encoding="utf-8")
    for number, content in enumerate(files):
        (folder / "components" / f"{number}.xml").write_bytes(content)
    return folder


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None, max_examples=20)
@given(export=exports())
def test_a_process_keeps_its_meaning_through_yaml(export: bytes) -> None:
    """Whatever a process says, its YAML is read as the same process, in a bundle that deploys and that editors take."""
    with TemporaryDirectory() as name:
        source = bundle(Path(name) / "exported", export, *BESIDE)
        made = convert(source, installed_connectors())
        assert [(one.name, one.reasons) for one in made.processes if one.reasons] == []
        write(made, Path(name) / "native")
        before = read_bundle(source, installed_connectors()).processes
        after, problems = lint_bundle(Path(name) / "native", installed_connectors())
        assert [problem for problem in problems if problem.severity == "error"] == []
        assert after is not None
        assert before.keys() == after.processes.keys()
        for one in made.processes:
            value = ryaml.loads(one.yaml or "")  # type: ignore[attr-defined]
            assert [error.message for error in SCHEMA.iter_errors(value)] == []
        assert [same(before[one], after.processes[one]) for one in before] == [None] * len(before)
        assert all(
            process.place.file.startswith("processes/") for process in after.processes.values() if process.place.file
        )


def test_every_shape_of_the_platform_has_a_form() -> None:
    """A shape that is added to the model is added to what YAML can say."""
    assert set(FORMS.values()) == set(get_args(PlatformShape))


LISTENER = component(
    "process",
    "listener",
    '<process allowSimultaneous="true"><shapes><shape name="shape1" shapetype="start"><configuration><connectoraction'
    ' actionType="Listen" connectorType="fss" operationId="fss"/></configuration><dragpoints><dragpoint'
    ' toShape="shape2"/></dragpoints></shape><shape name="shape2" shapetype="connectoraction"><configuration>'
    '<connectoraction actionType="POST" connectionId="connection" connectorType="officialboomi-X3979C-rest-prod"'
    ' operationId="operation"/></configuration><dragpoints><dragpoint toShape="shape3"/></dragpoints></shape>'
    '<shape name="shape3" shapetype="returndocuments"><configuration><returndocuments/></configuration></shape>'
    "</shapes></process>",
    name="Get order",
    rest='<bns:processOverrides><Overrides><Connections><ConnectionOverride id="connection"><field id="url"'
    ' overrideable="true" xpath="x"/></ConnectionOverride></Connections><Properties><PropertyOverride'
    ' name="DPP_REGION"/></Properties></Overrides></bns:processOverrides>',
)
FLOW = component(
    "connector-action",
    "fss",
    '<Operation><Archiving/><Configuration><FSSListenAction operationType="action" requestProfile="profile"'
    ' responseProfile="profile" syncTimeout="12"/></Configuration></Operation>',
    more='subType="fss"',
)
SERVICE = component(
    "flowservice",
    "service",
    '<FlowService basePath="orders" name="orders"><flowActions name="Get order" path="get" processId="listener"/>'
    "</FlowService>",
)


def test_what_refers_to_a_converted_process_still_does(tmp_path: Path) -> None:
    """Services find it by its component id; what machines give is declared; the remarks of the manifest stay."""
    source = bundle(tmp_path / "exported", LISTENER, FLOW, SERVICE, *BESIDE)
    write(convert(source, installed_connectors()), tmp_path / "native")
    before, after = (read_bundle(folder, installed_connectors()) for folder in (source, tmp_path / "native"))
    (service,), (old,) = after.services, before.services
    assert service.actions == old.actions
    assert service.actions[0].sync_timeout == 12
    assert before.extensions.keys() == after.extensions.keys() == {"get-order-dpp_region", "shop-url"}
    assert (tmp_path / "native" / "bundle.yaml").read_text(encoding="utf-8").startswith("# remarks stay\n")
    assert [path.name for path in (tmp_path / "native" / "processes").iterdir()] != []


WEB_LISTENER = component(
    "process",
    "listener",
    '<process allowSimultaneous="true"><shapes><shape name="shape1" shapetype="start"><configuration><connectoraction'
    ' actionType="Listen" connectorType="wss" operationId="wss"/></configuration><dragpoints><dragpoint'
    ' toShape="shape2"/></dragpoints></shape><shape name="shape2" shapetype="returndocuments"><configuration>'
    "<returndocuments/></configuration></shape></shapes></process>",
)
WEB = component(
    "connector-action",
    "wss",
    '<Operation><Archiving/><Configuration><WebServicesServerListenAction inputType="singlejson" objectName="order"'
    ' operationType="CREATE" outputType="singlejson" requestProfile="profile" responseProfile="profile"/>'
    "</Configuration></Operation>",
    more='subType="wss"',
)
API = component(
    "webservice",
    "api",
    '<webservice urlPath="base"><restApi><route processId="listener"><overrides httpMethod="POST" inputProfileKey=""'
    ' inputType="" objectName="" outputProfileKey="" outputType="" urlPath="hello"/><description/></route></restApi>'
    "</webservice>",
)


@pytest.mark.parametrize("more", [(), (API,)])
def test_a_listener_of_the_web_stays_one(more: tuple[bytes, ...], tmp_path: Path) -> None:
    """Its address, its profiles and the routes that lead to it are as they were."""
    source = bundle(tmp_path / "exported", WEB_LISTENER, WEB, PROFILE, *more)
    made = convert(source, installed_connectors())
    assert [one.reasons for one in made.processes] == [()]
    write(made, tmp_path / "native")
    before, after = (read_bundle(folder, installed_connectors()) for folder in (source, tmp_path / "native"))
    assert [msgspec.structs.replace(one, place=Place()) for one in after.apis] == [
        msgspec.structs.replace(one, place=Place()) for one in before.apis
    ]
    assert after.processes["listener"].listener == before.processes["listener"].listener


ONE_PATH = process(shape("shape2", "branch", '<branch numBranches="1"/>', "1>shape9"), STOP, identity="narrow")
RUNS = process(
    shape("shape2", "message", "<message><msgTxt>it''s</msgTxt><msgParameters/></message>", "shape9", label="Body"),
    STOP,
    identity="runs",
)


def test_what_yaml_cannot_say_is_named_and_stays_an_export(tmp_path: Path) -> None:
    """A process that cannot be converted whole is told with its reason, status 1; the bundle keeps its export."""
    source = bundle(tmp_path / "exported", ONE_PATH, RUNS)
    result = nuclide("convert", str(source), "--to", str(tmp_path / "native"), "--json")
    assert result.exit_code == 1
    told = {one["id"]: one for one in msgspec.json.decode(result.stdout)}
    assert told["narrow"]["reasons"] == ["shape2: a branch has two or more paths"]
    assert "yaml" in told["runs"]
    assert [path.name for path in (tmp_path / "native" / "components").iterdir()] == ["0.xml"]
    assert nuclide("lint", str(tmp_path / "native")).exit_code == 0


def test_one_process_is_printed(tmp_path: Path) -> None:
    """By its name or its component id; what is printed reads aloud."""
    source = bundle(tmp_path / "exported", ONE_PATH, RUNS)
    result = nuclide("convert", str(source), "--process", "runs")
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "# processes/process-runs.yaml\n"
        "name: Process runs\n"
        "description: what it does\n"
        "start: no data\n"
        "options: {simultaneous: reject}\n"
        "export:\n"
        "  id: runs\n"
        "  version: 2\n"
        "  run dates: true\n"
        "  start: {id: shape1, canvas: [96.0, 48.5]}\n"
        "steps:\n"
        "  - message: {text: it''s}\n"
        "    format: boomi\n"
        "    id: shape2\n"
        "    label: Body\n"
        "    canvas: [96.0, 48.5]\n"
        "  - {stop: null, id: shape9, canvas: [96.0, 48.5]}\n"
    )
    assert nuclide("convert", str(source), "--process", "other").exit_code == 1


MISTAKES = {
    "map: { map: nowhere }": "there is no map 'nowhere'",
    "map: { maps: map }": "the step 'map' needs 'map'",
    "message: { text: '{', values: [] }": "the text is no message format: unmatched braces in the pattern",
    "message: { text: '{1}', values: [ { value: tracked } ] }": "'tracked' is not a value of 'value'",
    "message: { text: '{1}', values: [ { value: track, property: X } ] }": "'property' must be a property, not 'X'",
    "message: { text: a, combine: maybe }": "'combine' must be true or false, not 'maybe'",
    "flow control: { fibers: many }": "'fibers' must be a whole number, not 'many'",
    "set properties: { assignments: x }": "'assignments' must be a list, not 'x'",
    "wait: 5 s": "'wait' has one format only",
}


@pytest.mark.parametrize("step", MISTAKES)
def test_a_mistake_in_a_step_is_told_where_it_stands(step: str, tmp_path: Path) -> None:
    """What is written by hand in the platform's format is checked as all of a bundle is."""
    folder = bundle(tmp_path / "b", PROFILE)
    (folder / "processes").mkdir()
    text = f"name: P\nstart: no data\nsteps:\n  - {step}\n    format: boomi\n"
    (folder / "processes" / "p.yaml").write_text(text, encoding="utf-8")
    _, problems = lint_bundle(folder, installed_connectors())
    assert [(one.message, one.place.file, one.place.line) for one in problems] == [
        (MISTAKES[step], "processes/p.yaml", 4)
    ]
