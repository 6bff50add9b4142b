"""What one machine gives to the bundles on it: a file of extensions, variables of the environment, secrets.

    [greeting]                                  # the name of a bundle
    catalogue_url = "https://catalogue.example"
    token = "file:/run/secrets/token"           # a secret is referred to: file:… or env:…

Values are secrets until proven otherwise: no message names one.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from msgspec import Struct

LARGEST_FILE = 1024 * 1024  # bytes of the file of extensions: a value is a line
CREDENTIALS = "secrets"  # the name by which the service loads a whole folder: each file is ``secrets_<name>``
COMMAND_WITHIN = 10.0  # seconds for a command to tell a secret: a vault answers in one
LARGEST_SECRET = 64 * 1024  # bytes: a key with its chain of certificates


class NoValue(Exception):
    """Raised when a value cannot be had; its text says why and names no value."""


class Machine(Struct, frozen=True):
    """Where the values of this machine are. `extensions` is a TOML file that may be missing; `environ` as in `os`."""

    extensions: Path | None = None
    environ: Mapping[str, str] = {}

    def __repr__(self) -> str:
        """Show no variable: some of them are secret."""
        return f"Machine({self.extensions})"

    def table(self, bundle: str) -> dict[str, str]:
        """Give what the file says for a bundle, each value as text.

        Raises:
            NoValue: the file cannot be read, or is not what it should be.
        """
        tables = self._tables()
        table = tables.get(bundle, {})
        if not isinstance(table, dict):
            raise NoValue(f"in {self.extensions} '{bundle}' is a value; write [{bundle}] and the values below it")
        return {name: _text(name, value, self.extensions) for name, value in table.items()}

    def variable(self, bundle: str, name: str) -> str | None:
        """Give the value that the environment has for an extension."""
        return self.environ.get(variable_of(bundle, name))

    def secret(self, name: str) -> str:
        """Give the secret of that name: a credential of the service, else the variable ``NUCLIDE_SECRET_<NAME>``.

        Raises:
            NoValue: there is none, or it cannot be read.
        """
        folder = self.environ.get("CREDENTIALS_DIRECTORY")  # systemd: LoadCredential=
        for credential in (name, f"{CREDENTIALS}_{name}") if folder is not None else ():
            if (Path(folder or "") / credential).exists():
                return read_secret(Path(folder or "") / credential)
        variable = f"NUCLIDE_SECRET_{_upper(name)}"
        if variable not in self.environ:
            raise NoValue(f"there is no secret '{name}': give the service a credential '{name}', or set {variable}")
        return self.environ[variable]

    def environment(self, name: str) -> str:
        """Give a variable of the environment.

        Raises:
            NoValue: it is not set.
        """
        if name not in self.environ:
            raise NoValue(f"the variable {name} is not set")
        return self.environ[name]

    def referred(self, reference: str) -> str:
        """Give the secret that ``file:…``, ``env:…`` or ``command:…`` refers to.

        Raises:
            NoValue: it is no reference, or refers to nothing that can be read.
        """
        kind, _, rest = reference.partition(":")
        match kind:
            case "file" if rest:
                return read_secret(Path(rest))
            case "env" if rest:
                return self.environment(rest)
            case "command" if rest:
                return told_secret(rest)
            case _:
                message = (
                    "a secret is referred to: write file:/path, env:NAME or command:PROGRAM, never the secret itself"
                )
                raise NoValue(message)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of extensions: the one that is named, then those of the folder beside it (``.d/*.toml``)."""
        if self.extensions is None:
            return ()
        return (self.extensions, *sorted(self.extensions.with_suffix(".d").glob("*.toml")))

    def _tables(self) -> Mapping[str, object]:
        """Give the tables of all files; a value in a later file wins over the same one in an earlier."""
        merged: dict[str, object] = {}
        for file in self.files:
            for bundle, table in _read_tables(file).items():
                before = merged.get(bundle)
                merged[bundle] = {**before, **table} if isinstance(before, dict) and isinstance(table, dict) else table
        return merged


def _read_tables(file: Path) -> dict[str, object]:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise NoValue(f"{file} is larger than {LARGEST_FILE} bytes")
        return tomllib.loads(content.decode(), parse_float=str)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise NoValue(f"{file} cannot be read: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise NoValue(f"{file} is not TOML{_where(str(error))}") from None
    except UnicodeDecodeError:
        raise NoValue(f"{file} is not UTF-8") from None


def variable_of(bundle: str, name: str) -> str:
    """Give the variable that holds an extension: ``NUCLIDE_EXT_<BUNDLE>_<NAME>``, in capitals."""
    return f"NUCLIDE_EXT_{_upper(bundle)}_{_upper(name)}"


def near(name: str, given: Mapping[str, str]) -> str | None:
    """Give the name in `given` that was probably meant."""
    close = get_close_matches(name, given, n=1)
    return close[0] if close else None


def read_secret(path: Path) -> str:
    """Give the text of a file without the line end behind it.

    Raises:
        NoValue: it cannot be read, is no text, or too long.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_SECRET + 1)
        text = content.decode()
    except OSError as error:
        raise NoValue(f"the file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NoValue(f"the file {path} is not UTF-8") from None
    if len(content) > LARGEST_SECRET:
        raise NoValue(f"the file {path} is larger than {LARGEST_SECRET} bytes")
    return text.removesuffix("\n").removesuffix("\r")


def told_secret(command: str) -> str:
    """Give what a command prints, without the line end behind it. It is run without a shell and without input.

    Raises:
        NoValue: it cannot be run, fails, takes too long, or prints no text; what it printed is in no message.
    """
    program, *arguments = shlex.split(command) or [""]
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own file names it
            [program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_WITHIN, check=False
        )
        text = done.stdout.decode()
    except OSError as error:
        raise NoValue(f"the command {program} cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise NoValue(f"the command {program} has not ended within {COMMAND_WITHIN:g} s") from None
    except UnicodeDecodeError:
        raise NoValue(f"the command {program} prints no text") from None
    if done.returncode != 0 or len(done.stdout) > LARGEST_SECRET:
        raise NoValue(f"the command {program} ended with status {done.returncode}")
    return text.removesuffix("\n").removesuffix("\r")


def _upper(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def _where(error: str) -> str:
    """Give the place out of the message of a TOML error, and nothing else of it: it may quote what it met."""
    found = re.search(r"\(at line ([0-9]+), column ([0-9]+)\)", error)
    return f": look at line {found[1]}, column {found[2]}" if found is not None else ""


def _text(name: str, value: object, file: Path | None) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int():
            return str(value)
        case _:
            raise NoValue(f"in {file} the value of '{name}' is neither a text, a number nor true or false")
