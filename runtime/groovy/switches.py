"""``switch`` as a chain of conditions."""

from __future__ import annotations

from abc import abstractmethod

from runtime.groovy.syntax import Case, Expr, Jump, Literal, Return, Stmt, Switch, Throw
from runtime.groovy.translate_expressions import ExpressionTranslator
from runtime.groovy.trees import inside, is_simple

_LOOPS = ("While", "ForEach", "Switch", "Closure")


class SwitchTranslator(ExpressionTranslator):
    """Writes a switch: each case with all statements that it runs into, up to the break that ends it."""

    @abstractmethod
    def block(self, body: tuple[Stmt, ...], *, gives: bool = False) -> None:
        """Write statements in a block of their own."""

    def switch(self, node: Switch, *, gives: bool = False) -> None:
        """Write a switch.

        Raises:
            Refused: a break stands deeper than in the case itself.
        """
        subject = self.scope.temporary()
        self.writer.line(f"{subject} = {self.expression(node.subject).text}", node.line)
        word = "if"
        ordered = [case for case in node.cases if case.test is not None]
        if len(ordered) < len(node.cases) and node.cases[-1].test is not None:
            raise self.refused("default in between", "a default that is not the last case is not covered", node)
        at = 0
        while at < len(node.cases):
            same = [node.cases[at]]
            while not same[-1].body and at + len(same) < len(node.cases):
                same.append(node.cases[at + len(same)])
            self._case(same, self._run(node, at + len(same) - 1), subject, word, gives=gives)
            word, at = "elif", at + len(same)

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
        named = self.class_of(test)
        if named is not None:
            return f"is_instance({subject}, {named!r})"
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
                if isinstance(statement, Jump) and statement.word == "break":
                    return self._checked(body)
                body.append(statement)
                if isinstance(statement, Return | Throw | Jump):
                    return self._checked(body)
        return self._checked(body)

    def _checked(self, body: list[Stmt]) -> tuple[Stmt, ...]:
        for statement in body:
            for part in inside(statement):
                if type(part).__name__ in _LOOPS:
                    break  # a break in there is its own
                if isinstance(part, Jump) and part.word == "break":
                    raise self.refused("break inside case", "a break within another statement of a case", part)
        return tuple(body)
