"""Every kind of step in a small process, each with something to do in memory and in files."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from runtime.model.bundle import Bundle, Script
from runtime.model.data_process import Base64Encode, CombineDocuments, DataStep, RunScript, SearchReplace, Unzip, Zip
from runtime.model.maps import Field, Map, Rule
from runtime.model.parameters import CacheKeyValue
from runtime.model.platform_shapes import (
    AddToCacheStep,
    DataProcessStep,
    FlowControlStep,
    NotifyStep,
    PlatformMessageStep,
    PlatformSetPropertiesStep,
    ProcessCallStep,
    RemoveFromCacheStep,
    RetrieveFromCacheStep,
    ReturnPath,
)
from runtime.model.process import Options, Process
from runtime.model.shapes import AnyShape, BranchStep, ConnectorStep, ReturnDocumentsStep, Start
from tests.engine.houses import bundle
from tests.engine.platform.shapes import COMPONENTS, CURRENT, assign, ddp, message, static
from tests.engine.processes import Steps, python
from tests.engine.worlds import World

CONTENTS = [b'{"id":%d,"lines":[%d,%d,"%s"]}' % (n, n, n + 1, b"x" * 90 * (n % 2)) for n in range(5)]

GROOVY = "for (int i = 0; i < dataContext.getDataCount(); i++) { dataContext.storeStream(dataContext.getStream(i), dataContext.getProperties(i)) }"  # noqa: E501

Build = Callable[[Steps, str], str]
"""Adds the steps of a process that go before the shape of the given id; gives the id of the first."""


def _shape(steps: Steps, *shapes: AnyShape) -> str:
    steps.shapes += shapes
    return shapes[0].id


def _data(*parts: DataStep) -> Build:
    return lambda steps, to: _shape(steps, DataProcessStep(id="data", steps=parts, to=to))


def _caches(steps: Steps, to: str) -> str:
    """Fill a cache, read some of it, take some out, read the rest."""
    keys = (CacheKeyValue(1, static("a")),)
    return steps.branch(
        _shape(
            steps,
            PlatformSetPropertiesStep(id="key", assignments=(assign("dynamicdocument", "d", static("a")),), to="add"),
            AddToCacheStep(id="add", cache="by d"),
        ),
        _shape(steps, RetrieveFromCacheStep(id="one", cache="by d", index=1, keys=keys, when_empty="stop", to=to)),
        _shape(steps, RemoveFromCacheStep(id="remove", cache="by d", index=1, keys=keys, all_indices=True)),
        _shape(steps, RetrieveFromCacheStep(id="rest", cache="by d", when_empty="stop", to=to)),
    )


def _called(steps: Steps, to: str) -> str:
    back = (ReturnPath(shape="back", to=to),)
    return _shape(steps, ProcessCallStep(id="call child", process="child", returns=back))


def _retried(steps: Steps, to: str) -> str:
    refused = steps.decide("document.id < 3", steps.fail("no ${document.id}"), to)
    return steps.attempt(refused, steps.call("caught", to, effect="keyed"), retries=2)


STEPS: dict[str, Build] = {
    "pure call": lambda steps, to: steps.call("a", to),
    "idempotent call": lambda steps, to: steps.call("a", to, effect="idempotent"),
    "keyed call": lambda steps, to: steps.call("a", to, effect="keyed"),
    "once call": lambda steps, to: steps.call("a", to, effect="once"),
    "concurrent keyed call": lambda steps, to: steps.call("a", to, effect="keyed", concurrency=3),
    "set properties": lambda steps, to: steps.set(to, "process", "last", "${document.id}"),
    "message": lambda steps, to: steps.message(to, "${document.lines[2]} and more"),
    "combined message": lambda steps, to: steps.message(to, "${document.id}", combine=True),
    "map": lambda steps, to: steps.map(to, "m"),
    "decision": lambda steps, to: steps.decide("document.id % 2 == 0", to, to),
    "branch": lambda steps, to: steps.branch(to, steps.set(to, "document", "d", "x")),
    "try, retry and catch": _retried,
    "exception": lambda steps, to: steps.branch(to, steps.fail("no ${document.id}"), to),
    "stop": lambda steps, to: steps.branch(to, steps.stop(goes_on=False), to),
    "split": lambda steps, to: steps.split(to, "lines"),
    "combine": lambda steps, to: steps.combine(to),
    "short wait": lambda steps, to: steps.wait(to, "2 s"),
    "long wait": lambda steps, to: steps.wait(to, "2 min"),
    "script": lambda steps, to: steps.script(to, "s.py"),
    "flow control": lambda steps, to: _shape(steps, FlowControlStep(id="parts", fibers=2, batch=1, to=to)),
    "parallel branch": lambda steps, to: _shape(
        steps,
        BranchStep(id="paths", paths=(steps.call("a", to, effect="keyed"), steps.split(to, "lines")), parallel=True),
    ),
    "threads that wait": lambda steps, to: _shape(
        steps, FlowControlStep(id="parts", fibers=3, to=steps.wait(steps.call("a", to, effect="keyed"), "2 min"))
    ),
    "document caches": _caches,
    "process call": _called,
    "process begun": lambda steps, to: steps.branch(
        _shape(steps, ProcessCallStep(id="begin", process="begun", wait=False)), to
    ),
    "notify": lambda steps, to: _shape(steps, NotifyStep(id="notify", text=message("{1}", CURRENT), to=to)),
    "platform message": lambda steps, to: _shape(
        steps, PlatformMessageStep(id="say", text=message("{1} {2}", CURRENT, ddp("d")), to=to)
    ),
    "search and replace": _data(SearchReplace(pattern="x", replacement="yy", scope="document")),
    "base64": _data(Base64Encode()),
    "zip and unzip": _data(Zip(), Unzip()),
    "joined bytes": _data(CombineDocuments(format="bytes")),
    "groovy script": _data(RunScript(language="groovy2", source=GROOVY)),
}


def of_step(build: Build, options: Options) -> Bundle:
    """Give a bundle whose process ``p`` runs the step and tells the world what comes out of it."""
    steps = Steps()
    first = build(steps, steps.call("out", steps.returned(), effect="keyed", identity="out"))
    rules = (Rule(target=("number",), source=Field(("id",))), Rule(target=("all",), source=Field(("lines",))))
    made = bundle(
        steps.shapes,
        first,
        options,
        maps={"m": Map(name="m", rules=rules)},
        scripts={"s.py": Script(file="s.py", source=python("return documents[::-1]"))},
        components=COMPONENTS,
    )
    start = Start(id="start", mode="passthrough", to="say child")
    say = PlatformMessageStep(id="say child", text=message("{1} child", CURRENT), to="back")
    child = Process(name="child", start=start, shapes=(start, say, ReturnDocumentsStep(id="back")))
    alone = Start(id="start", mode="no data", to="out")
    out = ConnectorStep(id="out", connection="world", operation="keyed", to=None)
    begun = Process(name="begun", start=alone, shapes=(alone, out), options=options)
    return msgspec.structs.replace(made, processes={**made.processes, "child": child, "begun": begun})


def seen(world: World) -> list[tuple[str, bytes]]:
    """Give what the world felt: each effect once, whatever its key, which the execution's id is part of."""
    return sorted((operation, content) for (operation, _), content in world.effects.items() if operation == "keyed")
