"""Exit statuses, and which error ends with which.

0: done. 1: there are findings, or what was asked for failed. 2: the command, its settings or the machine must be mended
first. 3: nobody answers at the other end.
"""

from __future__ import annotations

import click

from runtime.errors import NuclideError
from runtime.testkit.player.failures import NoAnswer, Refused

FAILED = 1
WRONG = 2
UNREACHABLE = 3


class Failed(NuclideError):
    """Raised when the command was right and what it asked for did not succeed."""


class Unreachable(NuclideError):
    """Raised when nobody answers at the socket that the command asks."""


class _Failed(click.ClickException):
    exit_code = FAILED


class _Wrong(click.ClickException):
    exit_code = WRONG


class _Unreachable(click.ClickException):
    exit_code = UNREACHABLE


def as_failure(error: NuclideError) -> click.ClickException:
    """Give the exception by which click prints `error` in one line on stderr and ends with its status."""
    if isinstance(error, Unreachable | NoAnswer):
        return _Unreachable(str(error))
    return (_Failed if isinstance(error, Failed | Refused) else _Wrong)(str(error))
