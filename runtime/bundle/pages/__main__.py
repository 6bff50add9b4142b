"""The page of all steps, in Markdown, on stdout."""

from __future__ import annotations

from runtime.bundle.pages import page

if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - this is what the command is for
