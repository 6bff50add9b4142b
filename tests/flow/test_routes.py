from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.flow.describe import uri_part
from runtime.flow.routes import (
    Action,
    Data,
    Describe,
    File,
    Health,
    NotAllowed,
    Unknown,
    Unsupported,
    compile_routes,
    match,
)
from runtime.model.flow_service import FlowService
from tests.flow.fixture import action

ODD = FlowService(external_name="Odd name", actions=(action("wait/absolute"), action("a b"), action("data")))
ORDERS = FlowService(external_name="Orders", actions=(action("Greet"),))
ROUTES = compile_routes((ORDERS, ODD))


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("POST", "/fs/Orders/metadata", Describe(ORDERS)),
        ("POST", "/fs/Orders//metadata", Describe(ORDERS)),
        ("POST", "/fs/Orders/metadata/install", Describe(ORDERS, install=True)),
        ("POST", "/fs/Orders/actions/Greet", Action(ORDERS, ORDERS.actions[0])),
        ("POST", "/fs/Orders/Greet", Action(ORDERS, ORDERS.actions[0])),
        ("POST", "/fs/Orders//actions/Greet", Action(ORDERS, ORDERS.actions[0])),
        ("POST", "/fs/Orders/actions/%47reet", Action(ORDERS, ORDERS.actions[0])),
        ("POST", "/fs/Odd%20name/actions/wait/absolute", Action(ODD, ODD.actions[0])),
        ("POST", "/fs/Odd%20name/a%20b", Action(ODD, ODD.actions[1])),
        ("POST", "/fs/Odd%20name/actions/data", Action(ODD, ODD.actions[2])),
        ("POST", "/fs/Odd%20name/data", Data(ODD, "load")),
        ("POST", "/fs/Orders/data", Data(ORDERS, "load")),
        ("PUT", "/fs/Orders/data", Data(ORDERS, "save")),
        ("POST", "/fs/Orders/data/delete", Data(ORDERS, "delete")),
        ("POST", "/fs/Orders/file", File(ORDERS, "list")),
        ("POST", "/fs/Orders/file/file", File(ORDERS, "list")),
        ("POST", "/fs/Orders/file/content", File(ORDERS, "upload")),
        ("POST", "/fs/Orders/file/delete", File(ORDERS, "delete")),
        ("GET", "/fs/Orders/health", Health(ORDERS)),
        ("POST", "/fs/Orders/listener", Unsupported("listening")),
        ("POST", "/fs/Orders/authentication", Unsupported("identity")),
        ("GET", "/fs/Orders/actions/Greet", NotAllowed(("POST",))),
        ("DELETE", "/fs/Orders/data", NotAllowed(("POST", "PUT"))),
        ("POST", "/fs/Orders/health", NotAllowed(("GET", "HEAD"))),
    ],
)
def test_routes(method: str, path: str, route: object) -> None:
    """Each method and path of the protocol is the call it stands for."""
    assert match(ROUTES, method, path) == route


@pytest.mark.parametrize(
    "path",
    [
        "/fs/Orders",
        "/fs/Orders/",
        "/fs/Orders/actions/Nope",
        "/fs/Orders/actions/greet",
        "/fs/Orders///metadata",
        "/fs/orders/metadata",
        "/fs/Nope/metadata",
        "/fs/",
        "/fs",
        "/",
        "",
        "/fs/Orders/../Orders/metadata",
    ],
)
def test_nothing_there(path: str) -> None:
    """Anything else is unknown, and the message says what of it is."""
    route = match(ROUTES, "POST", path)
    assert isinstance(route, Unknown)
    assert ("service 'Orders' has nothing" in route.message) == path.startswith("/fs/Orders")


def test_what_is_described_is_found() -> None:
    """The address that the description gives leads to its action, whatever its path is made of."""
    service = FlowService(
        external_name="S", actions=tuple(action(path) for path in ("a b", "x/y", "é?#%25", "metadata"))
    )
    routes = compile_routes((service,))
    for each in service.actions:
        assert match(routes, "POST", f"/fs/S/{uri_part(each)}") == Action(service, each)


@given(st.sampled_from(["GET", "POST", "PUT", "BREW"]), st.text(max_size=40))
def test_any_path_is_routed(method: str, path: str) -> None:
    """No path makes routing fail."""
    match(ROUTES, method, path)
    match(ROUTES, method, f"/fs/Orders/{path}")
