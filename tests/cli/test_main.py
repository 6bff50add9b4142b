"""The laws of the command line."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from typing import TYPE_CHECKING

import msgspec
import pytest

from runtime.cli.main import VERBS
from runtime.errors import HostError
from runtime.host.version import version
from runtime.settings import Settings, entries
from tests.cli.daemon import nuclide

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Stand in for the daemon: keep the settings that it is started with, and end with status 3."""
    kept: list[Settings] = []

    def serve(settings: Settings, *, safe: bool = False) -> int:
        kept.append(settings)
        return 3

    daemon = types.ModuleType("runtime.daemon")
    daemon.__dict__["main"] = serve
    monkeypatch.setitem(sys.modules, "runtime.daemon", daemon)
    return kept


MOST_MODULES = 40  # of ours and the standard library's, beyond click and msgspec; the largest verb has 34


def test_the_command_line_starts_without_trio() -> None:
    """Importing the command and every verb of it imports neither trio nor the web server, nor what finds connectors."""
    code = """
import sys, click
from runtime.cli.main import main
def load(group, ctx):
    for name in group.list_commands(ctx):
        verb = group.get_command(ctx, name)
        if isinstance(verb, click.Group):
            load(verb, ctx)
load(main, click.Context(main))
print(*(sys.modules.keys() & {'trio', 'asyncio', 'quart', 'hypercorn', 'apsw', 'httpx2', 'rich', 'runtime.plugins'}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_verb_pays_for_itself_alone() -> None:
    """`nuclide version` imports no other verb."""
    code = """
import sys
from runtime.cli.main import main
main(["version"], standalone_mode=False)
print(*sorted(name for name in sys.modules if name in {'runtime.cli.ps', 'runtime.cli.lint', 'http.client'}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == [""]


WANTED = (
    "run ps executions logs tail trace deploy undeploy rollback history diff lint test execute listeners schedules "
    "user doctor completion"
)


def test_a_start_costs_click_the_answers_and_little_else() -> None:
    """A verb is a file of its own, and imports few modules beyond the libraries that it speaks with.

    Times depend on the machine; what is imported does not. Click and msgspec are 40 of the 150 ms of processor time
    that a start may take.
    """
    code = """
import sys, click, msgspec
from importlib import import_module
before = set(sys.modules)
from runtime.cli.main import VERBS
import_module(VERBS[sys.argv[1]].partition(":")[0])
print(len(sys.modules.keys() - before), *(sys.modules.keys() & {'shutil', 'http.client', 'zoneinfo', 'email', 'ssl'}))
"""
    assert len({VERBS[verb] for verb in WANTED.split()}) == len({VERBS[verb].split(":")[0] for verb in WANTED.split()})
    for verb in ("ps", "executions", "listeners", "lint", "run", "completion"):
        done = subprocess.run([sys.executable, "-c", code, verb], capture_output=True, text=True, check=True)
        count, *heavy = done.stdout.split()
        assert int(count) <= MOST_MODULES, verb
        assert heavy == [], verb


def test_the_version_is_told() -> None:
    """`nuclide version` prints the installed version and the Python that runs it."""
    result = nuclide("version")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"nuclide {version()} (Python 3.")


def test_a_misspelt_verb_is_met_with_the_right_one() -> None:
    """An unknown verb is refused with the one that was probably meant."""
    result = nuclide("setings")
    assert result.exit_code == 2
    assert "Did you mean 'settings'?" in result.stderr
    assert "Did you mean 'describe'?" in nuclide("flow", "descibe").stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete_the_command(shell: str) -> None:
    """`nuclide completion` prints a script for each shell, and the script's questions are answered."""
    script = nuclide("completion", shell).stdout
    assert f"_NUCLIDE_COMPLETE={shell}_complete" in script
    question = {"_NUCLIDE_COMPLETE": "bash_complete", "COMP_WORDS": "nuclide exec", "COMP_CWORD": "1"}
    code = "from runtime.cli.main import main; main(prog_name='nuclide')"
    environ = {**os.environ, **question}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)
    assert done.stdout == "plain,execute\nplain,executions\n"


def test_settings_and_version_as_json() -> None:
    """`--json` gives every setting with its origin, and the version, to programs."""
    settings = msgspec.json.decode(nuclide("settings", "--json", NUCLIDE_SERVER_PORT="8080").stdout)
    assert settings["server.port"] == {"value": "8080", "origin": "NUCLIDE_SERVER_PORT"}
    assert msgspec.json.decode(nuclide("version", "--json").stdout)["nuclide"] == version()


def test_every_setting_is_printed_with_its_origin(tmp_path: Path) -> None:
    """`nuclide settings` prints each setting once, with its value in force and where that comes from."""
    path = tmp_path / "nuclide.toml"
    path.write_text("[store]\ngroup = 3\n")
    result = nuclide("settings", "--config", str(path), NUCLIDE_SERVER_PORT="8080")
    rows = [line.split() for line in result.stdout.splitlines()]
    assert [row[0] for row in rows] == [name for name, _ in entries(Settings())]
    assert ["server.port", "8080", "NUCLIDE_SERVER_PORT"] in rows
    assert ["store.group", "3", f"{path}:2"] in rows
    assert ["server.keep_alive", "75", "s", "default"] in rows


def test_a_secret_setting_is_printed_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting whose name tells of a secret is printed without its value."""
    monkeypatch.setattr("runtime.cli.settings.entries", lambda _: iter([("server.password", "hunter2")]))
    monkeypatch.setattr("runtime.cli.settings.load", lambda *_: (Settings(), {"server.password": "default"}))
    result = nuclide("settings")
    assert result.stdout.split() == ["server.password", "***", "default"]


@pytest.mark.parametrize("verb", ["run", "settings"])
def test_a_wrong_setting_is_one_line_and_status_2(verb: str, served: list[Settings]) -> None:
    """A mistake in the settings is told in one line on stderr, without a traceback, and nothing is started."""
    result = nuclide(verb, NUCLIDE_SERVER_PROT="1")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "did you mean 'server.port'?" in result.stderr
    assert served == []


def test_the_daemon_gets_the_settings_and_gives_the_status(tmp_path: Path, served: list[Settings]) -> None:
    """`nuclide run` starts the daemon with the settings in force; the daemon's status is the command's."""
    path = tmp_path / "nuclide.toml"
    path.write_text("[server]\nport = 1\n")
    assert nuclide("run", NUCLIDE_CONFIG=str(path), NUCLIDE_LOG_LEVEL="debug").exit_code == 3
    (settings,) = served
    assert (settings.server.port, settings.log.level) == (1, "debug")


def test_a_machine_in_the_way_is_one_line_and_status_2(monkeypatch: pytest.MonkeyPatch, served: list[Settings]) -> None:
    """An error that the daemon ends with for the operator's sake is one line on stderr, too."""

    def serve(_: Settings, *, safe: bool) -> int:
        raise HostError("host.second-daemon", "daemon 7 already uses this state folder")

    monkeypatch.setattr(sys.modules["runtime.daemon"], "main", serve)
    result = nuclide("run")
    assert result.exit_code == 2
    assert result.stderr == "Error: daemon 7 already uses this state folder [host.second-daemon]\n"
