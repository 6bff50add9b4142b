"""The laws of the unit files that ship."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

CONF = Path(__file__).parents[2] / "conf"
WORST = 1.5  # the exposure that the sandbox may have at the most
NOTIFY_RELOAD = 253  # the systemd that brought Type=notify-reload; an older one says that it does not know it

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Give the units with a program that is there."""
    program = tmp_path / "nuclide"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name in ("nuclide.service", "nuclide.socket"):
        text = (CONF / name).read_text().replace("/opt/nuclide/bin/nuclide", str(program))
        (tmp_path / name).write_text(text)
    return tmp_path


def analyze(*arguments: str, folder: Path) -> str:
    """Give what systemd-analyze says of the units."""
    command = [ANALYZE or "", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@needs_systemd
def test_the_units_are_understood(units: Path) -> None:
    """Systemd finds nothing to say of them, but for the type of service that an older one does not know."""
    version = int(re.findall(r"systemd (\d+)", analyze("--version", folder=units))[0])
    said = analyze("verify", "./nuclide.service", "./nuclide.socket", folder=units).splitlines()
    odd = [line for line in said if "nuclide" in line]
    if version < NOTIFY_RELOAD:
        odd = [line for line in odd if not line.endswith("ignoring: notify-reload")]
    assert odd == []


@needs_systemd
def test_the_sandbox_is_tight(units: Path) -> None:
    """The exposure is at most what the page of the units says."""
    said = analyze("security", "--offline=true", "--no-pager", "./nuclide.service", folder=units)
    score = re.search(r"Overall exposure level for nuclide\.service: ([0-9.]+)", said)
    assert score is not None, said
    assert float(score[1]) <= WORST


def test_each_exception_of_the_sandbox_is_explained() -> None:
    """What the sandbox leaves open has a reason in the page beside the units."""
    page = (CONF / "README.md").read_text()
    for name in ("RestrictAddressFamilies", "IPAddressDeny", "PrivateNetwork", "RootDirectory", "SystemCallFilter"):
        assert f"`{name}" in page
