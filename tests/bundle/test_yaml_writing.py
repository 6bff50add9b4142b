"""What is written as YAML is read as the same."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from runtime.bundle.findings import Findings
from runtime.bundle.nodes import Items, Scalar, Table
from runtime.bundle.yaml_nodes import read_yaml
from runtime.bundle.yaml_writing import dump

TEXTS = st.text(st.sampled_from("a :-#0{}[],&*!|>'\"%@`?~=.\n"), max_size=6)


@given(TEXTS)
@example(":0")
@example("?0")
@example("0:?")
def test_a_text_in_a_list_is_read_as_it_was(text: str) -> None:
    """Whatever stands in it: the list, its one line, and the strict reader that bundles have agree."""
    findings = Findings("b", {})
    node = read_yaml(dump({"notes": [text], "text": text}), "f.yaml", findings)
    assert findings.problems() == ()
    assert isinstance(node, Table)
    (_, listed), (_, alone) = node.entries
    assert isinstance(listed, Items)
    assert [item.text for item in listed.items if isinstance(item, Scalar)] == [text]
    assert isinstance(alone, Scalar)
    assert alone.text == text
