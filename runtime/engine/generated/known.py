"""What is known of a document at a place of a generated function, and under which variables.

A step of the driver gives a document whose content is bytes. Between the steps of one function it is whatever the next
one needs: a content that nobody asks for is not encoded, and none is decoded twice.
"""

from __future__ import annotations

from runtime.engine.generated.typed import Typed
from runtime.expressions.code import Code
from runtime.model.profile import Profile


class Known:
    """A document: `origin` is the variable of one with the same identity, and with what steps tell about it.

    `made` is the variable of the document itself, `content` that of its bytes, `value` that of its decoded form, each
    where there is one; with `may_lack` the form is NOTHING where the content is empty. `unwritten` is the variable of
    what its bytes are made from. `base` is the variable of its properties but for `assigned`, the variables of those
    that were set since. `copies` is how often what is not written may hold what the start document holds once.
    `profile` is what the content follows, if that is known.
    """

    origin: str
    made: str | None
    content: str | None
    value: str | None
    unwritten: str | None
    may_lack: bool
    copies: int
    base: str
    assigned: dict[str, str]
    profile: Profile | None

    def __init__(self, code: Code, document: str, typed: Typed, profile: Profile | None = None) -> None:
        self._code = code
        self.typed = typed
        self.become(document)
        self.profile = profile

    def copy(self) -> Known:
        """Give the same, for a path of its own."""
        other = Known.__new__(Known)
        other.__dict__.update(self.__dict__)
        other.assigned = dict(self.assigned)
        return other

    def assign(self, name: str, text: str) -> None:
        """Note that a property was set."""
        self.made = None
        self.assigned[name] = text

    def become(self, document: str) -> None:
        """Note that this is the document now: that of a variable, of which no more is known."""
        self.origin = self.made = document
        self.content = self._code.read(f"{document}.content")
        self.value = self.unwritten = None
        self.may_lack, self.copies = False, 1
        self.base = self._code.read(f"{document}.properties")
        self.assigned = {}
        self.profile = None

    def told(self, content: str) -> None:
        """Note that these bytes are the content now."""
        self.made, self.content, self.value, self.unwritten, self.may_lack = None, content, None, None, False
        self.copies = 1
        self.profile = None

    def mapped_to(self, made: str, *, settled: bool, copies: int) -> None:
        """Note that the content is what this variable holds, once it is written; `settled`: as it is read again."""
        self.made, self.content, self.may_lack, self.copies = None, None, False, copies
        self.value, self.unwritten = made if settled else None, made
        self.profile = None

    def bytes(self) -> str:
        """Give the variable of the content, which is written now if it was not yet."""
        if self.content is None:
            self.content = self._code.set(f"encode({self.unwritten})")
            self._code.line(f"if len({self.content}) > most: raise Leave")
        return self.content

    def decoded(self) -> str:
        """Give the variable of the decoded form; the function is left where the content is no JSON."""
        if self.value is None:
            self.value = self._read(self.bytes())
        elif self.may_lack:
            self._code.line(f"if {self.value} is NOTHING: raise Leave")
        self.may_lack = False
        return self.value

    def mapped(self) -> str:
        """Give the variable of the decoded form; NOTHING where the content is empty."""
        if self.value is None:
            content = self.bytes()
            if self.profile is not None and self.typed.record(self.profile) is not None:
                return self.decoded()  # an empty content has no form: it is for the function that reads dicts
            self.value = self._code.set(f"decode({content}) if {content} else NOTHING")
            self.may_lack = True
        return self.value

    def _read(self, content: str) -> str:
        record = None if self.profile is None else self.typed.record(self.profile)
        if record is None:
            return self._code.set(f"decode({content})")
        return self.typed.note(self._code.set(f"{self.typed.reader(record)}({content})"), record)

    def properties(self) -> str:
        """Give the variable of the properties."""
        if self.assigned:
            pairs = ", ".join(f"{name!r}: {text}" for name, text in self.assigned.items())
            self.base = self._code.set(f"{{**{self.base}, {pairs}}}")
            self.assigned = {}
        return self.base

    def document(self) -> str:
        """Give the variable of the document, which is made now if it was not yet."""
        if self.made is None:
            self.made = self._document(self.bytes())
        return self.made

    def seen(self) -> str:
        """Give the variable of the document for who reads all of it but the content."""
        return self.made or (self.document() if self.content is not None else self._document("b''"))

    def scope(self) -> str:
        """Give the variable of what expressions see."""
        scope = f"context.scope({self.seen()})"
        known = self.value is not None and not self.may_lack and self.typed.part(self.value) is None
        return self._code.read(f"{scope}.knowing({self.value})" if known else scope)

    def _document(self, content: str) -> str:
        origin = self.origin
        return self._code.set(f"Document({origin}.id, {content}, {self.properties()}, {origin}.meta, {origin}.origins)")
