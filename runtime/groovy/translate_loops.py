"""Loops of Groovy, and the jumps out of them: with labels, and out of the cases of a switch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from runtime.groovy.nodes import Node, Type
from runtime.groovy.syntax import Do, ForEach, Jump, Labelled, Stmt, While
from runtime.groovy.translate_functions import Frame, FunctionTranslator
from runtime.groovy.translate_types import converted
from runtime.groovy.trees import inside, is_simple


class LoopTranslator(FunctionTranslator):
    """Writes loops."""

    counting = False  # what is written is the step of a loop, which its condition bounds

    @abstractmethod
    def statement(self, node: Stmt, *, gives: bool = False) -> None:
        """Write one statement."""

    def labelled(self, node: Labelled) -> None:
        """Write a loop with a label."""
        if isinstance(node.loop, While):
            self.while_(node.loop, label=node.label)
        else:
            self.for_each(node.loop, label=node.label)

    def while_(self, node: While, label: str | None = None) -> None:
        """Write ``while`` or ``for (…; …; …)``."""
        self.scope.blocks.append({})
        for before in node.before:
            self.statement(before)
        with self._loop(node, Frame(node.after, label)) as frame:
            if node.condition is not None and not is_simple(node.condition):
                raise self.refused("closure in a condition", "a closure of many statements in a loop's condition", node)
            condition = "True" if node.condition is None else self.condition(node.condition)
            self.writer.line(f"while {condition}:", node.line)
            with self.writer.indented(node.line):
                with self.ended_by(frame.goes_on, node):
                    self.block(node.body)
                self._update(node, frame)
        self.scope.blocks.pop()

    def for_each(self, node: ForEach, label: str | None = None) -> None:
        """Write ``for (… in …)``."""
        values = self.expression(node.values).text
        self.scope.blocks.append({})
        with self._loop(node, Frame(label=label)) as frame:
            variable = self.scope.declare(node.name, node.type)
            variable.is_counter = True
            self.writer.line(f"for {variable.python} in items_of({values}):", node.line)
            with self.writer.indented(node.line), self.ended_by(frame.goes_on, node):
                shown = converted(variable.python, node.type)
                if shown != variable.python:
                    self.writer.line(f"{variable.python} = {shown}", node.line)
                self.block(node.body)
        self.scope.blocks.pop()

    @contextmanager
    def _loop(self, node: While | ForEach, frame: Frame) -> Iterator[Frame]:
        label = frame.label
        used = {part.word for part in inside(node.body) if isinstance(part, Jump) and part.label == label and label}
        frame.ends = self.exception(f"{label}_break", node) if "break" in used else None
        frame.goes_on = self.exception(f"{label}_continue", node) if "continue" in used else None
        self.frames.append(frame)
        self.scope.loops += 1
        try:
            with self.ended_by(frame.ends, node):
                yield frame
        finally:
            self.scope.loops -= 1
            self.frames.pop()

    def exception(self, name: str, node: Node) -> str:
        """Write one more exception to jump by, and give what Python calls it."""
        python = self.scope.declare(name, Type()).python
        self.writer.line(f"{python} = jump()", node.line)
        return python

    @contextmanager
    def ended_by(self, exception: str | None, node: Node) -> Iterator[None]:
        """Write something that an exception ends early, if any does."""
        if exception is None:
            yield
            return
        self.writer.line("try:", node.line)
        with self.writer.indented(node.line):
            yield
        self.writer.line(f"except {exception}:", node.line)
        with self.writer.indented(node.line):
            pass

    def _update(self, node: Node, frame: Frame) -> None:
        for update in frame.updates:
            self.counting = True
            self.statement(Do(value=update, line=node.line, column=node.column))
            self.counting = False

    def jump(self, node: Jump) -> None:
        """Write ``break`` or ``continue``."""
        loops = [frame for frame in self.frames if frame.is_loop]
        target = self._target(node)
        if not target.is_loop or target is not loops[-1]:
            exception = target.ends if node.word == "break" else target.goes_on
            self.writer.line(f"raise {exception}", node.line)
            return
        if node.word == "continue":
            if target.guarded and target.updates:
                raise self.refused("continue in try", "a continue out of a try with a finally is not covered", node)
            if target.goes_on is not None:  # what follows is the same for all that begin the next turn
                self.writer.line(f"raise {target.goes_on}", node.line)
                return
            self._update(node, target)
        self.writer.line(node.word, node.line)

    def _target(self, node: Jump) -> Frame:
        """Give what a jump leaves, or what it begins anew."""
        for frame in reversed(self.frames):
            if node.label is not None:
                if frame.label == node.label:
                    return frame
            elif frame.is_loop or node.word == "break":
                return frame
        what = f"a {node.word} outside of a loop" if node.label is None else f"there is no loop {node.label}"
        raise self.refused(node.word if node.label is None else "label", what, node)
