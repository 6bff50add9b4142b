"""``switch`` as a chain of conditions."""

from __future__ import annotations

from runtime.groovy.syntax import Case, Catch, Expr, Jump, Literal, Return, Stmt, Switch, Throw
from runtime.groovy.translate_functions import Frame
from runtime.groovy.translate_loops import LoopTranslator
from runtime.groovy.trees import is_simple

_OWN = frozenset(["While", "ForEach", "Labelled", "Switch"])  # a break in there is its own


class SwitchTranslator(LoopTranslator):
    """Writes a switch: each case with all statements that it runs into, up to the break that ends it."""

    def switch(self, node: Switch, *, gives: bool = False) -> None:
        """Write a switch; the default stands last, wherever it stood."""
        frame = Frame(is_loop=False)
        if any(_breaks_within(self._run(node, at)) for at in range(len(node.cases))):
            frame.ends = self.exception("switch_break", node)
        self.frames.append(frame)
        with self.ended_by(frame.ends, node):
            self._chain(node, gives=gives)
        self.frames.pop()

    def _chain(self, node: Switch, *, gives: bool) -> None:
        subject = self.scope.temporary()
        self.writer.line(f"{subject} = {self.expression(node.subject).text}", node.line)
        word = "if"
        groups: list[tuple[list[Case], int]] = []
        at = 0
        while at < len(node.cases):
            same = [node.cases[at]]
            while not same[-1].body and at + len(same) < len(node.cases):
                same.append(node.cases[at + len(same)])
            groups.append((same, at + len(same) - 1))
            at += len(same)
        for same, last in sorted(groups, key=lambda group: any(case.test is None for case in group[0])):
            self._case(same, self._run(node, last), subject, word, gives=gives)
            word = "elif"

    def _case(self, same: list[Case], body: tuple[Stmt, ...], subject: str, word: str, *, gives: bool) -> None:
        tests = [case.test for case in same if case.test is not None]
        line = same[0].line
        if len(tests) < len(same):
            header = "if True:" if word == "if" else "else:"
        else:
            header = f"{word} {' or '.join(self._test(test, subject) for test in tests)}:"
        self.writer.line(header, line)
        with self.writer.indented(line):
            self.block(body, gives=gives)

    def _test(self, test: Expr, subject: str) -> str:
        named = self.type_of(test)
        if named is not None:
            return f'is_case(class_value("{named}"), {subject})'
        if not is_simple(test):
            raise self.refused("closure as case", "a closure of many statements as a case is not covered", test)
        if isinstance(test, Literal):
            return f"equal({subject}, {self.expression(test).text})"
        return f"is_case({self.expression(test).text}, {subject})"

    def _run(self, node: Switch, at: int) -> tuple[Stmt, ...]:
        """Give the statements that a case runs, through those of the next cases where nothing ends it."""
        body: list[Stmt] = []
        for case in node.cases[at:]:
            for statement in case.body:
                if isinstance(statement, Jump) and statement.word == "break" and statement.label is None:
                    return tuple(body)
                body.append(statement)
                if isinstance(statement, Return | Throw | Jump):
                    return tuple(body)
        return tuple(body)


def _breaks_within(body: tuple[Stmt, ...]) -> bool:
    """Whether a break stands deeper than in the case itself, and in no loop or switch of its own."""
    return any(_ends(statement) for statement in body)


def _ends(node: object) -> bool:
    if isinstance(node, Jump):
        return node.word == "break" and node.label is None
    if isinstance(node, tuple):
        return any(_ends(part) for part in node)
    if not isinstance(node, Stmt | Catch) or type(node).__name__ in _OWN:
        return False
    return any(_ends(getattr(node, name)) for name in node.__struct_fields__)
