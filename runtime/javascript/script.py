"""A script in JavaScript, ready to run: for the batch of a Data Process step, or for the values of a map function.

The engine is QuickJS, and this is its only border. A script gets a world of its own each time, bounded in memory and
depth; its time is bounded by the process in which it runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, Protocol

from msgspec import Struct

from runtime.errors import BundleError, DocumentFault, Place, Problem
from runtime.groovy.ports import Kind, input_value, output_text
from runtime.groovy.support.boomi import DataContext, ExecutionUtil, Logger
from runtime.groovy.support.values import Value
from runtime.javascript.bridge import Bridge
from runtime.javascript.check import classes_imported, problems_of
from runtime.sdk.script import ScriptContext, ScriptDocument

INSTALL = "install the engine: pip install 'nuclide[javascript]'"
MOST_MEMORY = 256 * 1024 * 1024  # bytes of one script: half of what its process may have by default
DEEPEST = 1024 * 1024  # bytes of its stack: an eighth of a thread's

Note = Callable[[str, str], None]  # takes a level (debug, info, warning, error) and the text of a line
Ask = Callable[[str, str], object]  # runs a script, or reads a variable, and gives JSON
_PLACE = re.compile(r"<\w+>:(\d+)")


class World(Protocol):
    """What is used of the engine: one world of JavaScript."""

    def eval(self, source: str) -> Any:  # noqa: ANN401 - whatever the source gives
        """Run a program, and give its value."""
        ...

    def get(self, name: str) -> object:
        """Give a variable."""
        ...

    def add_callable(self, name: str, function: Callable[..., object]) -> None:
        """Let programs call a function of Python."""
        ...

    def set_memory_limit(self, limit: int) -> None:
        """Bound the memory, in bytes."""
        ...

    def set_max_stack_size(self, limit: int) -> None:
        """Bound the stack, in bytes."""
        ...


class Port(Protocol):
    """A variable that a map function sets before the script runs; `text` is None where nothing came."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def kind(self) -> Kind:
        """Its kind."""
        ...

    @property
    def text(self) -> str | None:
        """Its value, as the map has it."""
        ...


class JavaScript(Struct, frozen=True):
    """A script that was found to be JavaScript. It keeps nothing between its runs."""

    file: str
    source: str

    def run(self, documents: Sequence[ScriptDocument], context: ScriptContext, note: Note) -> list[ScriptDocument]:
        """Run once for the batch and give what was stored, in the order in which it was (reference 1.10).

        Raises:
            DocumentFault: ``script.error``: the script failed; the message names its line. ``script.memory``: it took
                too much.
        """
        data = DataContext(list(documents))
        self._run(data, (), context, note, ())
        return data.results()

    def evaluate(
        self, inputs: Sequence[Port], outputs: Sequence[str], context: ScriptContext, note: Note
    ) -> dict[str, str | None]:
        """Run with variables and give what others hold then, as texts; one that holds nothing gives None.

        Raises:
            DocumentFault: as `run`; ``script.input``: an input is no value of its kind.
        """
        return self._run(DataContext([]), inputs, context, note, outputs)

    def _run(
        self,
        data: DataContext,
        inputs: Sequence[Port],
        context: ScriptContext,
        note: Note,
        outputs: Sequence[str],
    ) -> dict[str, str | None]:
        import quickjs  # noqa: PLC0415 - only who has such scripts has the engine

        bridge = Bridge(data, ExecutionUtil(context, note), Logger(note))
        given = {port.name: bridge.sent(input_value(port.kind, port.text)) for port in inputs}
        given.update({name: None for name in outputs if name not in given})
        world = _world()
        ask = self._begin(world, bridge, {"dataContext": bridge.data, **given})
        try:
            failed = json.loads(str(ask("run", "\n" + self.source)))
            if failed is not None:
                raise self._fault(failed)
            return {name: self._output(ask, bridge, name) for name in outputs}
        except quickjs.JSException as error:  # not even its own failure could be told
            raise self._fault({"text": None, "stack": ""}) from error

    def _output(self, ask: Ask, bridge: Bridge, name: str) -> str | None:
        told = json.loads(str(ask("read", name)))
        if isinstance(told, dict) and "text" in told:
            raise self._fault(told)
        return _text(bridge.received(told))

    def _begin(self, world: World, bridge: Bridge, values: Mapping[str, Value]) -> Ask:
        """Put into a world what a script can name; give what runs it, and what reads its variables."""
        world.add_callable("__host", bridge)
        told = json.dumps({"values": values, "classes": classes_imported(self.source)})
        begin = world.eval(_shim())
        made: Ask = begin(world.get("__host"), told)
        world.eval("delete globalThis.__host")
        return made

    def _fault(self, failed: Mapping[str, str | None]) -> DocumentFault:
        """Say which line of the script failed, and how."""
        told, stack = failed["text"], failed["stack"] or ""
        if told is None or "out of memory" in told or "string too long" in told:
            message = f"{self.file} has taken more memory than a script may"
            return DocumentFault("script.memory", message)
        lines = [int(found) for found in _PLACE.findall(stack) if int(found) > 1]  # line 1 is what surrounds the script
        where = f"{self.file}:{lines[0] - 1}" if lines else self.file
        return DocumentFault("script.error", f"{where}: {told}")


def _text(value: Value) -> str | None:
    """Give a value of JavaScript as a map takes it: whole numbers without a fraction, as JavaScript writes them."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:  # noqa: PLR2004 - then with an exponent
        value = int(value)
    return output_text(value)


def _world() -> World:
    import quickjs  # noqa: PLC0415 - as above

    world: World = quickjs.Context()
    world.set_memory_limit(MOST_MEMORY)
    world.set_max_stack_size(DEEPEST)
    return world


@lru_cache(maxsize=1)
def _shim() -> str:
    """Give what is run before a script, in one line, so that all lines but the first are the script's."""
    return " ".join(files("runtime.javascript").joinpath("shim.js").read_text(encoding="utf-8").splitlines())


def is_installed() -> bool:
    """Whether the engine is there."""
    return find_spec("quickjs") is not None


def compile_javascript(source: str, file: str) -> JavaScript:
    """Check a script; `file` is the name by which errors tell it.

    Raises:
        BundleError: the engine is not installed, the text is no JavaScript, or it names a class that is not covered;
            each problem has its line where it has one.
    """
    if not is_installed():
        problem = Problem(
            code="bundle.javascript", message="scripts in JavaScript need an engine that is not installed",
            place=Place(file=file), hint=INSTALL,
        )  # fmt: skip
        raise BundleError((problem,))
    problems = [*_syntax(source, file), *problems_of(source, file)]
    if problems:
        raise BundleError(tuple(problems))
    return JavaScript(file, source)


def _syntax(source: str, file: str) -> list[Problem]:
    import quickjs  # noqa: PLC0415 - as above

    try:
        # Read as a program that is never run: what follows the throw is only parsed.
        _world().eval("throw 0;\n" + source)
    except quickjs.JSException as error:
        told = str(error)
        if not told.startswith("SyntaxError"):
            return []
        found = re.search(r"<input>:(\d+)(?::(\d+))?", told)
        line, column = (int(found[1]) - 1, int(found[2] or 1)) if found is not None else (1, 1)
        lines = source.splitlines()
        return [
            Problem(
                code="bundle.javascript", message=told.partition("\n")[0].removeprefix("SyntaxError: "),
                place=Place(file=file, line=max(line, 1), column=column),
                hint="write JavaScript as its standard has it: no 'for each', nothing of Nashorn's own syntax",
                excerpt=lines[line - 1] if 0 < line <= len(lines) else None,
            )
        ]  # fmt: skip
    return []
