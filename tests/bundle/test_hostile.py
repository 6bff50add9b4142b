"""Whatever is dropped into the watched folder, reading it ends, and with one kind of error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bundle.house import SOUND, Files, problems

FRAGMENTS = [
    *(
        "name: ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "\n",
        "  ",
        ": ",
        "${",
        "}",
        '"',
        "'",
        "|\n",
        "&a ",
        "*a",
        "!!x ",
        "\t",
        "? ",
    ),
    *(
        "steps:",
        "message",
        "decision",
        "yes",
        "try",
        "branch",
        "go to",
        "stop",
        "null",
        "1",
        "\x00",
        "\ufeff",
        "é",
        "\\",
    ),
]


@contextmanager
def folder() -> Iterator[Path]:
    """Give an empty folder."""
    with TemporaryDirectory() as name:
        yield Path(name)


@settings(max_examples=60)
@given(
    file=st.sampled_from([name for name in SOUND if name.endswith(".yaml")]),
    cut=st.integers(min_value=0, max_value=400),
    lost=st.integers(min_value=0, max_value=30),
    put=st.lists(st.sampled_from(FRAGMENTS), max_size=6),
)
def test_a_mangled_bundle_is_read_or_refused(file: str, cut: int, lost: int, put: list[str]) -> None:
    """No text of a YAML file makes reading fail otherwise than with problems that have a place."""
    text = SOUND[file]
    assert isinstance(text, str)
    mangled = text[:cut] + "".join(put) + text[cut + lost :]
    with folder() as path:
        assert all(problem.place.file for problem in problems(path, {**SOUND, file: mangled}))


HOSTILE: dict[str, Files] = {
    "nested YAML": {"maps/m.yaml": "[" * 100_000},
    "nested blocks": {"maps/m.yaml": "\n".join(f"{' ' * n}a:" for n in range(600))},
    "nested JSON": {"profiles/p.json": "[" * 100_000 + "]" * 100_000},
    "alias bomb": {
        "maps/m.yaml": "\n".join(
            f"{name}: &{name} [{', '.join([f'*{before}' if before else 'x'] * 10)}]"
            for before, name in zip(["", *"abcdefgh"], "abcdefghi", strict=True)
        )
    },
    "nested Python": {"scripts/s.py": "(" * 50_000 + ")" * 50_000},
    "null character in Python": {"scripts/s.py": "a = 1\x00"},
    "nested expression": {"maps/m.yaml": 'fields: { a: "${' + "(" * 10_000 + '" }'},
    "a huge number": {"profiles/p.json": '{"type": ' + "9" * 10_000 + "}"},
    "half a character": {"profiles/p.json": '{"type": "\\ud800", "\\ud800": 1}'},
    "numbers as keys": {"maps/m.yaml": "fields: { 1: a, 1.5: b, true: c, null: d, [x]: e }"},
    "a list as bundle": {"bundle.yaml": "- a"},
    "a folder as manifest": {"bundle.yaml/a": "a"},
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_what_is_made_to_hurt_is_refused(tmp_path: Path, attack: str) -> None:
    """Depth, size and references that multiply end in a problem, not in a dead daemon."""
    files = {name: text for name, text in SOUND.items() if name not in {path.split("/")[0] for path in HOSTILE[attack]}}
    assert problems(tmp_path, {**files, **HOSTILE[attack]})
