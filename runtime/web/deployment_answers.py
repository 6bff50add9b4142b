"""What the admin API answers about versions; shared with those who read it, such as the command line."""

from __future__ import annotations

from typing import Literal

from runtime.web.admin_answers import Answer, Time


class DeploymentEvent(Answer, frozen=True, kw_only=True):
    """Something that happened to a bundle; `who` owns its files, or gave the order."""

    at: Time
    what: Literal["deployed", "removed", "refused", "rolled back"]
    source: str
    bundle: str | None
    version: str | None
    digest: str | None
    replaces: str | None
    who: str | None
    reasons: tuple[str, ...]


class DeploymentHistory(Answer, frozen=True, kw_only=True):
    """Events, the newest first."""

    events: tuple[DeploymentEvent, ...]


class RolledBack(Answer, frozen=True, kw_only=True):
    """The version that serves again."""

    bundle: str
    digest: str


class Uploaded(Answer, frozen=True, kw_only=True):
    """The version that was sent serves; `changed` is false where it did so before."""

    bundle: str
    version: str
    digest: str
    changed: bool


class Undeployed(Answer, frozen=True, kw_only=True):
    """The version that served until now."""

    bundle: str
    digest: str


class Differences(Answer, frozen=True, kw_only=True):
    """What differs between two versions, as a unified diff of their files."""

    older: str
    newer: str
    diff: str


class Looked(Answer, frozen=True, kw_only=True):
    """The folder of bundles is looked at now."""

    looking: bool = True
