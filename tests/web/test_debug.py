"""How a request asks for one run in general mode (reference 3.1)."""

from __future__ import annotations

import pytest

from runtime.web.debug import wants_debug
from runtime.web.exchange import Headers, Request


@pytest.mark.parametrize(
    ("query", "headers", "wanted"),
    [
        (b"_boomi_debug=true", (), True),
        (b"a=1&_boomi_debug=TRUE", (), True),
        (b"_boomi_debug=false", (), False),
        (b"x_boomi_debug=true", (), False),
        (b"", ((b"x-boomi-debug", b"true"),), True),
        (b"", ((b"x-boomi-debug", b"yes"),), False),
        (b"", (), False),
    ],
)
def test_debug_is_asked_for_by_query_or_header(query: bytes, headers: Headers, wanted: bool) -> None:  # noqa: FBT001 - a table
    """`_boomi_debug=true` in the query, or `X-Boomi-Debug: true`; nothing else."""
    request = Request(
        method="POST", path="/fs/S/Do", query=query, headers=headers, body=b"", client=None, arrived=0.0
    )  # fmt: skip
    assert wants_debug(request) is wanted
