"""How answers look in a terminal: aligned columns, short times, colour only for what needs a person."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GAP = "  "
DIGEST_SHOWN = 12  # characters: as many as tell versions apart
NARROWEST = 20  # characters that the last column keeps, however narrow the terminal

_COLOURS = {
    "running": "green",
    "waiting": "cyan",
    "held": "cyan",
    "due": "yellow",
    "parked": "yellow",
    "paused": "yellow",
    "listening": "green",
    "errored": "red",
    "starting": "yellow",
    "stopping": "yellow",
    "error": "red",
    "dead": "red",
}
_UNITS = ((86_400, "days"), (3_600, "h"), (60, "min"))  # in seconds, longest first
_TWICE = 2  # "90 s" says more than "1 min"


def zone_time(time: datetime, zone: str) -> str:
    """Give a time as a clock in its zone shows it, with the difference to UTC."""
    from zoneinfo import ZoneInfo

    return time.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %z")


def print_json(value: object) -> None:
    """Print `value` as indented JSON; decimals keep their digits."""
    encoded = msgspec.json.Encoder(decimal_format="number").encode(value)
    click.echo(msgspec.json.format(encoded, indent=2).decode())


def print_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below their titles; nothing when there are no rows. On a terminal the last column is cut to fit."""
    cells = [[printable(cell) for cell in row] for row in rows]
    if not cells:
        return
    head = [title.upper() for title in titles]
    widths = [max(len(row[column]) for row in (head, *cells)) for column in range(len(titles))]
    widths[-1] = _last_width(widths)
    click.secho(_line(head, widths), bold=True)
    for row in cells:
        click.echo(_line(row, widths, coloured=True))


def print_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Print names and values, one pair a line; pairs without a value are left out."""
    told = [(name, value) for name, value in pairs if value]
    longest = max(len(name) for name, _ in told)
    for name, value in told:
        click.echo(f"{click.style(f'{name:{longest}}', bold=True)}{GAP}{_styled(printable(value))}")


def printable(text: str) -> str:
    """Give `text` in one line without control characters: what another system wrote must not steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def duration(seconds: float) -> str:
    """Give a length of time as a person says it: ``12 s``, ``3 min``, ``26 h``, ``3 days``."""
    for length, unit in _UNITS:
        if seconds >= _TWICE * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def now() -> datetime:
    """Give the time that it is."""
    return datetime.now(UTC)


def since(moment: datetime) -> str:
    """Give the time that has passed since `moment`."""
    return duration((now() - moment).total_seconds())


def until(moment: datetime) -> str:
    """Give the time from now to `moment`; ``now`` within the last second and after."""
    seconds = (moment - now()).total_seconds()
    return "now" if seconds < 1 else f"in {duration(seconds)}"


def clock_time(moment: datetime) -> str:
    """Give a point in time on the clock of whoever reads it, with its offset."""
    return moment.astimezone().isoformat(sep=" ", timespec="seconds")


def _line(row: Sequence[str], widths: Sequence[int], *, coloured: bool = False) -> str:
    *left, last = (_cut(cell, width) for cell, width in zip(row, widths, strict=True))
    padded = [(_styled(cell) if coloured else cell) + " " * (width - len(cell)) for cell, width in zip(left, widths)]  # noqa: B905 - the last is not padded
    return GAP.join([*padded, _styled(last) if coloured else last]).rstrip()


def _styled(cell: str) -> str:
    return click.style(cell, fg=_COLOURS[cell]) if cell in _COLOURS else cell


def _cut(cell: str, width: int) -> str:
    return cell if len(cell) <= width else f"{cell[: width - 1]}…"


def _last_width(widths: Sequence[int]) -> int:
    if not sys.stdout.isatty():
        return widths[-1]
    import shutil  # it brings the archivers along, and only a terminal wants it

    taken = sum(widths[:-1]) + len(GAP) * (len(widths) - 1)
    return max(NARROWEST, min(widths[-1], shutil.get_terminal_size().columns - taken))
