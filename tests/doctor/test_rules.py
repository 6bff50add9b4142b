"""The laws of the doctor."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from runtime.doctor.disk import file_system
from runtime.doctor.finding import Finding, Patient
from runtime.doctor.rules import RULES, examine
from runtime.host.lock import state_lock
from runtime.settings import Settings, load
from tests.cli.daemon import nuclide


def settings_of(folder: Path, text: str = "") -> Settings:
    """Give settings whose folders are below `folder`, and are there."""
    (folder / "bundles").mkdir(exist_ok=True)
    (folder / "state").mkdir(mode=0o700, exist_ok=True)
    file = folder / "nuclide.toml"
    places = f'[state]\nfolder = "{folder}/state"\n[bundles]\nfolder = "{folder}/bundles"\n'
    file.write_text(f"{places}{text}" if "[server]" in text else f"{places}[server]\nport = 0\n{text}")
    return load(file, {})[0]


def found(settings: Settings, rule: str, *, daemon: int | None = None) -> list[Finding]:
    """Give what one rule finds."""
    patient = Patient(settings=settings, environ={}, daemon=daemon)
    return [finding for each in RULES if each.name == rule for finding in each.findings(patient)]


def worst(findings: list[Finding]) -> str:
    """Give the worst of what was found."""
    order = ("ok", "warning", "error")
    return max((finding.severity for finding in findings), key=order.index)


def test_names_are_unique_and_all_that_is_wrong_has_a_cure(tmp_path: Path) -> None:
    """Each rule has a name of its own and a cure; a finding without a cure is one that needs none."""
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.asks.endswith("?") and rule.cure for rule in RULES)
    for finding in examine(Patient(settings=settings_of(tmp_path), environ={})):
        assert (finding.cure is None) == (finding.severity == "ok")


def test_a_sound_machine_has_no_error(tmp_path: Path) -> None:
    """Where everything is in its place nothing is in the way, and the exit status says so."""
    settings_of(tmp_path)
    result = nuclide("doctor", "--json", "--config", str(tmp_path / "nuclide.toml"))
    assert result.exit_code == 0, result.stdout
    findings = msgspec.json.decode(result.stdout)["findings"]
    assert {each["rule"] for each in findings} == {rule.name for rule in RULES}
    assert not list((tmp_path / "state").iterdir())


def test_what_is_in_the_way_is_told_with_its_cure(tmp_path: Path) -> None:
    """A missing folder of bundles is an error: its name, the cure, and exit status 1."""
    settings_of(tmp_path)
    (tmp_path / "bundles").rmdir()
    result = nuclide("doctor", "--config", str(tmp_path / "nuclide.toml"))
    assert result.exit_code == 1
    assert f"{tmp_path}/bundles: No such file or directory" in result.stdout
    assert "cure: bundles.folder names it" in result.stdout


def test_folders_that_strangers_may_use_are_told(tmp_path: Path) -> None:
    """Whoever may write the watched folder may deploy, and whoever may read the key reads everything."""
    settings = settings_of(tmp_path)
    (tmp_path / "bundles").chmod(0o777)
    (tmp_path / "state").chmod(0o755)
    (tmp_path / "state" / "key").touch(mode=0o644)
    assert [each.cure for each in found(settings, "bundle-folder")] == [f"chmod o-w {tmp_path}/bundles"]
    assert [each.severity for each in found(settings, "state-folder")] == ["warning", "error"]


def test_a_state_folder_that_is_none_is_an_error(tmp_path: Path) -> None:
    """A file in the place of the state folder is of no use to the daemon."""
    settings = settings_of(tmp_path)
    (tmp_path / "state").rmdir()
    (tmp_path / "state").touch()
    assert worst(found(settings, "state-folder")) == "error"


def test_a_taken_port_is_an_error_and_a_daemon_that_answers_is_none(tmp_path: Path) -> None:
    """Without a daemon the port has to be free; with one, somebody has to answer there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = settings_of(tmp_path, f"[server]\nport = {taken.getsockname()[1]}\n")
        assert worst(found(settings, "port")) == "error"
        assert worst(found(settings, "port", daemon=1)) == "ok"
    assert worst(found(settings, "port")) == "ok"
    assert worst(found(settings, "port", daemon=1)) == "warning"


def test_the_daemon_of_the_state_folder_is_known(tmp_path: Path) -> None:
    """Whether a daemon runs is read from the lock of the state folder, which goes with the process."""
    settings_of(tmp_path)

    def severity() -> str:
        result = nuclide("doctor", "--json", "--config", str(tmp_path / "nuclide.toml"))
        findings = {each["rule"]: each for each in msgspec.json.decode(result.stdout)["findings"]}
        return str(findings["daemon"]["severity"])

    with state_lock(tmp_path / "state"):
        assert severity() == "ok"
    assert severity() == "warning"


def test_values_that_are_no_toml_are_told_without_their_text(tmp_path: Path) -> None:
    """A mistake in the values names file, line and column; what stands there may be secret."""
    settings = settings_of(tmp_path)
    (tmp_path / "extensions.toml").write_text("[a]\nb = hunter2\n")
    (finding,) = found(settings, "extension-values")
    assert finding.severity == "error"
    assert "line 2, column 5" in finding.message
    assert "hunter2" not in finding.message


def test_users_that_are_asked_for_must_exist(tmp_path: Path) -> None:
    """Basic authentication without a user would refuse every caller."""
    settings = settings_of(tmp_path, '[access]\nauthentication = "basic"\n')
    assert worst(found(settings, "users")) == "error"


def test_a_port_of_the_admin_api_wants_a_token(tmp_path: Path) -> None:
    """A port without its token would stop the start, so it is told beforehand."""
    settings = settings_of(tmp_path, "[admin]\nport = 0\n")
    assert worst(found(settings, "admin-token")) == "error"
    (tmp_path / "state" / "admin-token").write_text("t" * 40)
    (tmp_path / "state" / "admin-token").chmod(0o600)
    assert worst(found(settings, "admin-token")) == "ok"


@pytest.mark.parametrize(("days", "severity"), [(-1, "error"), (10, "warning"), (100, "ok")])
def test_certificates_are_told_before_they_end(tmp_path: Path, days: int, severity: str) -> None:
    """An expired certificate is an error, one that ends within a month a warning."""
    certificate, key = self_signed(tmp_path, datetime.now(UTC) + timedelta(days=days))
    settings = settings_of(tmp_path, f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n')
    assert worst(found(settings, "certificates")) == severity


def test_a_key_of_another_certificate_is_an_error(tmp_path: Path) -> None:
    """The key has to be that of the certificate."""
    certificate, _ = self_signed(tmp_path, datetime.now(UTC) + timedelta(days=90))
    (tmp_path / "other").mkdir()
    _, key = self_signed(tmp_path / "other", datetime.now(UTC) + timedelta(days=90))
    settings = settings_of(tmp_path, f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n')
    assert worst(found(settings, "certificates")) == "error"


def test_named_callback_hosts_are_tried(tmp_path: Path) -> None:
    """A host that answers is well, one that does not is a warning, a pattern is not tried."""
    with socket.create_server(("127.0.0.1", 0)) as flow:
        port = flow.getsockname()[1]
        settings = settings_of(tmp_path, f'[callbacks]\nallow = ["127.0.0.1:{port}", "*.example.com", "127.0.0.1:*"]\n')
        assert [each.severity for each in found(settings, "callback-hosts")] == ["ok"] * 3
    assert [each.severity for each in found(settings, "callback-hosts")] == ["warning", "ok", "ok"]


def test_a_journal_over_a_network_is_known_by_its_mount() -> None:
    """The file system is that of the deepest mount above the folder, the last one where two lie over each other."""
    mounts = """\
22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/root rw
40 22 0:35 / /srv rw shared:2 master:1 - nfs4 host:/srv rw
41 40 0:36 / /srv/my\\040state rw - xfs /dev/b rw
"""
    assert file_system(Path("/var/lib/nuclide"), mounts) == "ext4"
    assert file_system(Path("/srv/state"), mounts) == "nfs4"
    assert file_system(Path("/srv/my state/journal"), mounts) == "xfs"


def test_too_few_descriptors_are_told(tmp_path: Path) -> None:
    """Connections that the machine cannot give are promised in vain."""
    settings = settings_of(tmp_path, "[server]\nport = 0\nconnections = 100000000\n")
    assert worst(found(settings, "descriptors")) == "warning"


def test_a_journal_that_is_none_is_an_error(tmp_path: Path) -> None:
    """What cannot be read as a journal is told."""
    settings = settings_of(tmp_path)
    (tmp_path / "state" / "journal.db").write_bytes(b"no journal" * 1000)
    assert worst(found(settings, "journal")) == "error"


def self_signed(folder: Path, end: datetime) -> tuple[Path, Path]:
    """Write a certificate that is valid until `end`, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nuclide.example")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(end - timedelta(days=365)).not_valid_after(end)
    certificate = builder.sign(key, hashes.SHA256())
    (folder / "tls.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    clear = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    (folder / "tls.key").write_bytes(clear)
    return folder / "tls.pem", folder / "tls.key"
