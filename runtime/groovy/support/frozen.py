"""Collections that cannot be changed."""

from __future__ import annotations

from typing import Never

from runtime.groovy.support.errors import UnsupportedOperationException
from runtime.groovy.support.values import JavaSet, Value


def _refuse(*_: Value, **__: Value) -> Never:
    raise UnsupportedOperationException(None)


class FrozenList(list[Value]):
    """A list that refuses to be changed."""

    append = insert = extend = pop = clear = remove = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = _refuse


class FrozenMap(dict[Value, Value]):
    """A map that refuses to be changed."""

    update = pop = clear = setdefault = popitem = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse


class FrozenSet(JavaSet):
    """A set that refuses to be changed."""

    update = pop = clear = setdefault = popitem = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse
