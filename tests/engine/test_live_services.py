"""Services are bound to processes of whatever bundle has them, each time that the table is made."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from runtime.engine.deployment import Deployment, prepare
from runtime.engine.live_services import Bound, LiveAction, Missing, bind_services
from runtime.model.bundle import Bundle
from runtime.model.components import Components
from runtime.model.flow_service import ANY_BUNDLE, DataType, FlowService, MessageAction, ProcessRef
from runtime.model.process import FlowListener, Process
from runtime.model.profile import Entry, Profile
from runtime.model.shapes import ReturnDocumentsStep, Start
from runtime.sdk.connector import Catalogue
from tests.engine.houses import MESSAGE

CONTACT = Profile(name="contact", entries=(Entry(name="Id", kind="character"),))


def listening(name: str, listener: FlowListener | None) -> Process:
    """Give a process that gives back what it gets."""
    begin = Start(id="start", mode="listen", to="1")
    return Process(name=name, start=begin, shapes=(begin, ReturnDocumentsStep(id="1")), listener=listener)


def bundle(name: str, *processes: Process, service: FlowService | None = None) -> Bundle:
    """Give a bundle of these processes."""
    return Bundle(
        name=name,
        version="1",
        digest=name,
        processes={process.name: process for process in processes},
        profiles={"message": MESSAGE},
        services=() if service is None else (service,),
        components=Components(processes={f"id-of-{process.name}": process.name for process in processes}),
    )


DESK = FlowService(
    external_name="desk",
    actions=(
        MessageAction(name="Greet", path="greet", process="Greet", bundle="lib"),
        MessageAction(name="Exported", path="exported", process="id-of-Greet", bundle=ANY_BUNDLE),
    ),
    data_types=(DataType(name="Contact", profile=CONTACT, get=ProcessRef("Get", "lib"), save=ProcessRef("Own")),),
)
OWN = listening("Own", FlowListener(service="data action"))
LIBRARY = bundle(
    "lib",
    listening("Greet", FlowListener(response_profile="message", sync_timeout=7.0)),
    listening("Get", FlowListener(service="data action")),
)


def deployed(*bundles: Bundle) -> dict[str, Deployment]:
    """Give deployments of these bundles."""
    return {each.name: Deployment(prepare(each, Catalogue({})), {}) for each in bundles}


def test_processes_of_other_bundles_serve() -> None:
    """An action of another bundle's process has that process' profiles and Sync Timeout, and is described."""
    deployments = deployed(bundle("mine", OWN, service=DESK), LIBRARY)
    live = bind_services(deployments)["desk"]
    for name in ("Greet", "Exported"):
        action = live.actions[name]
        assert isinstance(action, LiveAction)
        assert action.deployment is deployments["lib"]
        assert (action.action.action.sync_timeout, action.action.action.response_profile) == (7.0, MESSAGE)
    get, save = live.types["Contact"].processes["get"], live.types["Contact"].processes["save"]
    assert isinstance(get, Bound)
    assert isinstance(save, Bound)
    assert (get.deployment, save.deployment) == (deployments["lib"], deployments["mine"])
    described = msgspec.json.decode(live.description)
    assert [each["developerName"] for each in described["actions"]] == ["Exported", "Greet"]
    assert "notDeployed" not in described
    assert live.missing == ()


def test_what_is_not_there_is_said() -> None:
    """Without the other bundle the rest of the service is described, and every gap has its sentence."""
    live = bind_services(deployed(bundle("mine", OWN, service=DESK)))["desk"]
    assert live.missing == (
        "action Greet: The bundle 'lib' is not deployed.",
        "action Exported: No deployed bundle has the process with the id 'id-of-Greet'.",
        "type Contact, get: The bundle 'lib' is not deployed.",
    )
    described = msgspec.json.decode(live.description)
    assert (described["actions"], tuple(described["notDeployed"])) == ([], live.missing)
    assert isinstance(live.types["Contact"].processes["save"], Bound)


def test_a_process_must_listen_for_what_it_is_named_for() -> None:
    """A process of that name which does something else, or is not there, is as good as missing."""
    other = replace(LIBRARY, processes={"Greet": listening("Greet", None), "Get": LIBRARY.processes["Greet"]})
    live = bind_services(deployed(bundle("mine", OWN, service=DESK), other))["desk"]
    assert live.actions["Greet"] == Missing("The process 'Greet' of 'lib' does not listen for a message action.")
    assert live.types["Contact"].processes["get"] == Missing(
        "The process 'Get' of 'lib' does not listen for a data action."
    )


def test_outputs_are_those_of_the_process_that_serves() -> None:
    """An execution that goes on by itself answers with the profile of its own process, whoever's service it was."""
    library = deployed(LIBRARY)["lib"]
    outputs = library.outputs("desk", "Greet", "Greet")
    assert outputs is not None
    assert outputs is library.outputs("desk", "Greet", "Greet")
    assert library.outputs("desk", "Get", "Get") is None
