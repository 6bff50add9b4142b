"""Split and Combine of XML documents (reference 1.10; platform behaviours 30-33): what is around a part stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy

from runtime.engine.platform.parts import Dividing, Joining
from runtime.engine.platform.refused import Refused
from runtime.engine.platform.values import Around
from runtime.engine.platform.xml_tree import Element, element_called, name_of, parse, write
from runtime.errors import DocumentFault
from runtime.model.data_process import CombineDocuments, CombineXml, SplitDocuments, SplitXml
from runtime.model.platform_profiles import XmlNode, XmlProfile

NO_ELEMENT = "data-process.element"


class DivideXml(Dividing):
    """One document for each element at a path, or for each few of them that stand in one parent."""

    def __init__(self, identity: str, name: str, path: Sequence[str], batch: int) -> None:
        super().__init__(identity, name)
        self._path = path
        self._batch = max(batch, 1)

    def parts(self, content: bytes) -> Iterator[bytes]:
        """Give the parts; a document without the element gives none (behaviour 31)."""
        root = parse(content)
        for way in _parents(root, self._path):
            found = way[-1].findall(self._path[-1])
            if not found:
                continue
            wrapper, hollow, place = _wrapper(way, self._path)
            for start in range(0, len(found), self._batch):
                hollow[place:place] = [deepcopy(one) for one in found[start : start + self._batch]]
                yield write(wrapper)
                del hollow[place : place + self._batch]


def _parents(root: Element, path: Sequence[str]) -> Iterator[list[Element]]:
    """Give the ways to every parent of the elements at the path, from the root on."""
    if root.tag != path[0]:
        return
    ways = [[root]]
    for name in path[1:-1]:
        ways = [[*way, child] for way in ways for child in way[-1].findall(name)]
    yield from ways


def _wrapper(way: Sequence[Element], path: Sequence[str]) -> tuple[Element, Element, int]:
    """Copy what is around a parent's parts: without them, and without the like of its ancestors.

    Gives the copy of the root, that of the parent, and where in it the parts stood.
    """
    made = way[0].makeelement(way[0].tag, dict(way[0].attrib), way[0].nsmap)
    made.text = way[0].text
    hollow, place = made, -1
    for child in way[0]:
        if child.tag != path[1]:
            made.append(deepcopy(child))
        elif len(way) == 1:
            place = len(made) if place < 0 else place
        elif child is way[1]:
            below, hollow, place = _wrapper(way[1:], path[1:])
            below.tail = child.tail
            made.append(below)
    return made, hollow, place


class JoinXml(Joining):
    """The first document, with the elements of all others after its own; or all roots in a root of their own."""

    def __init__(self, identity: str, name: str, path: Sequence[str], into: Sequence[str]) -> None:
        super().__init__(identity, name)
        self._path = path
        self._into = into

    def read(self, content: bytes) -> Element:
        """Give the document's root, which has a place for the elements."""
        root = parse(content)
        if not any(True for _ in _parents(root, self._into)):
            raise DocumentFault(NO_ELEMENT, f"the document has no element {'/'.join(self._into[:-1])}")
        return root

    def joined(self, brought: Sequence[object]) -> bytes:
        """Give the first document with everything in it."""
        first, *others = [root for root in brought if isinstance(root, Element)]
        target = next(_parents(first, self._into))[-1]
        moved = [] if self._into == self._path else _found(first, self._path)
        own = target.findall(self._into[-1])
        place = target.index(own[-1]) + 1 if own else len(target)
        for root in others:
            moved += _found(root, self._path)
        for offset, element in enumerate(moved):
            target.insert(place + offset, element)
        return write(first)


def _found(root: Element, path: Sequence[str]) -> list[Element]:
    return [element for way in _parents(root, path) for element in way[-1].findall(path[-1])]


class RerootXml(Joining):
    """The roots of all documents, in a root of their own."""

    def __init__(self, step: CombineXml, identity: str) -> None:
        super().__init__(identity, step.name)
        self._root = step.root

    def read(self, content: bytes) -> Element:
        """Give the document's root."""
        return parse(content)

    def joined(self, brought: Sequence[object]) -> bytes:
        """Give the new root with all of them."""
        root = element_called(self._root)
        root.extend([one for one in brought if isinstance(one, Element)])
        return write(root)


def split_xml(step: SplitDocuments | SplitXml, identity: str, around: Around) -> DivideXml:
    """Give the compiled sub-step.

    Several parts go in one document only where the path has no peers (behaviour 32).

    Raises:
        Refused: the profile is not there, or its element is none that can stand in a parent.
    """
    if isinstance(step, SplitXml):
        return DivideXml(identity, step.name, step.element, step.batch)
    nodes = _within(step.profile, step.link, around)
    alone = all(sum(one.kind == "element" for one in node.nodes) == 1 for node in nodes[:-1])
    return DivideXml(identity, step.name, [name_of(node) for node in nodes], step.batch if alone else 1)


def combine_xml(step: CombineDocuments | CombineXml, identity: str, around: Around) -> Joining:
    """Give the compiled sub-step; raises as `split_xml`."""
    if isinstance(step, CombineXml):
        return RerootXml(step, identity)
    nodes = _within(step.profile, step.link, around)
    path = [name_of(node) for node in nodes]
    if step.into is None:
        return JoinXml(identity, step.name, path, path)
    into = [name_of(node) for node in _nodes(step.profile, step.into, around)]
    return JoinXml(identity, step.name, path, [*into, path[-1]])


def _nodes(profile: str | None, key: int | None, around: Around) -> tuple[XmlNode, ...]:
    found = None if profile is None else around.components.profiles.get(profile)
    if not isinstance(found, XmlProfile) or key is None:
        raise Refused("its profile is not in the bundle, or none of XML")
    nodes = found.path(key)
    if nodes is None or nodes[-1].kind != "element":
        raise Refused(f"'{found.name}' has no element with the key {key}")
    return nodes


def _within(profile: str | None, key: int | None, around: Around) -> tuple[XmlNode, ...]:
    nodes = _nodes(profile, key, around)
    if len(nodes) == 1:
        raise Refused(f"the element '{nodes[0].name}' is the whole document, and none that stands in another")
    return nodes
