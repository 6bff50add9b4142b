"""Where settings come from: defaults, a TOML file, environment variables named ``NUCLIDE_<SECTION>_<KEY>``.

Later ones win. A name that is not a setting is an error in the file and in the environment alike: a misspelt limit must
not silently be no limit.
"""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from runtime.errors import Place, SettingsError
from runtime.model.units import format_duration, format_size, parse_duration, parse_size
from runtime.settings.sections import Section, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

DEFAULT_ORIGIN = "default"
_PREFIX = "NUCLIDE_"
_NO_SECTIONS = frozenset({"ext", "secret"})  # NUCLIDE_EXT_… and NUCLIDE_SECRET_… are values for bundles, no settings
_OPTIONS = frozenset(
    {"NUCLIDE_FLOW_API_KEY", "NUCLIDE_FLOW_PASSWORD", "NUCLIDE_TENANT_URL"}
)  # of verbs of the command line
_SECTIONS: dict[str, type[Section]] = get_type_hints(Settings)


def load(path: Path | None, environ: Mapping[str, str]) -> tuple[Settings, dict[str, str]]:
    """Give the settings, and the origin of each by its name (``server.port``).

    An origin is ``default``, the file and line that set it (``conf/nuclide.toml:12``), or the name of the variable.

    Raises:
        SettingsError: the file cannot be read, a name is unknown, a value is wrong, or two settings contradict.
    """
    chosen: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    origins = {name: DEFAULT_ORIGIN for name, _ in entries(Settings())}
    for given in (*_from_file(path), *_from_environment(environ)):
        chosen[given.section][given.key] = _convert(given)
        origins[f"{given.section}.{given.key}"] = given.origin
    sections: dict[str, Any] = {section: _SECTIONS[section](**values) for section, values in chosen.items()}
    settings = Settings(**sections)
    _check(settings)
    return settings, origins


def entries(settings: Settings) -> Iterator[tuple[str, str]]:
    """Give each setting as its name (``server.port``) and its value as text with its unit, in the order of sections."""
    for section, section_type in _SECTIONS.items():
        for key, annotation in get_type_hints(section_type, include_extras=True).items():
            yield f"{section}.{key}", _text(getattr(getattr(settings, section), key), annotation)


class _Given(Struct, frozen=True, kw_only=True):
    """One setting as somebody wrote it; `loose` values are texts whose type has to be read out of them."""

    section: str
    key: str
    value: object
    origin: str
    place: Place
    loose: bool = False


def _from_file(path: Path | None) -> Iterator[_Given]:
    if path is None:
        return
    text = _read(path)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("settings.syntax", str(error), place=Place(file=str(path))) from error
    lines = _lines(text)
    for section, table in tables.items():
        place = Place(file=str(path), line=lines.get(section))
        _known_section(section, place)
        if not isinstance(table, dict):
            raise SettingsError("settings.wrong-value", f"{section} is a section", place=place, hint=f"[{section}]")
        for key, value in table.items():
            at = Place(file=str(path), line=lines.get(f"{section}.{key}"))
            yield _Given(section=section, key=key, value=value, origin=str(at), place=at)


def _from_environment(environ: Mapping[str, str]) -> Iterator[_Given]:
    """Read ``NUCLIDE_<SECTION>_<KEY>``; one of one word (``NUCLIDE_CONFIG``) names no setting."""
    for name in sorted(environ):
        section, separator, key = name.removeprefix(_PREFIX).lower().partition("_")
        if name.startswith(_PREFIX) and separator and section not in _NO_SECTIONS and name not in _OPTIONS:
            place = Place(file=name)
            _known_section(section, place)
            yield _Given(section=section, key=key, value=environ[name], origin=name, place=place, loose=True)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("settings.unreadable", f"cannot read the settings: {error}") from error


def _lines(text: str) -> dict[str, int]:
    """Give the line of each section and setting; `tomllib` has read the text, so what looks like a name is one."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\s*([\w-]+)\s*\]", line):
            section = header[1]
            lines[section] = number
        elif key := re.match(r"\s*([\w.-]+)\s*=", line):
            lines[f"{section}.{key[1]}" if section else key[1]] = number
    return lines


def _known_section(section: str, place: Place) -> None:
    if section not in _SECTIONS:
        raise SettingsError(
            "settings.unknown-section", f"unknown section '{section}'", place=place, hint=_hint(section, _SECTIONS)
        )


def _convert(given: _Given) -> object:
    """Give the value as its setting's type; numbers with a unit are read, texts of the environment are taken apart."""
    annotations = get_type_hints(_SECTIONS[given.section], include_extras=True)
    name = f"{given.section}.{given.key}"
    if given.key not in annotations:
        known = [f"{given.section}.{key}" for key in annotations]
        raise SettingsError(
            "settings.unknown-key", f"unknown setting '{name}'", place=given.place, hint=_hint(name, known)
        )
    annotation = annotations[given.key]
    try:
        value = _take_apart(given.value, annotation, loose=given.loose)
        return msgspec.convert(value, annotation, strict=not given.loose, dec_hook=_decode)
    except ValueError as error:  # msgspec's ValidationError is one, too
        raise SettingsError("settings.wrong-value", f"{name}: {error}", place=given.place) from error


def _take_apart(value: object, annotation: object, *, loose: bool) -> object:
    unit = _unit(annotation)
    if unit == "duration":
        return parse_duration(str(value))
    if unit == "size":
        return parse_size(str(value))
    if value == "" and type(None) in get_args(annotation):
        return None
    if loose and isinstance(value, str) and get_origin(annotation) is tuple:
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _text(value: object, annotation: object) -> str:
    unit = _unit(annotation)
    if unit == "duration" and isinstance(value, float):
        return format_duration(value)
    if unit == "size" and isinstance(value, int):
        return format_size(value)
    if value is None:
        return ""
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _unit(annotation: object) -> str | None:
    """Give the unit that an annotation's marker names: ``duration``, ``size`` or none."""
    markers = (part.extra for part in get_args(annotation)[1:] if isinstance(part, Meta) and part.extra)
    return next((marker["unit"] for marker in markers), None)


def _decode(wanted: type, value: object) -> object:
    if wanted is Path and isinstance(value, str) and value:
        return Path(value)
    raise ValueError("expected a path")


def _hint(name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(names)}"


def _check(settings: Settings) -> None:
    """Refuse settings that contradict each other."""
    executions, callbacks, documents = settings.executions, settings.callbacks, settings.documents
    if executions.lease <= executions.recovery_interval:
        raise SettingsError(
            "settings.contradiction",
            "executions.lease must be longer than executions.recovery_interval",
            hint="a lease that ends before it is looked at gives running work away",
        )
    _check_access(settings)
    if callbacks.longest_retry < callbacks.first_retry:
        raise SettingsError(
            "settings.contradiction", "callbacks.longest_retry must not be shorter than callbacks.first_retry"
        )
    if documents.payload_in_memory > documents.in_memory_bytes:
        raise SettingsError(
            "settings.contradiction", "documents.payload_in_memory must not exceed documents.in_memory_bytes"
        )


def _check_access(settings: Settings) -> None:
    tls = settings.tls
    if (tls.certificate is None) != (tls.key is None):
        raise SettingsError("settings.contradiction", "tls.certificate and tls.key are set together, or neither is")
    if tls.client_ca is not None and tls.certificate is None:
        raise SettingsError("settings.contradiction", "tls.client_ca means nothing without tls.certificate")
    if settings.access.authentication == "certificate" and tls.client_ca is None:
        message = "access.authentication = certificate needs tls.client_ca"
        raise SettingsError("settings.contradiction", message, hint="the CA that signs the certificates of callers")
