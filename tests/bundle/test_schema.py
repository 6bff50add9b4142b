"""The schemas say what the reader says."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import jsonschema_rs
import pytest
import ryaml
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.bundle import keys as keys_module
from runtime.bundle.keys import Keys
from runtime.bundle.outline import GO_TO, KINDS
from runtime.bundle.schema import FILES, Kind, schema
from runtime.bundle.schema.steps import SAID
from runtime.bundle.step_kinds import READERS
from runtime.model.maps import FUNCTIONS
from runtime.sdk.connector import Catalogue
from tests.bundle.house import CATALOGUE, SOUND, Files, problems, read
from tests.bundle.shipped import CHECKOUT, shipped_connectors
from tests.bundle.test_mistakes import MISTAKES

SHIPPED = sorted(path for root in ("processes", "tests/flow/bundles") for path in (CHECKOUT / root).glob("*/**/*.yaml"))

# A form that both refuse has one of these codes; everything else takes more than one value to see.
FORMAL = {"unknown-key", "unknown-value", "missing-value", "missing-key", "unknown-step", "unknown-field", "wrong-type"}


def validators(catalogue: Catalogue) -> dict[Kind, jsonschema_rs.Draft202012Validator]:
    """Give a validator for each kind of file."""
    return {kind: jsonschema_rs.Draft202012Validator(schema(kind, catalogue)) for kind in get_args(Kind)}


OURS = validators(CATALOGUE)
SHIPS = validators(shipped_connectors())


def kind_of(path: str) -> Kind | None:
    """Give the kind of a file by its path in a bundle."""
    return next((kind for kind, glob in FILES.items() if fnmatch(path, glob)), None)


def complaints(files: Files) -> list[str]:
    """Give what the schemas say against the files of a bundle."""
    found: list[str] = []
    for path, text in files.items():
        kind = kind_of(path)
        if kind is not None and isinstance(text, str):
            try:
                value = ryaml.loads(text)  # type: ignore[attr-defined]
            except ValueError:
                continue
            found.extend(f"{path}: {error.message}" for error in OURS[kind].iter_errors(value))
    return found


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_file_that_ships_fits_its_schema(path: Path) -> None:
    """What can be deployed is not marked red in an editor."""
    bundle = next(folder for folder in path.parents if (folder / "bundle.yaml").exists())
    kind = kind_of(path.relative_to(bundle).as_posix())
    if kind is not None:
        value = ryaml.loads(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
        assert [error.message for error in SHIPS[kind].iter_errors(value)] == []


def test_the_sound_bundle_fits_its_schemas() -> None:
    """The example of the format has no complaint."""
    assert complaints(SOUND) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_of_form_is_refused_by_reader_and_schema_alike(name: str) -> None:
    """Where the reader finds a wrong form, an editor shows it before."""
    files, _, code, _ = MISTAKES[name]
    if code in FORMAL:
        assert complaints(files) != []


@pytest.mark.parametrize("name", MISTAKES)
def test_what_the_schema_refuses_the_reader_refuses(name: str, tmp_path: Path) -> None:
    """An editor never cries wolf."""
    files = MISTAKES[name][0]
    if complaints(files):
        assert problems(tmp_path, files)


def test_every_kind_of_step_has_a_reader_a_schema_and_a_summary() -> None:
    """A step that editors do not know cannot be added."""
    assert set(READERS) == KINDS.keys() - {GO_TO}
    assert set(SAID) == KINDS.keys() - {"connector"}
    assert all(about.summary.endswith(".") for about in KINDS.values())


def test_every_function_and_operation_has_a_form() -> None:
    """Maps and connector steps are completed from the tables that the reader reads."""
    forms = [form.get("title") for form in schema("map", CATALOGUE)["$defs"]["source"]["anyOf"]]
    assert {f"function: {name}" for name in FUNCTIONS} <= set(forms)
    steps = [form.get("title") for form in schema("process", CATALOGUE)["$defs"]["step"]["anyOf"]]
    assert "connector: http get" in steps


def tables(value: object) -> Iterator[dict[str, Any]]:
    """Give every closed table of a schema."""
    if isinstance(value, dict):
        if value.get("additionalProperties") is False:
            yield value
        for item in value.values():
            yield from tables(item)
    elif isinstance(value, list):
        for item in value:
            yield from tables(item)


def test_every_key_that_the_reader_asks_for_stands_in_the_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading everything once shows each key that means something; a schema without it would mark it red."""
    asked: list[set[str]] = []
    known = Keys.done

    def done(self: Keys, also: tuple[str, ...] = ()) -> None:
        asked.append({*self._asked, *also})
        known(self, also)

    monkeypatch.setattr(keys_module.Keys, "done", done)
    read(tmp_path, {**SOUND, "processes/all.yaml": EVERYTHING, "bundle.yaml": HEAD})
    closed = [set(table["properties"]) for kind in get_args(Kind) for table in tables(schema(kind, CATALOGUE))]
    assert asked
    assert [sorted(keys) for keys in asked if not any(keys <= known for known in closed)] == []


HEAD = """\
name: pricing
version: 2
description: Everything
needs: { http: 1.0 }
redaction: [ a.b ]
extensions: { a: string, b: { type: number, default: 5, description: Five }, c: { type: secret, required: false } }
limits: { documents: 1000, steps: 10, deadline: 1 h }
"""
EVERYTHING = """\
name: Everything
description: Every step there is
start: no data
properties: { region: "${extension.a}", most: 5 }
options: { mode: bridge, recovery: fail, deadline: 5 min }
steps:
  - set properties: { a: 1, process.b: "${document.x}" }
  - message: { text: a, combine: true }
    label: again
  - split
  - split: { profile: order, element: lines, keep wrapper: true }
  - combine: { element: a }
  - combine
  - wait: 1 s
  - script: { file: tidy.py, function: process }
  - branch: [ [ message: a ], [] ]
  - try: [ message: a ]
    catch: [ { exception: { title: a, message: b, stop: document } } ]
    retries: 1
    trigger: all errors
  - decision: { left: a, is: "=", right: b }
    yes: [ { stop: process } ]
  - decision: ${1 == 1}
    yes: [ go to: again ]
    no: [ return documents ]
"""

# Generated: steps as people and machines write them, right and wrong.

scalars = st.sampled_from(["a", "${1}", "5 s", 5, True, "order", "lines", "priced-line", "", "tidy.py", "a b", None])
words = st.sampled_from(
    [*KINDS, "label", "text", "combine", "yes", "no", "catch", "profile", "element", "lable", "left"]
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
FORMS: dict[str, Any] = {
    "map": st.just("priced-line") | scalars,
    "message": scalars | st.fixed_dictionaries({"text": scalars}, optional={"combine": scalars}),
    "wait": scalars,
    "stop": st.sampled_from([None, "process", "document"]),
    "split": st.none() | st.fixed_dictionaries({"element": scalars}, optional={"keep wrapper": scalars}),
    "set properties": st.dictionaries(scalars.map(str), scalars, max_size=2),
    "exception": st.fixed_dictionaries({"title": scalars, "message": scalars}, optional={"stop": scalars}),
    "script": st.just("tidy.py") | st.just({"file": "tidy.py"}),
    "decision": st.just("${1 == 1}") | st.just({"left": "a", "is": "=", "right": 5}) | scalars,
}
step = st.one_of(
    *(
        st.fixed_dictionaries({kind: form}, optional={"label": scalars, "yes": st.just(["stop"])})
        for kind, form in FORMS.items()
    ),
    st.dictionaries(words, values, min_size=1, max_size=3),
    st.sampled_from(list(KINDS)),
)
sources = st.recursive(
    scalars | st.fixed_dictionaries({}, optional={"from": scalars, "value": scalars, "default": scalars}),
    lambda inner: st.fixed_dictionaries(
        {"function": st.sampled_from([*FUNCTIONS, "concatt"])},
        optional={"of": st.lists(inner, max_size=2), "text": scalars, "length": scalars, "default": scalars},
    ),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(step, min_size=1, max_size=3))
def test_whatever_the_reader_accepts_the_schema_accepts(steps: list[object]) -> None:
    """An editor marks nothing that could be deployed."""
    text = ryaml.dumps({"name": "P", "start": "no data", "steps": steps})  # type: ignore[attr-defined]
    with TemporaryDirectory() as folder:
        refused = problems(Path(folder), {**SOUND, "processes/p.yaml": text})
    found = [error.message for error in OURS["process"].iter_errors(ryaml.loads(text))]  # type: ignore[attr-defined]
    assert refused or found == []


@settings(max_examples=30, deadline=None)
@given(rules=st.dictionaries(st.sampled_from(["a", "b.c", "d[]"]), sources, max_size=2))
def test_whatever_map_the_reader_accepts_the_schema_accepts(rules: dict[str, object]) -> None:
    """Rules, sources within functions and options included."""
    text = ryaml.dumps({"fields": rules})  # type: ignore[attr-defined]
    with TemporaryDirectory() as folder:
        refused = problems(Path(folder), {**SOUND, "maps/m.yaml": text})
    found = [error.message for error in OURS["map"].iter_errors(ryaml.loads(text))]  # type: ignore[attr-defined]
    assert refused or found == []
