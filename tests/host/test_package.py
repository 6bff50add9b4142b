"""The laws of the Debian package: what it is made of is there, and fits together. `make deb` builds it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from runtime.settings import load

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "conf" / "packaging"
SCRIPTS = ("postinst", "prerm", "postrm", "nuclide", "build")


def contents() -> dict[str, str]:
    """Give what the package installs: the place, and the source."""
    found = YAML(typ="safe").load(PACKAGING / "nfpm.yaml")
    return {entry["dst"]: entry["src"] for entry in found["contents"]}


def test_everything_that_is_packed_is_there() -> None:
    """Each file of the package stands in the checkout, but for what the build makes."""
    for source in contents().values():
        assert source.startswith("build/deb/") or (ROOT / source).is_file(), source


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_understood(name: str) -> None:
    """Each script is one that its shell can read, and that may be run."""
    script = PACKAGING / name
    shell = "bash" if "bash" in script.read_text().splitlines()[0] else "sh"
    done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert script.stat().st_mode & 0o111


def test_the_settings_of_the_package_are_those_of_its_units() -> None:
    """State, admin socket and watched folder are where the unit and tmpfiles make room for them."""
    settings, _ = load(PACKAGING / "nuclide.toml", {})
    unit = (ROOT / "conf" / "nuclide.service").read_text()
    assert "StateDirectory=nuclide\n" in unit
    assert settings.state.folder == Path("/var/lib/nuclide")
    assert "RuntimeDirectory=nuclide\n" in unit
    assert settings.admin_socket == Path("/run/nuclide/admin.sock")
    made = re.findall(r"^d (\S+)", (ROOT / "conf" / "nuclide.tmpfiles").read_text(), re.MULTILINE)
    assert str(settings.bundles.folder) in made
    (command,) = re.findall(r"^ExecStart=(\S+) run --config (\S+)", unit, re.MULTILINE)
    assert command[0].startswith("/opt/nuclide/")
    assert command[1] in contents()


def test_the_command_means_the_daemon_of_this_machine(tmp_path: Path) -> None:
    """Without a setting of the caller's own, the packaged command reads the settings of the package."""
    file, program = tmp_path / "nuclide.toml", tmp_path / "program"
    program.write_text('#!/bin/sh\necho "$NUCLIDE_CONFIG" "$@"\n')
    program.chmod(0o755)
    script = (PACKAGING / "nuclide").read_text().replace("/etc/nuclide/nuclide.toml", str(file))
    command = ["sh", "-c", script.replace("/opt/nuclide/bin/nuclide", str(program)), "nuclide", "ps"]

    def said(**environ: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environ).stdout.strip()

    assert said() == "ps"
    file.touch()
    assert said() == f"{file} ps"
    assert said(NUCLIDE_CONFIG="other.toml") == "other.toml ps"
