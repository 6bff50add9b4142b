"""What an expression reads, so that no more than that is handed to CEL."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.expressions.scope import ROOTS, Scope, root
from runtime.expressions.tree import Member, Name, Node, children

Keys = tuple[str, ...]


def reads(tree: Node) -> tuple[Keys, ...]:
    """Give the paths of keys, root first, that an expression may read; a shorter path includes all below it."""
    found: set[Keys] = set()
    _collect(tree, found)
    return tuple(sorted(path for path in found if not any(path[:n] in found for n in range(1, len(path)))))


def values(paths: tuple[Keys, ...], scope: Scope) -> dict[str, object]:
    """Give the root values, cut down to the paths; what a path does not find stays away."""
    roots: dict[str, object] = {}
    for name, *keys in paths:
        reader = root(name)
        if reader is not None:
            value = reader(scope)
            roots[name] = _graft(roots.get(name), value, keys) if keys else value
    return roots


def _collect(node: Node, found: set[Keys]) -> None:
    path = _path(node)
    if path is not None:
        found.add(path)
        return
    for child in children(node):
        _collect(child, found)


def _path(node: Node) -> Keys | None:
    keys: list[str] = []
    while isinstance(node, Member):
        keys.append(node.name)
        node = node.operand
    if isinstance(node, Name) and node.name in ROOTS:
        return (node.name, *reversed(keys))
    return None


def _graft(onto: object, value: object, keys: list[str]) -> object:
    """Give `onto` with the part of `value` at `keys` added: objects on the way are copied, with those keys alone."""
    if not keys or not isinstance(value, dict | Mapping):
        return value
    grown: dict[str, object] = dict(onto) if isinstance(onto, dict | Mapping) else {}
    key, *rest = keys
    if key in value:
        grown[key] = _graft(grown.get(key), value[key], rest)
    return grown
