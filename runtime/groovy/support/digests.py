"""``Base64``, ``MessageDigest`` and ``Mac``."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from runtime.groovy.support.charsets import encode
from runtime.groovy.support.errors import (
    IllegalArgumentException,
    IllegalStateException,
    InvalidKeyException,
    NoSuchAlgorithmException,
)
from runtime.groovy.support.values import JavaObject, Value


class Base64(JavaObject):
    """Bytes as letters; an object of it is an encoder and a decoder."""

    java_name = "java.util.Base64"

    def __init__(self, *, for_urls: bool = False, pads: bool = True, lines: bool = False) -> None:
        self._for_urls = for_urls
        self._pads = pads
        self._lines = lines

    @staticmethod
    def getMimeEncoder() -> Base64:
        """Give the encoder that writes lines of 76 letters."""
        return Base64(lines=True)

    @staticmethod
    def getMimeDecoder() -> Base64:
        """Give the decoder that passes over what is no letter."""
        return Base64(lines=True)

    def withoutPadding(self) -> Base64:
        """Give the encoder that ends without ``=``."""
        return Base64(for_urls=self._for_urls, pads=False, lines=self._lines)

    @staticmethod
    def getEncoder() -> Base64:
        """Give the encoder."""
        return Base64()

    @staticmethod
    def getDecoder() -> Base64:
        """Give the decoder."""
        return Base64()

    @staticmethod
    def getUrlEncoder() -> Base64:
        """Give the encoder for addresses."""
        return Base64(for_urls=True)

    @staticmethod
    def getUrlDecoder() -> Base64:
        """Give the decoder for addresses."""
        return Base64(for_urls=True)

    def encodeToString(self, data: bytes) -> str:
        """Write bytes as letters."""
        return self.encode(data).decode("ascii")

    def encode(self, data: bytes) -> bytes:
        """Write bytes as letters, themselves as bytes."""
        made = base64.urlsafe_b64encode(data) if self._for_urls else base64.b64encode(data)
        if not self._pads:
            made = made.rstrip(b"=")
        return b"\r\n".join(made[at : at + 76] for at in range(0, len(made), 76)) if self._lines else made

    def decode(self, text: Value) -> bytes:
        """Read letters."""
        data = text if isinstance(text, bytes | bytearray) else encode(text)
        if self._lines:
            data = bytes(byte for byte in data if byte in _LETTERS)
        return decoded(data, for_urls=self._for_urls)


_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")


def decoded(data: bytes | bytearray, *, for_urls: bool = False) -> bytes:
    """Give the bytes that letters of Base64 stand for.

    Raises:
        IllegalArgumentException: they are none.
    """
    try:
        padded = data + b"=" * (-len(data) % 4)
        return base64.b64decode(padded, altchars=b"-_" if for_urls else None, validate=True)
    except (binascii.Error, ValueError) as error:
        raise IllegalArgumentException(f"Illegal base64: {error}") from error


_DIGESTS = {"MD5": "md5", "SHA-1": "sha1", "SHA1": "sha1", "SHA": "sha1", "SHA-256": "sha256", "SHA-512": "sha512"}


class MessageDigest(JavaObject):
    """A digest of bytes."""

    java_name = "java.security.MessageDigest"

    def __init__(self, name: str) -> None:
        self._hash = hashlib.new(_DIGESTS[name], usedforsecurity=False)

    @staticmethod
    def getInstance(name: str) -> MessageDigest:
        """Give the digest of that name."""
        if name.upper() not in _DIGESTS:
            raise NoSuchAlgorithmException(f"{name} MessageDigest not available")
        return MessageDigest(name.upper())

    def update(self, data: bytes) -> None:
        """Take bytes up."""
        self._hash.update(data)

    def digest(self, data: bytes = b"") -> bytes:
        """Give the digest, and begin anew."""
        self._hash.update(data)
        made = self._hash.digest()
        self.reset()
        return made

    def reset(self) -> None:
        """Begin anew."""
        self._hash = hashlib.new(self._hash.name, usedforsecurity=False)


_MACS = {
    "HMACMD5": "md5", "HMACSHA1": "sha1", "HMACSHA224": "sha224", "HMACSHA256": "sha256", "HMACSHA384": "sha384",
    "HMACSHA512": "sha512",
}  # fmt: skip


class SecretKeySpec(JavaObject):
    """The bytes of a key. What it is for is not looked at, as in Java."""

    java_name = "javax.crypto.spec.SecretKeySpec"

    def __init__(self, data: bytes | None, algorithm: str | None) -> None:
        if data is None or algorithm is None:
            raise IllegalArgumentException("Missing argument")
        if not data:
            raise IllegalArgumentException("Empty key")
        self._data = data
        self._algorithm = algorithm

    def getEncoded(self) -> bytes:
        """Give the bytes."""
        return self._data

    def getAlgorithm(self) -> str:
        """Give what it is for."""
        return self._algorithm


class Mac(JavaObject):
    """A digest that only who has the key can make; after each it begins anew with the same key."""

    java_name = "javax.crypto.Mac"

    def __init__(self, name: str) -> None:
        self._name = name
        self._key: bytes | None = None
        self._taken = bytearray()

    @staticmethod
    def getInstance(name: str) -> Mac:
        """Give the one of that name."""
        if name.upper() not in _MACS:
            raise NoSuchAlgorithmException(f"Algorithm {name} not available")
        return Mac(name)

    def getAlgorithm(self) -> str:
        """Give its name."""
        return self._name

    def getMacLength(self) -> int:
        """Give how many bytes it has."""
        return hashlib.new(_MACS[self._name.upper()], usedforsecurity=False).digest_size

    def init(self, key: SecretKeySpec | None) -> None:
        """Take the key, and begin."""
        if not isinstance(key, SecretKeySpec):
            raise InvalidKeyException("No installed provider supports this key: (null)")
        self._key = key.getEncoded()
        self._taken.clear()

    def update(self, data: bytes) -> None:
        """Take bytes up."""
        if self._key is None:
            raise IllegalStateException("MAC not initialized")
        self._taken += data

    def doFinal(self, data: bytes = b"") -> bytes:
        """Give the digest of what was taken up."""
        self.update(data)
        made = hmac.digest(self._key or b"", bytes(self._taken), _MACS[self._name.upper()])
        self._taken.clear()
        return made

    def reset(self) -> None:
        """Forget what was taken up."""
        self._taken.clear()
