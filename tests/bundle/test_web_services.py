"""Listeners of the Web Services Server and API services, as bundles write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.bundle.read import lint_bundle, read_bundle
from runtime.bundle.table import read_all
from runtime.errors import BundleError
from runtime.model.web_service import ApiRoute, WebListener
from tests.bundle.house import CATALOGUE, Files, write

STEPS = "steps: [ { message: '{}' }, return documents ]\n"
CREATE = "name: Create\nstart: { listen: web, operation: create, object: order, input: single json, output: none }\n"
GET = "name: Get\nstart: { listen: web, operation: get, input: none, output: single json }\n"
API = "base path: /shop/v1/\nroutes:\n  GET orders/{id}: Get\n  POST orders: { process: Create }\n"

SOUND: Files = {
    "bundle.yaml": "name: shop\nversion: 1\n",
    "processes/create.yaml": CREATE + STEPS,
    "processes/get.yaml": GET + STEPS,
    "api-services/shop.yaml": API,
}


def found(folder: Path, files: Files) -> list[str]:
    """Give what is wrong with a bundle."""
    _, problems = lint_bundle(write(folder / "shop", {**SOUND, **files}), CATALOGUE)
    return [str(problem).partition("\n")[0] for problem in problems]


def test_a_sound_bundle_has_addresses(tmp_path: Path) -> None:
    """A listener with an object has a simple address; routes lead to processes, whether those have one or not."""
    bundle = read_bundle(write(tmp_path, SOUND), CATALOGUE)
    listeners = {name: process.listener for name, process in bundle.processes.items()}
    create, get = listeners["Create"], listeners["Get"]
    assert isinstance(create, WebListener)
    assert isinstance(get, WebListener)
    assert (create.address, create.methods, get.address, get.methods) == (
        "createOrder",
        ("POST",),
        None,
        ("GET", "POST"),
    )
    (api,) = bundle.apis
    routes: list[ApiRoute] = [*api.routes]
    assert api.base == "shop/v1"
    assert [(route.method, route.path, route.process.process) for route in routes] == [
        ("GET", "orders/{id}", "Get"),
        ("POST", "orders", "Create"),
    ]


def test_a_listener_may_have_routes_alone(tmp_path: Path) -> None:
    """It keeps its object, which is no address then: as an export has it that an API Service leads to."""
    files = {
        **SOUND,
        "processes/create.yaml": CREATE.replace("output: none", "output: none, routes only: true") + STEPS,
    }
    listener = read_bundle(write(tmp_path, files), CATALOGUE).processes["Create"].listener
    assert isinstance(listener, WebListener)
    assert (listener.object, listener.address) == ("order", None)


def start(more: str) -> dict[str, str]:
    """Give the process with another start."""
    return {"processes/get.yaml": f"name: Get\nstart: {{ listen: web, {more} }}\n{STEPS}"}


def api(routes: str, head: str = "") -> dict[str, str]:
    """Give the API service with other routes."""
    return {"api-services/shop.yaml": f"{head}routes:\n  {routes}\n"}


MISTAKES: dict[str, tuple[dict[str, str], str]] = {
    "input is not said": (start("output: none"), "a web listener needs 'input' [bundle.missing-key]"),
    "a type of the export's spelling": (start("input: singlejson, output: none"), "not a value of 'input'"),
    "no such operation": (start("operation: fetch, input: none, output: none"), "not a value of 'operation'"),
    "an object that is none": (start("object: a/b, input: none, output: none"), "not one part of an address"),
    "a content type of JSON": (start("input: none, output: single json, content type: a/b"), "only single data"),
    "a content type that is none": (start("input: none, output: single data, content type: a"), "'a' is none"),
    "pages of one document": (start("input: none, output: single json, maximum documents: 3"), "there is one document"),
    "a limit that nobody waits for": (start("input: none, output: none, time limit: 3 s"), "nobody waits"),
    "a limit beyond all patience": (start("input: none, output: single json, time limit: 1 h"), "at most 900 s"),
    "a Sync Timeout": (start("input: none, output: none, sync timeout: 3 s"), "no key 'sync timeout'"),
    "no such method": (api("FETCH a: Get"), "'FETCH' is not a method of a route"),
    "a method in small letters": (api("get a: Get"), "(did you mean 'GET'?)"),
    "no such process": (api("GET a: Gte"), "no process 'Gte'"),
    "a parameter within a segment": (api("GET v{a}: Get"), "'v{a}' cannot be a part of an address"),
    "a parameter twice": (api("GET '{a}/{a}': Get").copy(), ""),
    "a parameter of the base": (api("GET a: Get", "base path: '{a}'\n"), "'{a}' cannot be a part of an address"),
    "one route twice": (api("GET a/{b}: Get\n  GET a/{c}: Create"), "already leads to the process 'Get'"),
    "one address twice": (
        {"processes/other.yaml": CREATE.replace("name: Create", "name: Other") + STEPS},
        "'/ws/simple/createOrder' already leads elsewhere, by processes/create.yaml:1:1 [bundle.path-taken]",
    ),
    "one base path twice": ({"api-services/more.yaml": API}, "'/ws/rest/shop/v1' already leads elsewhere"),
    "a secret header": (api("GET a: Get", "headers: [ Cookie ]\n"), "'Cookie' never reaches a process"),
    "a header that is none": (api("GET a: Get", "headers: [ 'a b' ]\n"), "'a b' is not the name of a header"),
    "an answer of nothing": (
        {"processes/get.yaml": GET + "steps: [ { message: '{}' } ]\n"},
        "answers its callers, and its documents are lost",
    ),
    "a process that listens for Flow": (
        {"processes/get.yaml": "name: Get\nstart: { listen: flow }\n" + STEPS},
        "the process 'Get' does not listen for the web [bundle.not-a-listener]",
    ),
}
MISTAKES["a parameter twice"] = ({"api-services/shop.yaml": "routes:\n  GET {a}/{a}: Get\n"}, "stands here twice")


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_where_it_stands(name: str, tmp_path: Path) -> None:
    """One mistake is one finding, with file, line and cause."""
    files, told = MISTAKES[name]
    (problem,) = found(tmp_path, files)
    assert told in problem
    assert problem.partition(":")[0] in {*SOUND, *files}


def test_two_bundles_cannot_have_one_address(tmp_path: Path) -> None:
    """The second is refused, and told which bundle has the address."""
    write(tmp_path / "a", SOUND)
    write(tmp_path / "b", {**SOUND, "bundle.yaml": "name: other\nversion: 1\n"})
    bundles, ((_, error),) = read_all(tmp_path, CATALOGUE)
    assert [bundle.name for _, bundle in bundles] == ["shop"]
    assert isinstance(error, BundleError)
    assert [problem.message for problem in error.problems] == [
        "the address '/ws/simple/createOrder' belongs to the bundle 'shop' in 'a'",
        "the address '/ws/rest/shop/v1' belongs to the bundle 'shop' in 'a'",
    ]
