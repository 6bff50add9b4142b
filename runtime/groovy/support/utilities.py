"""Small classes of ``java.util``: counters, tokens, random numbers, identifiers."""

from __future__ import annotations

import hashlib
import random
import uuid

from runtime.groovy.support.errors import IllegalArgumentException, NoSuchElementException
from runtime.groovy.support.values import INT_BITS, LONG_BITS, BigInteger, JavaObject, Long, Value, wrap


class AtomicInteger(JavaObject):
    """A whole number that is changed in its place."""

    java_name = "java.util.concurrent.atomic.AtomicInteger"
    _bits = INT_BITS

    def __init__(self, value: int = 0) -> None:
        self._value = int(value)

    def _given(self, value: int) -> int:
        return Long(value) if self._bits == LONG_BITS else int(value)

    def _changed(self, by: int) -> int:
        self._value = wrap(self._value + int(by), self._bits)
        return self._given(self._value)

    def get(self) -> int:
        """Give the number."""
        return self._given(self._value)

    def intValue(self) -> int:
        """Give the number."""
        return wrap(self._value, INT_BITS)

    def longValue(self) -> Long:
        """Give the number."""
        return Long(self._value)

    def set(self, value: int) -> None:
        """Set the number."""
        self._value = int(value)

    def incrementAndGet(self) -> int:
        """Count up, and give the number."""
        return self._changed(1)

    def getAndIncrement(self) -> int:
        """Give the number, and count up."""
        return self._given(self._changed(1) - 1)

    def decrementAndGet(self) -> int:
        """Count down, and give the number."""
        return self._changed(-1)

    def getAndDecrement(self) -> int:
        """Give the number, and count down."""
        return self._given(self._changed(-1) + 1)

    def addAndGet(self, by: int) -> int:
        """Add to the number, and give it."""
        return self._changed(by)

    def getAndAdd(self, by: int) -> int:
        """Give the number, and add to it."""
        before = self._value
        self._changed(by)
        return self._given(before)

    def toString(self) -> str:
        """Write the number."""
        return str(self._value)


class AtomicLong(AtomicInteger):
    """A Long that is changed in its place."""

    java_name = "java.util.concurrent.atomic.AtomicLong"
    _bits = LONG_BITS


class StringTokenizer(JavaObject):
    """The parts of a text between marks."""

    java_name = "java.util.StringTokenizer"

    def __init__(self, text: str, marks: str = " \t\n\r\f", keeps: bool = False) -> None:  # noqa: FBT001, FBT002
        if keeps:
            raise IllegalArgumentException("a StringTokenizer that gives its marks is not covered")
        spaced = text.translate(dict.fromkeys(map(ord, marks), "\0"))
        self._left = [part for part in spaced.split("\0") if part]

    def hasMoreTokens(self) -> bool:
        """Whether there is another part."""
        return bool(self._left)

    def hasMoreElements(self) -> bool:
        """Whether there is another part."""
        return bool(self._left)

    def countTokens(self) -> int:
        """Give how many parts are left."""
        return len(self._left)

    def nextToken(self) -> str:
        """Give the next part."""
        if not self._left:
            raise NoSuchElementException(None)
        return self._left.pop(0)

    def nextElement(self) -> str:
        """Give the next part."""
        return self.nextToken()


class Random(JavaObject):
    """Random numbers; a seed gives others than Java's, so none is taken."""

    java_name = "java.util.Random"

    def nextInt(self, bound: int | None = None) -> int:
        """Give a number from 0 up to a bound."""
        if bound is None:
            return random.getrandbits(INT_BITS) - (1 << (INT_BITS - 1))
        if bound <= 0:
            raise IllegalArgumentException("bound must be positive")
        return random.randrange(bound)

    def nextLong(self) -> Long:
        """Give a number."""
        return Long(random.getrandbits(LONG_BITS) - (1 << (LONG_BITS - 1)))

    def nextDouble(self) -> float:
        """Give a number from 0 to 1."""
        return random.random()

    def nextBoolean(self) -> bool:
        """Give true or false."""
        return random.random() < 0.5  # noqa: PLR2004 - as often one as the other


class UUID(JavaObject):
    """An identifier of 128 bits."""

    java_name = "java.util.UUID"

    def __init__(self, most: int, least: int | None = None) -> None:
        half = 1 << LONG_BITS
        self._id = uuid.UUID(int=most if least is None else (most % half) * half + least % half)

    @staticmethod
    def randomUUID() -> UUID:
        """Give a new one."""
        return UUID(uuid.uuid4().int)

    @staticmethod
    def fromString(text: str) -> UUID:
        """Read one."""
        try:
            return UUID(uuid.UUID(str(text)).int)
        except ValueError as error:
            raise IllegalArgumentException(f"Invalid UUID string: {text}") from error

    @staticmethod
    def nameUUIDFromBytes(data: bytes) -> UUID:
        """Give the one that a name always has."""
        digest = bytearray(hashlib.md5(bytes(data), usedforsecurity=False).digest())
        digest[6] = digest[6] & 0x0F | 0x30
        digest[8] = digest[8] & 0x3F | 0x80
        return UUID(int.from_bytes(digest, "big"))

    def getMostSignificantBits(self) -> Long:
        """Give the first half."""
        return Long(wrap(self._id.int >> LONG_BITS, LONG_BITS))

    def getLeastSignificantBits(self) -> Long:
        """Give the second half."""
        return Long(wrap(self._id.int, LONG_BITS))

    def equals(self, other: Value) -> bool:
        """Whether it is the same."""
        return isinstance(other, UUID) and self._id == other._id  # noqa: SLF001 - of its own class

    def toString(self) -> str:
        """Write it."""
        return str(self._id)


def signed_magnitude(sign: int, data: bytes | bytearray) -> BigInteger:
    """``new BigInteger(sign, bytes)``."""
    return BigInteger(sign * int.from_bytes(bytes(data), "big"))
