"""The rules, in the order in which a person would ask. A name never changes its meaning."""

from __future__ import annotations

from collections.abc import Iterator

from runtime.doctor import disk, folders, journal, machine, network
from runtime.doctor.finding import Finding, Patient, Rule

RULES = (
    Rule(
        name="state-folder",
        asks="Can the daemon write its state folder, and nobody else read what is in it?",
        look=folders.state,
        cure="state.folder names it: `chown` it to the daemon's user, and `chmod 700`",
    ),
    Rule(
        name="bundle-folder",
        asks="Can the daemon read the watched folder, and strangers not write it?",
        look=folders.bundles,
        cure="bundles.folder names it",
    ),
    Rule(
        name="extension-values",
        asks="Can the values that this machine gives to bundles be read?",
        look=folders.extensions,
        cure="mend the file: it is TOML, a table a bundle",
    ),
    Rule(
        name="users",
        asks="Are there users where callers have to be one, and are their hashes for the daemon alone?",
        look=folders.users,
        cure="`nuclide user add NAME`",
    ),
    Rule(
        name="admin-token",
        asks="Is there a token where the admin API has a port?",
        look=folders.token,
        cure="admin.bearer names the file",
    ),
    Rule(
        name="file-system",
        asks="Is the state folder on a disk of this machine?",
        look=disk.kind,
        cure="put state.folder on a local disk: SQLite's locks do not hold over a network",
    ),
    Rule(
        name="disk-room",
        asks="Is there room for the journal and for large documents?",
        look=disk.room,
        cure="free some space, give state.folder a larger disk, or keep less: [history]",
    ),
    Rule(
        name="disk-speed",
        asks="Does a commit reach the disk soon enough?",
        look=disk.speed,
        cure="give state.folder a solid-state disk of this machine; every WAIT waits for one commit",
    ),
    Rule(
        name="port",
        asks="Is the port free, or does the daemon answer there?",
        look=machine.port,
        cure="set server.host and server.port",
    ),
    Rule(
        name="clock",
        asks="Is the clock right?",
        look=machine.clock,
        cure="let something keep it: `timedatectl set-ntp true`, chrony, or the host of a virtual machine",
    ),
    Rule(
        name="descriptors",
        asks="Is there a descriptor for each connection that the settings allow?",
        look=machine.descriptors,
        cure="raise LimitNOFILE= of the service (`ulimit -n` in a terminal), or lower server.connections",
    ),
    Rule(
        name="memory",
        asks="Do the batches of all executions at once fit into memory?",
        look=machine.memory,
        cure="lower documents.in_memory_bytes or executions.at_once; what does not fit is on disk",
    ),
    Rule(
        name="certificates",
        asks="Can the certificates be used, and for how long?",
        look=network.certificates,
        cure="put a new one in its place; the daemon takes it over by itself",
    ),
    Rule(
        name="callback-hosts",
        asks="Can the hosts that are called back be reached?",
        look=network.callback_hosts,
        cure="look at the name, the DNS and the firewall; callbacks are tried again until callbacks.expire_after",
    ),
    Rule(
        name="daemon",
        asks="Does a daemon run?",
        look=journal.daemon,
        cure="`systemctl start nuclide`, or `nuclide run`",
    ),
    Rule(
        name="journal",
        asks="Is the journal whole?",
        look=journal.health,
        cure="keep a copy of the state folder, then see `nuclide journal check` for what is concerned",
    ),
)


def examine(patient: Patient) -> Iterator[Finding]:
    """Give what each rule finds, in their order."""
    for rule in RULES:
        yield from rule.findings(patient)
