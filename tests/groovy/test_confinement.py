from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType

import pytest

from runtime.groovy import compile_groovy
from runtime.groovy.support.namespace import NAMESPACE
from tests.groovy.support import value_of
from tests.groovy.test_idioms import REFUSED_OR_FAILING, SCRIPTS


def globals_of(code: CodeType) -> Iterator[str]:
    """Give every name that a piece of code looks up outside of itself."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in {"LOAD_GLOBAL", "LOAD_NAME"}:
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from globals_of(constant)


@pytest.mark.parametrize("source", [source for source, _ in SCRIPTS if source not in REFUSED_OR_FAILING])
def test_translated_code_names_nothing_beyond_its_namespace(source: str) -> None:
    """What is run can look up the support library and nothing of Python."""
    assert set(globals_of(compile_groovy(source, "s.groovy").code)) <= set(NAMESPACE)


def test_the_namespace_reaches_no_module() -> None:
    """Nothing in the namespace is a module, or a builtin that opens, imports or evaluates."""
    forbidden = {"open", "eval", "exec", "compile", "__import__", "getattr", "globals"}
    names = {getattr(each, "__name__", "") for each in NAMESPACE.values() if type(each).__name__ != "Static"}
    assert not forbidden & names
    assert not [name for name, each in NAMESPACE.items() if type(each).__name__ == "module"]


def test_a_variable_named_as_a_helper_does_not_replace_it() -> None:
    """A script may call its variables what it likes."""
    source = "def text = 'a'\ndef invoke = 1\ndef lambda = 3\nresult = \"$text$invoke$lambda\".trim()"
    assert value_of(source) == "a13"
