"""What expressions and maps see of a document in a generated function, and what they give."""

from __future__ import annotations

from runtime.engine.generated.known import Known
from runtime.engine.generated.typed import Record, Rows
from runtime.engine.mapping.compiled import CompiledMap
from runtime.engine.mapping.target import Members, Part, Repeated
from runtime.engine.mapping.written import MapWriter
from runtime.expressions import CompiledExpression, CompiledTemplate
from runtime.expressions.code import Code
from runtime.expressions.compiled import CompiledCondition
from runtime.expressions.tree import Apply, Node, walk
from runtime.expressions.written import ExpressionWriter

LIST_COPIES = 8  # its items may each hold the same, as often as its source has items
MOST_COPIES = 128  # of what the start document holds, in a form that is nowhere written: 128 MB with usual limits


class Sight:
    """Writes what is computed of one document. Methods give variables; none of these is a literal."""

    def __init__(self, code: Code, known: Known) -> None:
        self._code = code
        self._known = known

    # --- what expressions ask for

    def root(self, name: str) -> str:
        """Give the variable of a root."""
        match name:
            case "document":
                return self._known.decoded()
            case "properties":
                return self._known.copy().properties()
            case "meta":
                return self._code.read(f"meta_of({self._known.origin})")
            case "process":
                return self._code.read("context.properties")
            case _:
                return self._code.read("context.execution")

    def member(self, value: str, name: str) -> str:
        """Give the variable of a member."""
        record = self._known.typed.part(value)
        if isinstance(record, Record):
            made = self._known.typed.member(value, record, name)
            self._code.line(f"if {made} is NOTHING: raise Leave")
            return made
        read = f"{value}[{name!r}]"
        changes = value == self._code.known("context.properties")
        return self._code.set(read) if changes else self._code.read(read)

    def has(self, value: str, name: str) -> str:
        """Give the condition of a member."""
        record = self._known.typed.part(value)
        if isinstance(record, Record):
            self._code.line(f"if not ({self._known.typed.is_record(value, record)}): raise Leave")
            there, _ = record.members.get(name, (None, None))
            return "False" if there is None else f"{value}.{there} is not NOTHING"
        if value != self._code.known("context.properties"):
            self._code.line(f"if type({value}) is not dict: raise Leave")
        return f"{name!r} in {value}"

    def property(self, root: str, name: str) -> str | None:
        """Give the variable of a property of the document, or of the execution, which are texts."""
        match root:
            case "properties":
                read = self._known.assigned.get(name) or self._code.read(f"{self._known.base}[{name!r}]")
                return self._code.of_kind(read, str)
            case _:
                return None

    def has_property(self, root: str, name: str) -> str | None:
        """Give the condition of a property of the document."""
        if root != "properties":
            return None
        return "True" if name in self._known.assigned else f"{name!r} in {self._known.base}"

    # --- what maps ask for

    def below(self, value: str, key: str) -> str:
        """Give the variable of a member that may not be there."""
        record = self._known.typed.part(value)
        if isinstance(record, Record):
            return self._known.typed.member(value, record, key)
        there = self._code.known(f"{value}[{key!r}]")  # an expression has read it: so it is there
        absent = f"type({value}) is dict and {key!r} in {value}"
        return there or self._code.read(f"{value}[{key!r}] if {absent} else NOTHING")

    def row(self, several: str, one: str) -> None:
        """Note that a variable holds one of several."""
        rows = self._known.typed.part(several)
        if isinstance(rows, Rows):
            self._known.typed.note(one, rows.row)

    def template(self, template: CompiledTemplate) -> str:
        """Give the variable of the value of a template."""
        parts = template.parts
        only = parts[0] if len(parts) == 1 else None
        return self.value(only) if isinstance(only, CompiledExpression) else self.text(template)

    def scope(self) -> str:
        """Give the variable of what expressions see."""
        return self._known.copy().scope()

    def exact(self, value: str) -> str:
        """Give the variable of a value as it is read again."""
        if self._code.kind(value) is str:
            return value
        return self._code.set(f"{value} if type({value}) is str else settled({value})")

    # --- what steps ask for

    def value(self, expression: CompiledExpression) -> str:
        """Give the variable of the value of an expression."""
        tree, code = expression.plain, self._code
        if expression.reads_document:
            self._known.decoded()  # here, or it would be known to one branch of the expression alone
        if tree is None:
            return code.set(f"{code.name('e', expression.evaluate)}({self.scope()})")
        if not _adds(tree):
            return ExpressionWriter(code, self).value(tree)
        made = code.variable()
        with code.block("try:"):
            code.line(f"{made} = {ExpressionWriter(code, self).value(tree)}")
        with code.block("except NotPlain:"):
            code.line(f"{made} = {code.name('e', expression.in_cel)}({self.scope()})")
        return made

    def text(self, template: CompiledTemplate) -> str:
        """Give the variable of the text of a template."""
        if template.literal is not None:
            return self._code.name("t", template.literal)
        pieces = [piece if isinstance(piece, str) else self._piece(piece) for piece in template.parts]
        if len(pieces) == 1:
            return pieces[0]
        both = zip(pieces, template.parts, strict=True)
        joined = " ".join(repr(piece) if isinstance(part, str) else f"f'{{{piece}}}'" for piece, part in both)
        return self._code.of_kind(self._code.set(joined), str)

    def test(self, condition: CompiledCondition) -> str:
        """Give the variable of whether a condition holds."""
        code, parts = self._code, condition.parts
        if isinstance(parts, tuple):
            how, left, right = parts
            return code.set(f"compare({how!r}, {self.template(left)}, {self.template(right)})")
        if parts.plain is not None and not _adds(parts.plain):
            if parts.reads_document:
                self._known.decoded()
            return ExpressionWriter(code, self).truth(parts.plain)
        value = self.value(parts)
        code.line(f"if type({value}) is not bool: raise Leave")
        return value

    def map(self, compiled: CompiledMap, *, read: bool) -> None:
        """Let a map replace the content; `read`: what it gives is read later, and not only written."""
        known, code = self._known, self._code
        if known.value is None and known.profile is None:
            known.profile = compiled.source
        copies = copies_of(compiled.root)
        if known.copies * copies > MOST_COPIES:
            known.bytes()
            known.copies = 1
        source = known.mapped() if compiled.reads_content else "NOTHING"
        made = MapWriter(code, self if read else Written(code, known)).value(compiled.root, source)
        code.line(f"if {made} is NOTHING: raise Leave")
        known.mapped_to(made, settled=read, copies=known.copies * copies)

    def _piece(self, expression: CompiledExpression) -> str:
        value = self.value(expression)
        if self._code.kind(value) is str:
            return value
        return self._code.of_kind(self._code.read(f"{value} if type({value}) is str else text_of({value})"), str)


class Written(Sight):
    """What a map sees whose target is written as JSON, and not read in another form before."""

    def exact(self, value: str) -> str:
        """Give a value as it is."""
        return value


def copies_of(part: Part | None) -> int:
    """Give how often a part of a map may hold what its source holds once; a list counts as several."""
    if isinstance(part, Members):
        return sum(map(copies_of, part.parts.values()))
    return LIST_COPIES if isinstance(part, Repeated) else 1


def _adds(tree: Node) -> bool:
    return any(isinstance(node, Apply) and node.function == "_+_" for node in walk(tree))
