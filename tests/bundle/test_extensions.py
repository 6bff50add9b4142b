"""What a machine gives to a bundle, and what is told when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.bundle.filling import Filled, fill
from runtime.bundle.machine import Machine, NoValue, variable_of
from runtime.engine.deployment import prepare
from runtime.errors import BundleError, Problem
from tests.bundle.house import CATALOGUE, SOUND, Files, problems, read

HEAD = """\
name: pricing
version: 1
needs: { http: 1 }
extensions:
  url: { description: Where the catalogue answers }
  region: { default: eu }
  retries: { type: number, default: 3 }
  dry: { type: boolean, required: false }
  token: secret
"""
CONNECTION = """\
connector: http
url: ${extension.url}/${extension.region}
password: ${extension.token}
"""
PROCESS = """\
name: P
start: no data
properties: { region: "${extension.region}", note: "dry: ${extension.dry}", dry: "${extension.dry}", most: 5 }
steps: [ message: "${process.region}" ]
"""
FILES: Files = {
    **SOUND,
    "bundle.yaml": HEAD,
    "connections/catalogue.yaml": CONNECTION,
    "processes/p.yaml": PROCESS,
}
SECRET = "hunter2"


def machine(folder: Path, toml: str, **environ: str) -> Machine:
    """Give a machine with this file of extensions and this environment."""
    file = folder / "extensions.toml"
    file.write_text(toml, encoding="utf-8")
    return Machine(file, environ)


def refused(folder: Path, made: Machine, files: Files = FILES) -> tuple[Problem, ...]:
    """Give why a machine does not suffice."""
    with pytest.raises(BundleError) as caught:
        fill(read(folder / "bundle", files), made)
    return caught.value.problems


def filled(folder: Path, made: Machine, files: Files = FILES) -> Filled:
    """Complete the bundle of these tests."""
    return fill(read(folder / "bundle", files), made)


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    """The last of default, file and environment that names an extension decides."""
    toml = '[pricing]\nurl = "http://file"\nregion = "us"\ntoken = "env:TOKEN"\n'
    made = machine(tmp_path, toml, NUCLIDE_EXT_PRICING_URL="http://environment", TOKEN=SECRET)
    found = filled(tmp_path, made)
    assert found.connections["catalogue"] == {"url": "http://environment/us", "password": SECRET}
    assert found.properties["P"] == {"region": "us", "note": "dry: ", "most": "5"}
    assert found.warnings == ()


def test_an_optional_extension_without_a_value_leaves_its_setting_at_the_default(tmp_path: Path) -> None:
    """Where it is all that a text says, there is no text; within a text it is empty."""
    made = Machine(None, {"NUCLIDE_EXT_PRICING_URL": "http://a", "NUCLIDE_EXT_PRICING_TOKEN": SECRET})
    properties = filled(tmp_path, made).properties["P"]
    assert "dry" not in properties
    assert properties["note"] == "dry: "


def test_a_missing_value_refuses_the_bundle_with_its_cure(tmp_path: Path) -> None:
    """Place, purpose and the two ways to mend it are told, for every value at once."""
    file = tmp_path / "extensions.toml"
    found = refused(tmp_path, Machine(file, {}))
    assert [str(problem) for problem in found] == [
        (
            "bundle.yaml:5:3: this machine gives no 'url' (Where the catalogue answers) [bundle.extension-missing] "
            f"(add 'url = …' below [pricing] in {file}, or set NUCLIDE_EXT_PRICING_URL)"
        ),
        (
            "bundle.yaml:9:3: this machine gives no 'token' [bundle.extension-missing] "
            f"(add 'token = \"file:/path\"' below [pricing] in {file}, or set NUCLIDE_EXT_PRICING_TOKEN)"
        ),
    ]


def test_a_misspelt_value_is_named_where_one_is_missing(tmp_path: Path) -> None:
    """The cure for a missing value is most often a name in the file."""
    made = machine(tmp_path, '[pricing]\nurll = "http://a"\ntoken = "env:T"\n', T=SECRET)
    (problem,) = refused(tmp_path, made)
    assert problem.hint == f"{made.extensions} has 'urll': did you mean 'url'?"


def test_a_value_that_nobody_asks_for_is_a_warning(tmp_path: Path) -> None:
    """It may be an older version's, so it refuses nothing."""
    made = machine(tmp_path, '[pricing]\nurl = "http://a"\nregoin = "us"\n', NUCLIDE_EXT_PRICING_TOKEN=SECRET)
    (warning,) = filled(tmp_path, made).warnings
    assert (warning.code, warning.severity) == ("bundle.extension-unknown", "warning")
    assert warning.hint == "did you mean 'region'?"


@pytest.mark.parametrize("kind", ["file", "credential", "variable"])
def test_a_secret_comes_from_where_it_is_kept(tmp_path: Path, kind: str) -> None:
    """By a file, a credential of the service, or a variable; the line end of a file is not part of it."""
    (tmp_path / "token").write_text(f"{SECRET}\n", encoding="utf-8")
    given = {"NUCLIDE_EXT_PRICING_URL": "http://a"}
    files: Files = {**FILES, "connections/catalogue.yaml": CONNECTION.replace("extension.token", "secret.token")}
    match kind:
        case "file":
            files, made = FILES, machine(tmp_path, f'[pricing]\ntoken = "file:{tmp_path}/token"\n', **given)
        case "credential":
            made = Machine(None, {**given, "CREDENTIALS_DIRECTORY": str(tmp_path), "NUCLIDE_SECRET_TOKEN": "other"})
        case _:
            made = Machine(None, {**given, "NUCLIDE_SECRET_TOKEN": SECRET})
    if kind != "file":
        made = Machine(made.extensions, {**made.environ, "NUCLIDE_EXT_PRICING_TOKEN": "unused"})
    assert filled(tmp_path, made, files).connections["catalogue"]["password"] == SECRET


def test_a_variable_of_the_environment_fills_a_connection(tmp_path: Path) -> None:
    """`${env.NAME}` needs no declaration; a missing one is told at its place."""
    files = {**SOUND, "connections/catalogue.yaml": "connector: http\nurl: http://${env.HOST}:80\n"}
    assert filled(tmp_path, Machine(None, {"HOST": "a"}), files).connections["catalogue"]["url"] == "http://a:80"
    (problem,) = refused(tmp_path, Machine(), files)
    assert (str(problem.place), problem.message) == (
        "connections/catalogue.yaml:2:13",
        "the variable HOST is not set",
    )


@pytest.mark.parametrize(
    "toml",
    [
        f'[pricing]\nurl = "http://a"\ntoken = "{SECRET}"\n',  # the secret itself
        f'[pricing]\nurl = "http://a"\ntoken = "file:/nowhere/token"\nretries = "{SECRET}"\n',
        f'[pricing]\nurl = ["{SECRET}"]\n',
        f'[pricing]\nurl = "{SECRET}\n',  # not TOML
        f'pricing = "{SECRET}"\n',
        f'[pricing]\nurl = "http://a"\ndry = "{SECRET}"\ntoken = "env:NOWHERE"\n',
    ],
)
def test_no_message_shows_a_value(tmp_path: Path, toml: str) -> None:
    """Whatever is wrong with a value, it stays unseen."""
    found = refused(tmp_path, machine(tmp_path, toml, HIDDEN=SECRET))
    assert found
    assert SECRET not in "".join(repr(problem) for problem in found)


def test_a_value_that_does_not_fit_its_setting_stays_unseen(tmp_path: Path) -> None:
    """The connector's own type refuses it, by the name of the field alone."""
    head = HEAD + "  most: string\n"
    files = {**FILES, "bundle.yaml": head, "connections/c.yaml": "connector: typed\ncount: ${extension.most}\n"}
    environ = {variable_of("pricing", name): SECRET for name in ("url", "token", "most")}
    bundle = read(tmp_path, {**files, "bundle.yaml": head.replace("http: 1", "http: 1, typed: 1")})
    with pytest.raises(BundleError) as caught:
        prepare(bundle, CATALOGUE, Machine(None, environ))
    (problem,) = caught.value.problems
    assert str(problem) == (
        "connections/c.yaml:2:8: the value of 'count' does not fit the connection 'c' [bundle.connection] "
        "(write a count from 0)"
    )


def test_what_holds_values_prints_none() -> None:
    """Neither the machine nor a completed bundle gives a secret away in a trace."""
    assert SECRET not in repr(Machine(None, {"A": SECRET}))
    assert SECRET not in repr(Filled({"c": {"password": SECRET}}, {}))


@given(bundle=st.text(min_size=1, max_size=8), name=st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True))
def test_every_extension_has_a_variable_that_a_shell_can_set(bundle: str, name: str) -> None:
    """Whatever a bundle is called, its values can come from the environment."""
    assert variable_of(bundle, name).replace("_", "").isalnum()
    assert variable_of(bundle, name).isascii()


MISTAKES = {
    # what is wrong: the file, its text, the code, a part of the message
    "default of the wrong kind": ("bundle.yaml", HEAD.replace("default: 3", "default: x"), "extension", "not a number"),
    "default and required": ("bundle.yaml", HEAD.replace("eu }", "eu, required: true }"), "extension", "never missing"),
    "secret with a default": ("bundle.yaml", HEAD.replace("secret", "{ type: secret, default: x }"), "secret", "no"),
    "unknown kind": ("bundle.yaml", HEAD.replace("number", "nummer"), "unknown-value", "'nummer'"),
    "unusable name": ("bundle.yaml", HEAD.replace("region:", "my region:"), "wrong-type", "my region"),
    "unknown extension": (
        "connections/catalogue.yaml",
        CONNECTION.replace("extension.url", "extension.uri"),
        "unknown-reference",
        "extension 'uri'",
    ),
    "an expression": (
        "connections/catalogue.yaml",
        CONNECTION.replace("extension.url", "'a' + 'b'"),
        "connection-reference",
        "computed nowhere",
    ),
    "secret in a property": (
        "processes/p.yaml",
        PROCESS.replace("n.region", "n.token"),
        "connection-reference",
        "secret",
    ),
    "variable in a property": (
        "processes/p.yaml",
        PROCESS.replace("extension.region", "env.X"),
        "connection-reference",
        "",
    ),
    "process. in front": ("processes/p.yaml", PROCESS.replace("{ region", "{ process.region"), "wrong-type", "its own"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_with_extensions_are_told_when_the_bundle_is_read(tmp_path: Path, name: str) -> None:
    """No machine is needed to see them."""
    file, text, code, message = MISTAKES[name]
    assert text != FILES[file]
    found = [problem for problem in problems(tmp_path, {**FILES, file: text}) if problem.code == f"bundle.{code}"]
    assert found
    assert message in found[0].message


def test_files_beside_win_over_the_one_that_is_named(tmp_path: Path) -> None:
    """Values of ``extensions.d/*.toml`` are added by name, the last one wins, and others of the same bundle stay."""
    file, beside = tmp_path / "extensions.toml", tmp_path / "extensions.d"
    beside.mkdir()
    file.write_text('[a]\nx = "1"\ny = "1"\n')
    (beside / "10.toml").write_text('[a]\nx = "2"\n[b]\nz = "2"\n')
    (beside / "20.toml").write_text('[a]\nx = "3"\n')
    (beside / "30.txt").write_text("nonsense")
    machine = Machine(file, {})
    assert (machine.table("a"), machine.table("b")) == ({"x": "3", "y": "1"}, {"z": "2"})
    (beside / "20.toml").write_text("nonsense")
    with pytest.raises(NoValue, match=r"20\.toml"):
        machine.table("a")


COMMANDS = {
    "command:/bin/echo s3cret": "s3cret",
    "command:/bin/sh -c 'printf x; exit 3'": None,
    "command:/no/such/program": None,
    "command:": None,
}


def test_a_secret_that_cannot_be_masked_is_refused(tmp_path: Path) -> None:
    """A text of a few characters stands in others by chance; an empty one says that there is none."""
    given = {"NUCLIDE_EXT_PRICING_URL": "http://a"}
    (problem,) = refused(tmp_path, Machine(None, {**given, "NUCLIDE_EXT_PRICING_TOKEN": "canry"}))
    assert problem.code == "bundle.secret-short"
    assert "canry" not in str(problem)
    for token in (SECRET, ""):
        made = filled(tmp_path, Machine(None, {**given, "NUCLIDE_EXT_PRICING_TOKEN": token}))
        assert [secret.reveal() for secret in made.secrets] == [token] * bool(token)


@pytest.mark.parametrize("reference", COMMANDS)
def test_a_command_may_tell_a_secret(reference: str) -> None:
    """It is run without a shell; one that fails is told by its name, and what it printed is in no message."""
    if COMMANDS[reference] is not None:
        assert Machine(None, {}).referred(reference) == COMMANDS[reference]
        return
    with pytest.raises(NoValue) as caught:
        Machine(None, {}).referred(reference)
    assert "x;" not in str(caught.value)


def test_a_folder_of_credentials_holds_a_secret_a_file(tmp_path: Path) -> None:
    """Loaded as a folder, each credential has the folder's name before its own."""
    (tmp_path / "secrets_token").write_text("s3cret\n")
    assert Machine(None, {"CREDENTIALS_DIRECTORY": str(tmp_path)}).secret("token") == "s3cret"
