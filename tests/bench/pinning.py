"""Servers of a bench run on the first core and what loads them on the second, where there are two."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
SERVER_CORE, LOAD_CORE = 0, 1


def pinned(core: int) -> list[str]:
    """Give what runs a command on one core, where there are several."""
    return ["taskset", "-c", str(core)] if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else []
