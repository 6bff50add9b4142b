"""The metrics of several workers as one text: each sample under its family, with a label that says whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

LABEL = "worker"


def merged(texts: Mapping[int, bytes]) -> bytes:
    """Give one text of Prometheus' format out of those of the workers, by number."""
    heads: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for number, text in sorted(texts.items()):
        for family, lines in _families(text.decode()):
            heads.setdefault(family, [line for line in lines if line.startswith("#")])
            marked = [_marked(line, number) for line in lines if not line.startswith("#")]
            samples.setdefault(family, []).extend(marked)
    lines = [line for family, head in heads.items() for line in (*head, *samples[family])]
    return ("\n".join(lines) + "\n").encode() if lines else b""


def _families(text: str) -> Iterable[tuple[str, list[str]]]:
    """Give the lines of each family: they begin with its help."""
    family, lines = "", list[str]()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            if lines:
                yield family, lines
            family, lines = line.split(" ", 3)[2], []
        if line:
            lines.append(line)
    if lines:
        yield family, lines


def _marked(line: str, number: int) -> str:
    """Give a sample with the label in front of its own; names of metrics hold neither brace nor blank."""
    label = f'{LABEL}="{number}"'
    brace, blank = line.find("{"), line.find(" ")
    if 0 <= brace < blank:
        return f"{line[:brace]}{{{label},{line[brace + 1 :]}"
    return f"{line[:blank]}{{{label}}}{line[blank:]}"
