"""The daemon: its composition root, and what that is made of."""

from runtime.daemon.root import daemon, main

__all__ = ["daemon", "main"]
