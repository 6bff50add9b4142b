"""Reading a source: everything about it that can be known before its connections are opened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TypeVar

import structlog
from msgspec import Struct

from runtime.bundle.findings import Findings
from runtime.bundle.machine import Machine
from runtime.bundle.read import bundle_of
from runtime.bundle.sources import Sources, read_sources
from runtime.bundle.table import claims_of
from runtime.deploy.decide import Broken, Going, Restless, Seen, Sound
from runtime.deploy.look import Fingerprint, fingerprint
from runtime.deploy.versions import Versions
from runtime.engine.deployment import Prepared, prepare
from runtime.engine.scripts.proving import prove_scripts
from runtime.engine.scripts.workers import ScriptLimits
from runtime.errors import BundleError, HostError, Place, Problem
from runtime.model.bundle import Bundle
from runtime.sdk.connector import Catalogue

T = TypeVar("T")

_log = structlog.get_logger("nuclide.deploy")


class Candidate(Struct, frozen=True):
    """A source as it was read. `digest` is None when its files could not be read; `prepared` when it has mistakes."""

    fingerprint: Fingerprint
    digest: str | None
    seen: Sound | Broken
    prepared: Prepared | None = None


def fingerprints(candidates: Mapping[str, Candidate]) -> dict[str, Fingerprint]:
    """Give what was seen of each source."""
    return {source: candidate.fingerprint for source, candidate in candidates.items()}


def seen_of(candidates: Mapping[str, Candidate], restless: Collection[str], going: Collection[str]) -> dict[str, Seen]:
    """Give what is known of each source."""
    seen: dict[str, Seen] = {source: candidate.seen for source, candidate in candidates.items()}
    seen |= {source: Restless() for source in restless}
    return seen | {source: Going() for source in going}


class Reader:
    """Reads sources, imports their scripts aside, and holds each to its own tests: `tests_within` is in seconds.

    Its methods take up to seconds and wait for disks: call them in a thread.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        versions: Versions,
        machine: Machine,
        tests_within: float,
        scripts: ScriptLimits,
    ) -> None:
        self._scripts = scripts
        self._catalogue = catalogue
        self._tests_within = tests_within
        self._machine = machine
        self._versions = versions

    def read(self, path: Path, expected: Fingerprint, known: Candidate | None) -> Candidate | None:
        """Read a source that looks as `expected`, and keep its version; None when it has changed meanwhile.

        `known` is what was read of it before: the same digest means the same again.
        """
        candidate = self._guarded(path, expected, known)
        return candidate if fingerprint(path) == expected else None

    def kept(self, digest: str) -> Prepared | None:
        """Read a kept version; None when it is not kept.

        Raises:
            BundleError: it cannot be used any more, because a connector or a setting has changed.
        """
        path = self._versions.path(digest)
        if path is None:
            return None
        return _guard(lambda: self._prepared(*read_sources(path)))

    def contents(self, digest: str) -> Mapping[str, bytes] | None:
        """Give the files of a kept version; None when it is not kept."""
        path = self._versions.path(digest)
        return None if path is None else read_sources(path)[0].contents

    def _prepared(self, sources: Sources, findings: Findings) -> Prepared:
        return prepare(bundle_of(sources, findings, self._catalogue), self._catalogue, self._machine)

    def _prove(self, bundle: Bundle, sources: Sources) -> None:
        """Hold a bundle to its own tests; a daemon whose bundles have none never loads what plays them."""
        if any(path.startswith("tests/") for path in sources.contents):
            from runtime.testkit.cases.run import prove  # noqa: PLC0415 - see above

            prove(bundle, sources, self._catalogue, within=self._tests_within, scripts=self._scripts)

    def _guarded(self, path: Path, expected: Fingerprint, known: Candidate | None) -> Candidate:
        try:
            sources, findings = _guard(lambda: read_sources(path))
        except BundleError as error:
            return Candidate(expected, None, Broken(error.problems))
        digest = sources.digest
        if known is not None and known.digest == digest:
            return Candidate(expected, digest, known.seen, known.prepared)
        try:
            prepared = _guard(lambda: self._prepared(sources, findings))
            _guard(lambda: prove_scripts(prepared.bundle, self._scripts))
            _guard(lambda: self._prove(prepared.bundle, sources))
            self._versions.keep(sources)
        except BundleError as error:
            return Candidate(expected, digest, Broken(error.problems))
        except HostError as error:  # without a digest it is read again, whether or not it has changed
            return Candidate(expected, None, Broken((Problem(code=error.code, message=str(error), place=Place()),)))
        return Candidate(expected, digest, Sound(digest, claims_of(path.name, prepared.bundle)), prepared)


def _guard(work: Callable[[], T]) -> T:
    """Do what reads somebody's upload: whatever happens is a problem of that bundle, and harms nothing else."""
    try:
        return work()
    except BundleError:
        raise
    except OSError as error:
        raise _refused("bundle.unreadable", f"the bundle cannot be read: {error.strerror or error}") from error
    except Exception as error:  # a mistake of ours that this bundle brings to light
        _log.error("reading a bundle failed unexpectedly", exc_info=error)
        raise _refused("bundle.unexpected", f"the runtime failed on it: {type(error).__name__}: {error}") from error


def _refused(code: str, message: str) -> BundleError:
    return BundleError((Problem(code=code, message=message, place=Place()),))
