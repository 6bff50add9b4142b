from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import HostError, StoreError
from runtime.store.cipher import KEY_BYTES, OVERHEAD, Cipher, open_cipher
from tests.store.examples import KEY

if TYPE_CHECKING:
    from pathlib import Path


@given(st.binary(), st.text(max_size=20), st.text(max_size=20))
def test_opened_is_what_was_sealed(clear: bytes, execution: str, kind: str) -> None:
    """What is sealed comes back the same, and costs a fixed number of bytes more."""
    cipher = Cipher(KEY)
    sealed = cipher.seal(clear, execution=execution, kind=kind)
    assert cipher.open(sealed, execution=execution, kind=kind) == clear
    assert len(sealed) == len(clear) + OVERHEAD


@given(st.data())
def test_altered_is_not_opened(data: st.DataObject) -> None:
    """Whatever bit is changed, and wherever it is cut off, the payload is damaged."""
    sealed = Cipher(KEY).seal(b"secret", execution="ex-1", kind="start")
    at = data.draw(st.integers(0, len(sealed) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = sealed[:at] + bytes([sealed[at] ^ (1 << bit)]) + sealed[at + 1 :]
    for damaged in (changed, sealed[:at]):
        with pytest.raises(StoreError, match=r"store\.damaged"):
            Cipher(KEY).open(damaged, execution="ex-1", kind="start")


@pytest.mark.parametrize(
    ("key", "execution", "kind"), [(bytes(32), "ex-1", "start"), (KEY, "ex-2", "start"), (KEY, "ex-1", "answer")]
)
def test_payload_is_bound_to_its_use(key: bytes, execution: str, kind: str) -> None:
    """A payload does not open with another key, for another execution, or as another kind."""
    sealed = Cipher(KEY).seal(b"secret", execution="ex-1", kind="start")
    with pytest.raises(StoreError, match=r"store\.damaged"):
        Cipher(key).open(sealed, execution=execution, kind=kind)


def test_same_payload_is_never_sealed_the_same() -> None:
    """Nobody can tell from two sealed payloads that their content is equal."""
    cipher = Cipher(KEY)
    assert cipher.seal(b"same", execution="ex-1", kind="start") != cipher.seal(b"same", execution="ex-1", kind="start")


def test_key_is_made_once(tmp_path: Path) -> None:
    """A state folder without a key gets one, for its owner alone, and keeps it; nothing else is left behind."""
    state = tmp_path / "state"
    sealed = open_cipher(state, {}).seal(b"secret", execution="ex-1", kind="start")
    assert open_cipher(state, {}).open(sealed, execution="ex-1", kind="start") == b"secret"
    assert [path.name for path in state.iterdir()] == ["key"]
    assert (state / "key").stat().st_mode & 0o777 == 0o600
    assert len((state / "key").read_bytes()) == KEY_BYTES


def test_credential_comes_first(tmp_path: Path) -> None:
    """A key that systemd hands over is used, and none is made; without one in its folder the state folder's is."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    environ = {"CREDENTIALS_DIRECTORY": str(credentials)}
    open_cipher(tmp_path / "without", environ)
    assert (tmp_path / "without" / "key").exists()
    (credentials / "nuclide-key").write_bytes(KEY)
    sealed = open_cipher(tmp_path / "with", environ).seal(b"secret", execution="ex-1", kind="start")
    assert Cipher(KEY).open(sealed, execution="ex-1", kind="start") == b"secret"
    assert not (tmp_path / "with").exists()


def test_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """A key file with permissions for others is no secret: the operator is told."""
    open_cipher(tmp_path, {})
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(HostError, match=r"host\.key-open"):
        open_cipher(tmp_path, {})


def test_key_of_another_length_is_refused(tmp_path: Path) -> None:
    """A key that was cut off, or written as text, is not used."""
    (tmp_path / "key").write_bytes(KEY.hex().encode())
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(HostError, match=r"host\.key-length"):
        open_cipher(tmp_path, {})


def test_folder_that_cannot_hold_a_key_is_named(tmp_path: Path) -> None:
    """Where no key can be made, the error says so."""
    (tmp_path / "state").write_bytes(b"a file where a folder belongs")
    with pytest.raises(HostError, match=r"host\.key-unreadable"):
        open_cipher(tmp_path / "state", {})
