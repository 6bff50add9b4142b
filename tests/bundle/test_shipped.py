"""The bundles that ship with the runtime, and the service behind the conformance vectors."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from runtime.bundle.read import read_bundle
from runtime.bundle.table import read_all
from runtime.errors import Place
from runtime.model.flow_service import MessageAction
from tests.bundle.shipped import CHECKOUT, shipped_connectors
from tests.flow.fixture import SERVICE

CATALOGUE = shipped_connectors()
CONFORMANCE = CHECKOUT / "tests" / "flow" / "bundles" / "conformance"


def test_every_example_can_be_deployed() -> None:
    """No example bundle has a mistake, and no two claim the same service."""
    bundles, refused = read_all(CHECKOUT / "processes", CATALOGUE)
    assert [str(problem) for _, error in refused for problem in error.problems] == []
    assert "greeting" in [bundle.name for _, bundle in bundles]


def test_the_conformance_bundle_is_the_service_that_the_vectors_assume() -> None:
    """What the vectors assume, the bundle says: name, configuration, actions, types, files, Sync Timeout."""
    (service,) = read_bundle(CONFORMANCE, CATALOGUE).services
    assert replace(service, place=Place()) == SERVICE


@pytest.mark.parametrize("action", SERVICE.actions, ids=lambda action: action.name)
def test_every_action_of_the_conformance_bundle_has_its_process(action: MessageAction) -> None:
    """Each action leads to a listening process of its name."""
    process = read_bundle(CONFORMANCE, CATALOGUE).processes[action.process]
    assert process.listener is not None
