"""Which route answers a request: the platform's own tables, and what holds for all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.engine.live_services import Missing
from runtime.engine.live_web import Found, LiveApi, LiveRoute, NotFound, WebTable, find_route
from runtime.model.web_service import Method, segments_of

NOBODY = Missing("nobody")


def table(**apis: str) -> WebTable:
    """Give a table of API services by base path (``__`` for a slash), each with its routes: ``GET a/{b}, POST c``."""
    made = []
    for base, routes in apis.items():
        live = []
        for route in routes.split(","):
            word, _, path = route.strip().partition(" ")
            method: Method = "POST" if word == "POST" else "GET"
            live.append(LiveRoute(method, segments_of(path), NOBODY))
        made.append(LiveApi(segments_of(base.strip("_").replace("__", "/")), tuple(live)))
    return WebTable({}, tuple(sorted(made, key=lambda api: len(api.base), reverse=True)))


def asked(of: WebTable, method: str, path: str) -> str:
    """Give the path of the route that answers, with the values of its parameters; or why none does."""
    found = find_route(of, method, segments_of(path))
    if isinstance(found, NotFound):
        return f"none {' '.join(found.methods)}".strip()
    values = " ".join(f"{name}={value}" for name, value in sorted(found.parameters.items()))
    return f"/{'/'.join(found.route.segments)} {values}".strip()


ROUTES = table(x="GET /, GET {id}, GET {id}/{fieldName}, GET {id}/metadata, POST {id}")

PLATFORM = {
    "GET /x": "/",
    "GET /x/1234": "/{id} id=1234",
    "GET /x/1234/name": "/{id}/{fieldName} fieldName=name id=1234",
    "GET /x/1234/name/other": "/{id}/{fieldName} fieldName=name id=1234",
    "GET /x/1234/metadata": "/{id}/metadata id=1234",
    "POST /x/1234": "/{id} id=1234",
    "POST /x": "none GET",
    "DELETE /x/1": "none GET POST",
    "GET /y": "none",
}


@pytest.mark.parametrize("request_line", PLATFORM)
def test_the_most_exact_route_answers(request_line: str) -> None:
    """The longest path that the request begins with, and texts before parameters: the platform's table of paths."""
    method, _, path = request_line.partition(" ")
    assert asked(ROUTES, method, path) == PLATFORM[request_line]


def test_the_longest_base_path_takes_a_request() -> None:
    """As in the platform's table of base paths: what no other service takes is that of the empty base."""
    bases = table(_="GET a", test="GET b", test__account="GET c")
    told = {path: asked(bases, "GET", path) for path in ("a", "a/path", "test/b", "test/account/c", "test/other", "z")}
    assert told == {
        "a": "/a",
        "a/path": "/a",
        "test/b": "/b",
        "test/account/c": "/c",
        "test/other": "none",
        "z": "none",
    }


_SEGMENTS = st.lists(st.sampled_from(["a", "b", "{p}", "{q}"]), max_size=3, unique=True)


@given(st.lists(_SEGMENTS, max_size=5), st.lists(st.sampled_from(["a", "b", "c"]), max_size=4))
def test_an_answering_route_is_none_longer_than_the_request(routes: list[list[str]], path: list[str]) -> None:
    """It stands for the beginning of the path, and no other route that does is longer."""
    api = LiveApi((), tuple(LiveRoute("GET", tuple(route), NOBODY) for route in routes))
    found = find_route(WebTable({}, (api,)), "GET", tuple(path))

    def fits(route: list[str]) -> bool:
        return len(route) <= len(path) and all(one.startswith("{") or one == path[n] for n, one in enumerate(route))

    fitting = [route for route in routes if fits(route)]
    assert isinstance(found, Found) == bool(fitting)
    if isinstance(found, Found):
        assert list(found.route.segments) in fitting
        assert len(found.route.segments) == max(map(len, fitting))
