"""Read every exported component of a folder and say whether it runs here: python -m tests.oracle.corpus FOLDER.

A component is read together with those of the folder that it refers to, and what can be read is compiled as a
deployment would. A fragment, one shape without its process, is put into a process of its own. A folder is a pile of
exports and no bundle: where the component with an id is of another kind than the reference wants, two collections use
one placeholder, and what was meant is not in the folder. Ends with 1 when one of them crashed.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lxml import etree
from msgspec import Struct

from runtime.bundle.components.notes import MISSING
from runtime.bundle.components.read import read_components
from runtime.bundle.findings import Findings
from runtime.bundle.read import lint_bundle
from runtime.bundle.rules import PREFIX
from runtime.importing.report import compiled_problems
from runtime.plugins import installed_connectors
from tests.oracle.causes import causes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runtime.errors import Problem
    from runtime.sdk.connector import Catalogue

_OVERRIDES = "{http://api.platform.boomi.com/}processOverrides"
_NOTHING = (
    '<process><shapes><shape name="begin" shapetype="start"><configuration><noaction/></configuration></shape>'
    "</shapes></process>"
)
_SHOWN = 110  # characters of a reason

# What kind of component an attribute names, where its own name says so.
_WANTED = {
    "connectionId": "connector-settings",
    "connection": "connector-settings",
    "operationId": "connector-action",
    "processId": "process",
    "mapId": "transform.map",
    "docCache": "documentcache",
    "crossRefTableId": "crossref",
    "fromProfile": "profile.",
    "toProfile": "profile.",
    "profileId": "profile.",
    "requestProfile": "profile.",
    "responseProfile": "profile.",
}


class Verdict(Struct, frozen=True):
    """What became of one file: it `runs`, is `refused` (with the codes and reasons), or reading it `crashed`."""

    file: str
    type: str
    outcome: str
    reasons: tuple[tuple[str, str], ...] = ()


def corpus(folder: Path) -> dict[str, bytes]:
    """Give every XML file below the folder, by its path; fragments as processes."""
    return {
        str(path.relative_to(folder)): _whole(path.read_bytes())
        for path in sorted(folder.rglob("*.xml"))
        if path.is_file()
    }


def groups(files: Mapping[str, bytes]) -> Iterator[dict[str, bytes]]:
    """Give each file with what it refers to."""
    owners = _owners(files)
    for file in files:
        yield {name: files[name] for name in _closure(file, files, owners)}


def judge(files: Mapping[str, bytes], catalogue: Catalogue) -> list[Verdict]:
    """Read and compile each file with what it refers to, and say what became of it."""
    owners = _owners(files)
    return [_judge(file, files, owners, catalogue) for file in files]


def _judge(
    file: str, files: Mapping[str, bytes], owners: Mapping[str, tuple[str, str]], catalogue: Catalogue
) -> Verdict:
    kind = _type(files[file])
    chosen = _closure(file, files, owners)
    try:
        problems = _problems({name: files[name] for name in chosen}, catalogue)
    except Exception as error:  # noqa: BLE001 - what crashes is what this looks for
        return Verdict(file, kind, "crashed", ((type(error).__name__, str(error)),))
    reasons = tuple((problem.code, problem.message) for problem in problems)
    return Verdict(file, kind, "refused" if reasons else "runs", reasons)


def _problems(files: Mapping[str, bytes], catalogue: Catalogue) -> tuple[Problem, ...]:
    """Give what keeps components from running: what reading them tells, or else making a deployment of them."""
    findings = Findings("corpus", {})
    read_components(files, catalogue, findings)
    problems = findings.problems("error")
    if problems:
        return problems
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "components").mkdir()
        (folder / "bundle.yaml").write_text("name: corpus\nversion: 1.0\n", encoding="utf-8")
        for number, content in enumerate(files.values()):
            (folder / "components" / f"{number}.xml").write_bytes(content)
        bundle, found = lint_bundle(folder, catalogue)
    problems = tuple(problem for problem in found if problem.severity == "error")
    return problems if bundle is None else (*problems, *compiled_problems(bundle, catalogue))


def _whole(content: bytes) -> bytes:
    """Put a fragment into a process: a start before it, a stop after each of its ways out."""
    root = _parsed(content)
    if root is not None and root.tag == _OVERRIDES:
        return _component(_NOTHING, etree.tostring(root, encoding="unicode", with_tail=False))
    if root is None or root.tag not in {"process", "shape"}:
        return content
    if root.tag == "process":
        return _component(etree.tostring(root, encoding="unicode", with_tail=False))
    name = root.get("name", "fragment")
    root.set("name", name)
    ends = {point.get("toShape", "") for point in root.iter("dragpoint")} - {"", "unset", name}
    stops = "".join(
        f'<shape name="{end}" shapetype="stop"><configuration><stop continue="true"/></configuration></shape>'
        for end in sorted(ends)
    )
    start = (
        '<shape name="begin" shapetype="start"><configuration><noaction/></configuration>'
        f'<dragpoints><dragpoint toShape="{name}"/></dragpoints></shape>'
    )
    is_start = root.get("shapetype") == "start"
    shapes = ("" if is_start else start) + etree.tostring(root, encoding="unicode", with_tail=False) + stops
    return _component(f"<process><shapes>{shapes}</shapes></process>")


def _component(process: str, beside: str = "") -> bytes:
    return (
        '<bns:Component xmlns:bns="http://api.platform.boomi.com/" componentId="fragment" name="fragment"'
        f' type="process"><bns:object>{process}</bns:object>{beside}</bns:Component>'
    ).encode()


def _parsed(content: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None


def _type(content: bytes) -> str:
    root = _parsed(content)
    if root is None:
        return "not XML"
    return "fragment" if root.get("componentId") == "fragment" else root.get("type", "no component")


def _owners(files: Mapping[str, bytes]) -> dict[str, tuple[str, str]]:
    """Give the file and the type of each component id; the first one where several have the same."""
    owners: dict[str, tuple[str, str]] = {}
    for file, content in files.items():
        root = _parsed(content)
        identity = root.get("componentId", "") if root is not None else ""
        if root is not None and identity and identity != "fragment":
            owners.setdefault(identity, (file, root.get("type", "")))
    return owners


def _closure(file: str, files: Mapping[str, bytes], owners: Mapping[str, tuple[str, str]]) -> set[str]:
    """Give the file and all that it refers to, directly or not; not what has the same id as the file itself."""
    root = _parsed(files[file])
    own = root.get("componentId", "") if root is not None else ""
    chosen, waiting = {file}, [file]
    while waiting:
        references = _references(files[waiting.pop()])
        for identity in {identity for _, identity in references}:
            other, kind = owners.get(identity, ("", ""))
            meant = all(kind.startswith(wanted) for wanted, one in references if one == identity)
            if other and meant and identity != own and other not in chosen:
                chosen.add(other)
                waiting.append(other)
    return chosen


def _references(content: bytes) -> set[tuple[str, str]]:
    """Give what the values of attributes may refer to, each after the type that its attribute wants."""
    root = _parsed(content)
    if root is None:
        return set()
    written = ((str(name), str(value)) for element in root.iter() for name, value in element.attrib.items())
    return {(_WANTED.get(name, ""), value) for name, value in written}


def report(verdicts: Iterable[Verdict]) -> str:
    """Give the table by type, and the reasons with the number of files they concern."""
    rows: dict[str, Counter[str]] = {}
    reasons: Counter[str] = Counter()
    for verdict in verdicts:
        row = rows.setdefault(verdict.type, Counter())
        row["files"] += 1
        row[verdict.outcome] += 1
        if verdict.outcome == "refused" and all(code == PREFIX + MISSING for code, _ in verdict.reasons):
            row["incomplete"] += 1
        reasons.update({_reason(code, message) for code, message in verdict.reasons})
    columns = ("files", "runs", "refused", "incomplete", "crashed")
    lines = [f"{'type':24}" + "".join(f"{column:>11}" for column in columns)]
    lines += [f"{kind:24}" + "".join(f"{row[column]:>11}" for column in columns) for kind, row in sorted(rows.items())]
    total = sum(rows.values(), Counter[str]())
    lines.append(f"{'all':24}" + "".join(f"{total[column]:>11}" for column in columns))
    lines += ["", "incomplete: refused for nothing but components that are not in the folder", ""]
    lines += [f"{count:5}  {reason}" for reason, count in reasons.most_common()]
    return "\n".join(lines)


def _reason(code: str, message: str) -> str:
    """Give a reason without what is particular to one component."""
    if code == PREFIX + MISSING:
        return f"{code}: a component that is not in the folder"
    return f"{code}: {message.partition(': ')[2] or message}"[:_SHOWN]


def main(folder: Path) -> int:
    """Print the report of a folder; give 1 when something crashed, 2 when there is nothing to read."""
    files = corpus(folder)
    if not files:
        print(f"{folder}: no component XML here", file=sys.stderr)
        return 2
    verdicts = judge(files, installed_connectors())
    print(report(verdicts))
    print(causes(((one.file, one.reasons) for one in verdicts if one.outcome == "refused"), files))
    crashed = [verdict for verdict in verdicts if verdict.outcome == "crashed"]
    for verdict in crashed:
        print(f"crashed: {verdict.file}: {verdict.reasons[0]}", file=sys.stderr)
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
