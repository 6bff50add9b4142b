"""The settings of the daemon: frozen, typed, each with a default, a unit and a known origin."""

from runtime.settings.load import DEFAULT_ORIGIN, entries, load
from runtime.settings.sections import Bundles, Callbacks, Settings

__all__ = ["DEFAULT_ORIGIN", "Bundles", "Callbacks", "Settings", "entries", "load"]
