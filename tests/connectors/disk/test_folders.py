from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from connectors.disk import CONNECTOR
from connectors.disk.folders import names_of, opened
from connectors.disk.settings import Settings
from runtime.sdk.connector import Reply
from runtime.sdk.contract import a_call
from runtime.sdk.faults import ApplicationFault, NotSent

OUTSIDE = b"outside"

PARTS = st.one_of(
    st.sampled_from(
        ["..", ".", "", "in", "out", "file", "loop", "\0", "...", ".. ", "~", "%2e%2e", "..\\", "\uff0e\uff0e"]
    ),
    st.text(max_size=4),
)
PATHS = st.lists(PARTS, min_size=1, max_size=6).map("/".join)


def prepare(outside: Path) -> Path:
    """Make a folder full of ways out, beside a file that must never be read or changed."""
    (outside / "file").write_bytes(OUTSIDE)
    root = outside / "root"
    (root / "in").mkdir(parents=True)
    (root / "out").symlink_to(outside)
    (root / "up").symlink_to("..")
    (root / "loop").symlink_to("loop")
    (root / "file").symlink_to("../file")
    (root / "in" / "out").symlink_to("/")
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give such a folder."""
    return prepare(tmp_path)


POLICIES = ("forbid", "unique", "overwrite", "append")
OPERATIONS: list[tuple[str, str, dict[str, str]]] = [
    ("get", "file", {}),
    ("delete", "file", {}),
    *(
        ("create", "file", {"if_exists": policy, "make_folders": "true"})
        for policy in ("forbid", "unique", "overwrite", "append")
    ),
    ("list", "folder", {}),
    ("query", "folder", {"pattern": "**"}),
    ("query", "pattern", {}),
]


@given(PATHS, st.sampled_from(OPERATIONS))
def test_no_path_leaves_the_folder(path: str, what: tuple[str, str, dict[str, str]]) -> None:
    """Whatever a path says, and whatever links there are: nothing outside is read, listed, made, changed or removed."""
    operation, field, others = what
    with tempfile.TemporaryDirectory() as folder:
        outside = Path(folder)
        root = prepare(outside)
        for reply in run(root, operation, {**others, field: path}):
            assert reply.content != OUTSIDE
            assert (root / reply.meta["file"]).parent.resolve().is_relative_to(root.resolve())
        assert (outside / "file").read_bytes() == OUTSIDE
        assert {entry.name for entry in outside.iterdir()} == {"file", "root"}


def run(root: Path, operation: str, fields: dict[str, str]) -> tuple[Reply, ...]:
    """Make one call; a fault gives nothing."""
    spec = CONNECTOR.operation(operation)
    assert spec is not None

    async def main() -> tuple[Reply, ...]:
        try:
            made = a_call(msgspec.convert(fields, spec.fields, strict=False), b"inside")
            async with CONNECTOR.open(Settings(folder=str(root))) as connection:
                return await connection.execute(operation, made)
        except (ApplicationFault, NotSent, msgspec.ValidationError):
            return ()

    found: tuple[Reply, ...] = trio.run(main)
    return found


@pytest.mark.parametrize(
    "path",
    [
        *("", "/etc/passwd", "..", "../file", "a/../../file", "a/..", "./a", "a//b", "a/"),
        *("a\0b", ".nuclide-1/a", "a/" * 64 + "a", "\ud800"),
    ],
)
def test_an_unsafe_path_is_not_looked_up(path: str) -> None:
    """A path that is absolute, climbs or cannot be a path is refused before the disk is asked."""
    with pytest.raises(NotSent) as refused:
        names_of(path)
    assert refused.value.code == "disk.unsafe-path"


@pytest.mark.parametrize("path", ["a", "a/b.c", "...", ".hidden", "a b/ü", "a\\..\\b", "~", "$HOME"])
def test_a_plain_path_is_taken_as_it_is(path: str) -> None:
    """What is no separator has no meaning."""
    assert "/".join(names_of(path)) == path


@pytest.mark.parametrize(("operation", "fields"), [("get", {}), ("create", {"if_exists": "append"})])
def test_a_link_is_not_followed(root: Path, operation: str, fields: dict[str, Any]) -> None:
    """A link is refused wherever it stands: as the file, or on the way to it."""
    for path in ("file", "out/file", "up/file", "loop", "loop/file", "in/out/etc/hostname"):
        assert run(root, operation, {"file": path, **fields}) == ()


def test_a_link_that_comes_in_between_is_not_followed(tmp_path: Path) -> None:
    """A folder that becomes a link while a path is walked does not lead out."""
    outside, root = tmp_path / "outside", tmp_path / "root"
    (outside / "b").mkdir(parents=True)
    (root / "a" / "b").mkdir(parents=True)
    end = threading.Event()

    def exchange() -> None:
        while not end.is_set():
            (root / "a").rename(root / "kept")
            (root / "a").symlink_to(outside)
            (root / "a").unlink()
            (root / "kept").rename(root / "a")

    here = os.open(root, os.O_RDONLY)
    thread = threading.Thread(target=exchange)
    thread.start()
    try:
        inside = (root / "a" / "b", root / "kept" / "b")
        for _ in range(300):
            try:
                with opened(here, ("a", "b")) as found:
                    where = Path(f"/proc/self/fd/{found}").readlink()
            except OSError:
                continue
            assert where in inside
    finally:
        end.set()
        thread.join()
        os.close(here)


def test_a_replaced_link_is_the_link_itself(root: Path) -> None:
    """To overwrite or delete a link does so to the link, not to what it points to."""
    (root / "in" / "link").symlink_to("../../file")
    run(root, "create", {"file": "in/link", "if_exists": "overwrite"})
    assert (root / "in" / "link").read_bytes() == b"inside"
    assert not (root / "in" / "link").is_symlink()
    (root / "in" / "link").unlink()
    (root / "in" / "link").symlink_to("../../file")
    run(root, "delete", {"file": "in/link"})
    assert not os.path.lexists(root / "in" / "link")
    assert (root.parent / "file").read_bytes() == OUTSIDE
