"""Sealing: what must not be read on disk is encrypted, and bound to the execution and the purpose it was written for.

AES-256-GCM under one key for each execution, derived from the key of the state folder: the messages under any one key
stay far below the 2^32 at which random nonces begin to matter. Bound data (execution and kind) keeps a sealed payload
from being read in another's place.
"""

from __future__ import annotations

import os
import secrets
import stat
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from runtime.errors import HostError, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_BYTES = 32
CREDENTIAL = "nuclide-key"  # the name under which systemd hands the key over (LoadCredential, LoadCredentialEncrypted)

_FORMAT = b"\x01"  # the first byte of everything sealed: room for another algorithm
_NONCE_BYTES = 12  # what GCM is made for
_NONCES = 256  # fetched at once: 3 KB, for a group of commits
_TAG_BYTES = 16
OVERHEAD = len(_FORMAT) + _NONCE_BYTES + _TAG_BYTES  # bytes that sealing adds


class Cipher:
    """Seals and opens payloads; safe to use from several threads."""

    def __init__(self, key: bytes) -> None:
        """Use `key` (32 random bytes).

        Raises:
            HostError: the key has another length.
        """
        if len(key) != KEY_BYTES:
            raise HostError(
                "host.key-length",
                f"the key of the state folder has {len(key)} bytes, not {KEY_BYTES}",
                hint="restore the key that the state was written with; a new one: head -c 32 /dev/urandom",
            )
        self._key = key
        self._nonces = _Nonces()

    def seal(self, clear: bytes, *, execution: str, kind: str) -> bytes:
        """Give `clear` encrypted for one execution and one kind of use (``start``, ``record`` …)."""
        return self.seals(execution).seal(clear, kind)

    def seals(self, execution: str) -> Seals:
        """Give what seals payloads of one execution, whose key is then derived once; for one thread."""
        return Seals(self._aead(execution), execution, self._nonces)

    def open(self, sealed: bytes, *, execution: str, kind: str) -> bytes:
        """Give what was sealed for this execution and kind.

        Raises:
            StoreError: it was sealed for another use or with another key, or was altered (code ``store.damaged``).
        """
        nonce = sealed[len(_FORMAT) : len(_FORMAT) + _NONCE_BYTES]
        body = sealed[len(_FORMAT) + _NONCE_BYTES :]
        if len(sealed) < OVERHEAD or not sealed.startswith(_FORMAT):
            raise _damaged(execution, kind)
        try:
            return self._aead(execution).decrypt(nonce, body, _bound(execution, kind))
        except InvalidTag:
            raise _damaged(execution, kind) from None

    def _aead(self, execution: str) -> AESGCM:
        return AESGCM(blake2b(execution.encode(), key=self._key, digest_size=KEY_BYTES).digest())


class _Nonces:
    """Random nonces, many fetched at once: whoever asks the system for some may lose its turn to another thread."""

    def __init__(self) -> None:
        self._left: list[bytes] = []

    def take(self) -> bytes:
        """Give one that nobody else gets; from any thread."""
        try:
            return self._left.pop()
        except IndexError:
            data = os.urandom(_NONCE_BYTES * _NONCES)
            self._left += [data[start : start + _NONCE_BYTES] for start in range(_NONCE_BYTES, len(data), _NONCE_BYTES)]
            return data[:_NONCE_BYTES]


class Seals:
    """Seals payloads of one execution."""

    __slots__ = ("_aead", "_execution", "_nonces")

    def __init__(self, aead: AESGCM, execution: str, nonces: _Nonces) -> None:
        self._aead = aead
        self._execution = execution
        self._nonces = nonces

    def seal(self, clear: bytes, kind: str) -> bytes:
        """Give `clear` encrypted for one kind of use, as `Cipher.seal` does."""
        nonce = self._nonces.take()
        return b"".join((_FORMAT, nonce, self._aead.encrypt(nonce, clear, _bound(self._execution, kind))))


def open_cipher(state: Path, environ: Mapping[str, str]) -> Cipher:
    """Give the cipher of a state folder.

    The key is the systemd credential ``nuclide-key`` where the service has one (`environ` names its folder), else the
    file ``key`` of the state folder, made with random bytes when it is missing.

    Raises:
        HostError: the key cannot be read or made, has the wrong length, or is a file that others may read.
    """
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    try:
        if credentials is not None and (credential := Path(credentials, CREDENTIAL)).exists():
            return Cipher(credential.read_bytes())
        return Cipher(_read_private(_made(state / "key")))
    except OSError as error:
        raise HostError("host.key-unreadable", f"cannot read or make the key of the state folder: {error}") from error


def _made(path: Path) -> Path:
    """Make the key file if it is missing: whole or not at all, and never over one that another process made."""
    if path.exists():
        return path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        _publish(draft, path)
    finally:
        draft.unlink()
    return path


def _publish(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first; its key counts
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_private(path: Path) -> bytes:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise HostError(
                "host.key-open",
                f"others than its owner may use the key file {path} (mode {mode:o})",
                hint=f"chmod 600 {path}, and think about who may have read it",
            )
        return file.read()


def _bound(execution: str, kind: str) -> bytes:
    return f"{execution}\0{kind}".encode()


def _damaged(execution: str, kind: str) -> StoreError:
    return StoreError(
        "store.damaged",
        f"the {kind} of {execution} cannot be opened",
        hint="it was altered on disk, or the key is not the one it was sealed with",
    )
