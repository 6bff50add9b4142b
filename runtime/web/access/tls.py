"""TLS: the border to `ssl`. Contexts from files, and who the other end is."""

from __future__ import annotations

import ssl
from pathlib import Path

from msgspec import Struct

from runtime.errors import SettingsError

HANDSHAKE = 10.0  # seconds: for a caller to finish it
ALPN = ["h2", "http/1.1"]


class TlsFiles(Struct, frozen=True, kw_only=True):
    """The PEM files of a listener: its chain, the key to it, and who may sign client certificates.

    `required`: a caller without a certificate is refused in the handshake.
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None
    required: bool = False

    @property
    def paths(self) -> tuple[Path, ...]:
        """Give the files."""
        return (self.certificate, self.key) if self.client_ca is None else (self.certificate, self.key, self.client_ca)


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """Give a context made from the files; TLS 1.2 and newer, ciphers as `ssl` chooses them.

    Raises:
        SettingsError: a file cannot be read, is none, or the key is not that of the certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(ALPN)
    try:
        context.load_cert_chain(files.certificate, files.key, password=_no_password)
        if files.client_ca is not None:
            context.load_verify_locations(files.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED if files.required else ssl.CERT_OPTIONAL
    except (OSError, ssl.SSLError, ValueError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error)
        where = ", ".join(str(path) for path in files.paths)
        hint = "PEM files: the chain with the server's certificate first, and its key without a passphrase"
        raise SettingsError("tls.unusable", f"no TLS by {where}: {reason}", hint=hint) from error
    return context


def subject_of(certificate: object) -> str | None:
    """Give the name that a verified certificate is for: its common name, else its first alternative name."""
    if not isinstance(certificate, dict) or not certificate:
        return None
    names = dict(pair for part in certificate.get("subject", ()) for pair in part)
    if names.get("commonName"):
        return str(names["commonName"])
    return next((str(name) for _, name in certificate.get("subjectAltName", ())), None)


def _no_password() -> str:
    raise ValueError("the key has a passphrase")
