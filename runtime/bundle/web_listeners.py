"""`start: { listen: web, … }`: what a listener of the Web Services Server says of itself.

start:
  listen: web
  operation: create                  # with the object it makes the address: POST /ws/simple/createOrder
  object: order
  input: single json
  output: single json
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runtime.model.web_service import (
    DEFAULT_TIME_LIMIT,
    LONGEST_TIME_LIMIT,
    MOST_RETURNED,
    Exchanged,
    OperationType,
    WebListener,
)

if TYPE_CHECKING:
    from runtime.bundle.keys import Keys

IN_AN_ADDRESS = r"[\w.~-]+"  # what the object of an operation may be made of
_MEDIA_TYPE = r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?"


def read_web_listener(keys: Keys) -> WebListener:
    """Read the keys of a listener; what is wrong is among the findings."""
    operation: OperationType = keys.choice("operation", OperationType, "execute")
    name, media = keys.text("object") or "", keys.text("content type") or ""
    taken, given = _exchanged(keys, "input"), _exchanged(keys, "output")
    most = keys.whole("maximum documents", least=1, most=MOST_RETURNED)
    time_limit = keys.duration("time limit")
    routed = keys.flag("routes only")
    keys.done()
    if name and not re.fullmatch(IN_AN_ADDRESS, name):
        message = f"the object '{name}' is not one part of an address"
        keys.findings.add("wrong-type", message, keys.place_of("object"), "letters, digits, '-', '.', '_' and '~'")
    if media and (given != "single data" or not re.fullmatch(_MEDIA_TYPE, media)):
        hint = "write 'output: single data', and a media type such as text/plain"
        message = "only single data has a content type of its own" if given != "single data" else f"'{media}' is none"
        keys.findings.add("listener", message, keys.place_of("content type"), hint)
    if most is not None and not given.startswith("multiple"):
        hint = "write 'output: multiple json' or 'output: multiple xml'"
        keys.findings.add("listener", "there is one document", keys.place_of("maximum documents"), hint)
    if time_limit is not None and not 0 < time_limit <= LONGEST_TIME_LIMIT:
        message = f"a time limit is more than 0 and at most {LONGEST_TIME_LIMIT:g} s"
        hint = "no proxy on the way waits longer; write 'output: none' for what takes its time"
        keys.findings.add("wrong-type", message, keys.place_of("time limit"), hint)
    if keys.has("time limit") and given == "none":
        hint = "remove it, or write 'deadline' among the options"
        keys.findings.add("listener", "nobody waits where there is no output", keys.place_of("time limit"), hint)
    return WebListener(
        operation=operation,
        object=name,
        input=taken,
        output=given,
        content_type=media,
        most=most or MOST_RETURNED,
        time_limit=time_limit or DEFAULT_TIME_LIMIT,
        routed=routed,
    )


def _exchanged(keys: Keys, key: str) -> Exchanged:
    if not keys.has(key):
        hint = f"add '{key}: single json', or 'none' where there is nothing"
        keys.findings.add("missing-key", f"a web listener needs '{key}'", keys.place, hint)
    kind: Exchanged = keys.choice(key, Exchanged, "none")
    return kind
