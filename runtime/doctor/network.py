"""Certificates, and the hosts that are called back."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from runtime.doctor.finding import Patient, Said, error, ok, warning
from runtime.errors import SettingsError

SOON = timedelta(days=30)  # what a person needs to get a new certificate, holidays included
CONNECT = 3.0  # seconds for a host on the other side of the world
PORT = 443


def certificates(patient: Patient) -> Iterator[Said]:
    """The listener's certificate can be used, and will be for some time."""
    tls, server = patient.settings.tls, patient.settings.server
    if tls.certificate is None or tls.key is None:
        if server.host in {"127.0.0.1", "::1", "localhost"}:
            yield ok("no TLS, on loopback")
        else:
            yield warning(
                f"callers reach {server.host} without TLS", "set tls.certificate and tls.key, or a proxy in front"
            )
        return
    from runtime.web.access.tls import TlsFiles, server_context  # noqa: PLC0415 - most daemons have none

    try:
        server_context(TlsFiles(certificate=tls.certificate, key=tls.key, client_ca=tls.client_ca))
    except SettingsError as reason:
        yield error(reason.message, reason.hint)
        return
    for path in (tls.certificate, *(() if tls.client_ca is None else (tls.client_ca,))):
        yield from _expiries(path)


def _expiries(path: Path) -> Iterator[Said]:
    from cryptography import x509  # noqa: PLC0415 - most daemons have none

    now = datetime.now(UTC)
    for certificate in x509.load_pem_x509_certificates(path.read_bytes()):
        end = certificate.not_valid_after_utc
        told = f"{path}: {certificate.subject.rfc4514_string() or 'a certificate'} is valid until {end:%Y-%m-%d}"
        if end < now:
            yield error(told)
        elif certificate.not_valid_before_utc > now:
            yield error(f"{told}, from {certificate.not_valid_before_utc:%Y-%m-%d} on", "look at the clock, or wait")
        else:
            yield warning(told) if end - now < SOON else ok(told)


def callback_hosts(patient: Patient) -> Iterator[Said]:
    """Flow can be told: each host that is named can be reached; patterns with ``*`` name none."""
    allow = patient.settings.callbacks.allow
    if not allow:
        yield warning("no host may be called back, so that no slow call can end", "set callbacks.allow")
    for pattern in allow:
        host, colon, written = pattern.rpartition(":")
        host, written = (host, written) if colon else (pattern, "")
        if "*" in host or written == "*":
            yield ok(f"{pattern} is a pattern, and is not tried")
            continue
        try:
            socket.create_connection((host.strip("[]"), int(written or PORT)), CONNECT).close()
        except OSError as trouble:
            yield warning(f"{pattern} cannot be reached: {trouble.strerror or trouble}")
        else:
            yield ok(f"{pattern} answers")
