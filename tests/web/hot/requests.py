"""Requests as bytes: plain ones, and such as people, proxies and attackers make of them."""

from __future__ import annotations

from hypothesis import strategies as st

TOKEN = "!#$%&'*+-.^_`|~0123456789abcXYZ"
METHODS = ("POST", "GET", "PUT", "DELETE", "OPTIONS", "PATCH")  # an answer to HEAD cannot be told from half an answer
PATHS = (
    "/fs/x",
    "/fs/a%2Fb/c",
    "/fs/x?y=%20&z",
    "/fs/",
    "/fs/x#y",
    "/fs//x",
    "/fs/none",
    "/fs/later",
    "/fs/fail",
    "/other",
)
STAYING = (b"Connection: keep-alive", b"Connection: TE")
ENDING = (*STAYING, b"Connection: close", b"Connection: TE, close", b"X-Refuse: 1")
ODD_PIECES = (
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b"\x00",
    b"\x7f",
    b"\xff",
    b":",
    b",",
    b"\r\n ",
    b"\r\nHost: b",
    b"\r\nContent-Length: 4",
    b"\r\nTransfer-Encoding: chunked",
    b"\r\nTransfer-Encoding: identity",
    b"\r\nConnection: close",
    b"\r\nConnection: upgrade, close",
    b"\r\nExpect: 100-continue",
    b"\r\nUpgrade: h2c",
    b"HTTP/1.0",
    b"chunked",
    b"+",
    b"0x",
    b"0\r\n\r\n",
    b";a=b",
)


@st.composite
def requests(draw: st.DrawFn, *, last: bool = True, hot: bool = False, welcome: bool = False) -> bytes:
    """Give a plain request, with a length, chunks or no body.

    One that is not the `last` keeps its connection; a `hot` one is for below /fs; a `welcome` one passes the gate.
    """
    method, path = draw(st.sampled_from(METHODS)), draw(st.sampled_from(PATHS[:-1] if hot else PATHS))
    lines = [f"{method} {path} HTTP/1.1".encode(), draw(st.sampled_from((b"Host: a", b"HOST:a:80", b"host:")))]
    lines += draw(st.lists(headers(), max_size=4))
    lines += draw(st.lists(st.sampled_from((ENDING[:-1] if welcome else ENDING) if last else STAYING), max_size=1))
    body = draw(st.binary(max_size=60))
    match draw(st.sampled_from(("length", "chunks", "none"))):
        case "length":
            lines.append(b"Content-Length: %d" % len(body))
        case "chunks":
            lines.append(b"Transfer-Encoding: chunked")
            body = draw(chunks(body))
        case _:
            body = b""
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@st.composite
def headers(draw: st.DrawFn) -> bytes:
    """Give a header line that means nothing to the framing."""
    name = draw(st.text(alphabet=TOKEN, min_size=1, max_size=10))
    value = draw(st.text(alphabet="abc !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~é", max_size=20)).strip()
    before, after = draw(st.sampled_from((b"", b" ", b"\t "))), draw(st.sampled_from((b"", b"", b" ", b" \t")))
    return b"x-%s:%s%s%s" % (name.encode(), before, value.encode("latin-1"), after)


@st.composite
def chunks(draw: st.DrawFn, body: bytes) -> bytes:
    """Give a body in chunks."""
    cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=3)))
    parts = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    extension = draw(st.sampled_from((b"", b";a=b")))
    trailer = draw(st.sampled_from((b"", b"X-Sum: 1\r\n")))
    framed = [b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts if part]
    return b"".join(framed) + b"0\r\n" + trailer + b"\r\n"


@st.composite
def odd_heads(draw: st.DrawFn) -> bytes:
    """Give a request with pieces put in, or left out, anywhere."""
    data = draw(requests(welcome=True))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        if draw(st.booleans()):
            data = data[:at] + draw(st.sampled_from(ODD_PIECES)) + data[at:]
        else:
            data = data[:at] + data[at + draw(st.integers(1, 3)) :]
    return data
