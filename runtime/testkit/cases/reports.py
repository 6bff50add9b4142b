"""Reports for programs: JUnit XML, as build servers read it."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from runtime.testkit.cases.run import Verdict

Attributes = dict[str | bytes | etree.QName, str | bytes | bytearray | etree.QName]  # as lxml has them

_FORBIDDEN = {number: "�" for number in range(32) if chr(number) not in "\t\n\r"}  # XML 1.0 knows no such characters


def junit(verdicts: Sequence[Verdict]) -> bytes:
    """Give one suite a file of tests, one case a case, the differences as the text of its failure."""
    root = etree.Element("testsuites", _counts("nuclide", verdicts))
    for suite in dict.fromkeys((verdict.bundle, verdict.file) for verdict in verdicts):
        cases = [verdict for verdict in verdicts if (verdict.bundle, verdict.file) == suite]
        element = etree.SubElement(root, "testsuite", _counts("/".join(suite), cases))
        for verdict in cases:
            _case(element, verdict)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _case(suite: etree._Element, verdict: Verdict) -> None:
    attributes: Attributes = {
        "name": _clean(verdict.case),
        "classname": _clean(f"{verdict.bundle}.{verdict.process}"),
        "file": verdict.file,
        "line": str(verdict.place.line or 1),
        "time": f"{verdict.seconds:.3f}",
    }
    element = etree.SubElement(suite, "testcase", attributes)
    if verdict.differences:
        failure = etree.SubElement(element, "failure", {"message": _clean(verdict.differences[0])})
        failure.text = _clean("\n".join(verdict.differences))


def _counts(name: str, verdicts: Sequence[Verdict]) -> Attributes:
    failed = sum(not verdict.passed for verdict in verdicts)
    seconds = sum(verdict.seconds for verdict in verdicts)
    return {"name": name, "tests": str(len(verdicts)), "failures": str(failed), "errors": "0", "time": f"{seconds:.3f}"}


def _clean(text: str) -> str:
    return text.translate(_FORBIDDEN)
