"""The laws of the settings."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest

from runtime.cli.main import main
from runtime.errors import SettingsError
from runtime.settings import Settings, entries, load

REFERENCE = Path(__file__).parents[2] / "conf" / "nuclide.toml"
EXAMPLES = REFERENCE.with_name("examples.toml")


def write(folder: Path, text: str) -> Path:
    """Write a settings file and give its path."""
    path = folder / "nuclide.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path | None, environ: dict[str, str]) -> SettingsError:
    """Give the error that these settings are refused with."""
    with pytest.raises(SettingsError) as caught:
        load(path, environ)
    return caught.value


def test_nothing_given_is_the_defaults() -> None:
    """Without a file and variables every setting has its default, and says so."""
    settings, origins = load(None, {"HOME": "/root", "PATH": "/bin"})
    assert settings == Settings()
    assert set(origins.values()) == {"default"}
    assert list(origins) == [name for name, _ in entries(settings)]


def test_the_reference_file_changes_nothing() -> None:
    """`conf/nuclide.toml` as it ships sets nothing: each line shows a default."""
    settings, origins = load(REFERENCE, {})
    assert settings == Settings()
    assert set(origins.values()) == {"default"}


def test_the_reference_file_lists_every_setting_with_its_true_default(tmp_path: Path) -> None:
    """With its lines uncommented `conf/nuclide.toml` names each setting once, with its default; none is missing."""
    text = REFERENCE.read_text(encoding="utf-8")
    uncommented = re.sub(r"(?m)^#(?=\w)", "", text)
    tables = tomllib.loads(uncommented)
    named = [f"{section}.{key}" for section, table in tables.items() for key in table]
    assert named == [name for name, _ in entries(Settings())]
    settings, origins = load(write(tmp_path, uncommented), {})
    assert settings == Settings()
    assert "default" not in origins.values()


def test_the_reference_file_gives_each_setting_a_reason() -> None:
    """Above each setting of `conf/nuclide.toml` stands why it is as it is."""
    lines = REFERENCE.read_text(encoding="utf-8").splitlines()
    unexplained = [line for above, line in itertools.pairwise(lines) if line[1:2].isalpha() and above[:2] != "# "]
    assert [line for line in unexplained if line.startswith("#")] == []


def test_the_examples_keep_their_state_in_the_checkout_and_may_call_this_machine() -> None:
    """`make run` serves the example bundles and lets a Flow player on this machine be called back."""
    settings, _ = load(EXAMPLES, {})
    assert settings.bundles.folder == Path("processes")
    assert "127.0.0.1:*" in settings.callbacks.allow
    assert set(Settings().callbacks.allow) < set(settings.callbacks.allow)


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    """The last of default, file and environment that names a setting decides, and is its origin."""
    path = write(tmp_path, "[server]\nport = 8080\n\n[store]\ngroup = 3\n")
    settings, origins = load(path, {"NUCLIDE_SERVER_PORT": "7070"})
    assert (settings.server.port, settings.store.group, settings.store.queue) == (7070, 3, 10_000)
    assert origins["server.port"] == "NUCLIDE_SERVER_PORT"
    assert origins["store.group"] == f"{path}:5"
    assert origins["store.queue"] == "default"


def test_texts_of_the_environment_become_the_types_of_their_settings() -> None:
    """A variable is a text; its setting's type says how it is read."""
    settings, _ = load(
        None,
        {
            "NUCLIDE_SERVER_BODY_LIMIT": "1 MiB",
            "NUCLIDE_EXECUTIONS_SUSPEND_AFTER": "500 ms",
            "NUCLIDE_CALLBACKS_ALLOW": "127.0.0.1, *.example.org",
            "NUCLIDE_STATE_FOLDER": "/var/lib/nuclide",
            "NUCLIDE_LOG_FORMAT": "json",
        },
    )
    assert settings.server.body_limit == 1024**2
    assert settings.executions.suspend_after == 0.5
    assert settings.callbacks.allow == ("127.0.0.1", "*.example.org")
    assert settings.state.folder == Path("/var/lib/nuclide")
    assert settings.log.format == "json"


def test_an_unknown_setting_is_an_error_at_its_line(tmp_path: Path) -> None:
    """A misspelt setting is refused with its file and line and the name that was meant."""
    error = refusal(write(tmp_path, "[server]\nport = 1\nbody_limt = '1 MiB'\n"), {})
    assert error.code == "settings.unknown-key"
    assert (error.place and error.place.line) == 3
    assert error.hint == "did you mean 'server.body_limit'?"


def test_an_unknown_section_is_an_error_at_its_line(tmp_path: Path) -> None:
    """A misspelt section is refused with its line and the name that was meant."""
    error = refusal(write(tmp_path, "\n[sever]\n"), {})
    assert error.code == "settings.unknown-section"
    assert (error.place and error.place.line) == 2
    assert error.hint == "did you mean 'server'?"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("NUCLIDE_SERVER_PROT", "server.port"),
        ("NUCLIDE_EXECUTION_LEASE", "executions"),
        ("NUCLIDE_LOG_LEVLE", "log.level"),
    ],
)
def test_a_misspelt_variable_is_an_error(name: str, hint: str) -> None:
    """A variable with our prefix that names no setting is refused, not ignored."""
    error = refusal(None, {name: "1"})
    assert name in str(error)
    assert error.hint == f"did you mean '{hint}'?"


def test_variables_of_options_of_the_command_line_disturb_no_settings() -> None:
    """Each is exported for some verb of `nuclide`, and the others go on as if it were not there."""
    options = {name for parameter in parameters(main) for name in variables(parameter)}
    assert "NUCLIDE_FLOW_PASSWORD" in options
    assert load(None, dict.fromkeys(options, "x"))[0] == Settings()


def parameters(command: click.Command) -> Iterator[click.Parameter]:
    """Give the parameters of a command and of all below it."""
    yield from command.params
    if isinstance(command, click.Group):
        with click.Context(command) as ctx:
            for name in command.list_commands(ctx):
                below = command.get_command(ctx, name)
                assert below is not None
                yield from parameters(below)


def variables(parameter: click.Parameter) -> Sequence[str]:
    """Give the variables that a parameter is read from."""
    found = parameter.envvar
    return [found] if isinstance(found, str) else list(found or ())


def test_a_variable_of_one_word_names_no_setting() -> None:
    """`NUCLIDE_CONFIG` and its like belong to the command, not to the settings."""
    assert load(None, {"NUCLIDE_CONFIG": "x", "NUCLIDE_": "y"})[0] == Settings()


def test_values_for_bundles_are_no_settings() -> None:
    """`NUCLIDE_EXT_…` and `NUCLIDE_SECRET_…` belong to bundles; the settings do not judge them."""
    assert load(None, {"NUCLIDE_EXT_PRICING_REGION": "eu", "NUCLIDE_SECRET_TOKEN": "t"})[0] == Settings()


def test_the_values_of_extensions_stand_beside_the_bundles() -> None:
    """A relative file counts from the folder around the bundles, an absolute one from nowhere."""
    settings, _ = load(None, {"NUCLIDE_BUNDLES_FOLDER": "/srv/nuclide/bundles"})
    assert settings.extensions_file == Path("/srv/nuclide/extensions.toml")
    settings, _ = load(None, {"NUCLIDE_BUNDLES_EXTENSIONS": "/etc/nuclide/extensions.toml"})
    assert settings.extensions_file == Path("/etc/nuclide/extensions.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[server]\nport = 'x'", "server.port: Expected `int`"),
        ("[server]\nport = 65536", "server.port: Expected `int` <= 65535"),
        ("[server]\nport = '9090'", "server.port: Expected `int`"),
        ("[server]\nkeep_alive = 75", "server.keep_alive: '75' has no unit"),
        ("[server]\nkeep_alive = '0 s'", "server.keep_alive: Expected `float` > 0"),
        ("[log]\nlevel = 'loud'", "log.level: Invalid enum value 'loud'"),
        ("[state]\nfolder = 3", "state.folder: expected a path"),
        ("[callbacks]\nallow = [1]", "callbacks.allow: Expected `str`"),
        ("server = 3", "server is a section"),
        ("[server\n", "Expected ']'"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_place(tmp_path: Path, text: str, message: str) -> None:
    """A value of the wrong type, unit or range is refused with the setting, the file and what was expected."""
    path = write(tmp_path, text)
    error = refusal(path, {})
    assert message in error.message
    assert error.place is not None
    assert error.place.file == str(path)


@pytest.mark.parametrize(
    "environ",
    [
        {"NUCLIDE_EXECUTIONS_LEASE": "1 s"},
        {"NUCLIDE_CALLBACKS_LONGEST_RETRY": "500 ms"},
        {"NUCLIDE_DOCUMENTS_PAYLOAD_IN_MEMORY": "9 MiB"},
    ],
)
def test_settings_that_contradict_each_other_are_refused(environ: dict[str, str]) -> None:
    """Two settings that cannot both hold are refused together at the start."""
    assert refusal(None, environ).code == "settings.contradiction"


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A settings file that was asked for and is not there stops the start: the defaults are not what was wanted."""
    assert refusal(tmp_path / "absent.toml", {}).code == "settings.unreadable"


def test_what_is_printed_reads_back_as_the_same_settings() -> None:
    """The values that `nuclide settings` prints can be given back through the environment unchanged."""
    printed = {f"NUCLIDE_{name.replace('.', '_').upper()}": value for name, value in entries(Settings())}
    assert load(None, printed)[0] == Settings()
