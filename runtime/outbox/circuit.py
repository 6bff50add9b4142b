"""The circuit of each host: one that does not answer is left alone, and asked by one callback now and then.

Without it an outage would have every callback knock for itself, and as many connections wait for their time-out.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from runtime.clock import SECONDS

FAILURES = 5  # in a row, of any callbacks, until the circuit opens
FIRST_PAUSE = 5 * SECONDS  # doubled with each probe that fails, up to `callbacks.longest_retry`


class Circuit(Struct, frozen=True, kw_only=True):
    """What is known of a host. `open_until` is when it is asked next; `pause` what follows if that fails (seconds)."""

    failures: int = 0
    open_until: float = 0.0
    pause: float = FIRST_PAUSE

    @property
    def is_open(self) -> bool:
        """Whether the host has failed so often that it is left alone."""
        return self.failures >= FAILURES


class Circuits:
    """The circuits of all hosts that have failed lately; `longest` pause in seconds."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._hosts: dict[str, Circuit] = {}

    def __len__(self) -> int:
        return sum(circuit.is_open for circuit in self._hosts.values())

    def left_alone(self, now: float) -> set[str]:
        """Give the hosts that are not to be asked now."""
        return {
            host
            for host, circuit in self._hosts.items()
            # Beyond the longest pause the clock has gone back.
            if circuit.is_open and now < circuit.open_until <= now + self._longest
        }

    def is_probe(self, host: str) -> bool:
        """Whether a callback to this host is to find out if it answers again: one at a time."""
        circuit = self._hosts.get(host)
        return circuit is not None and circuit.is_open

    def begin(self, host: str, now: float) -> None:
        """Note that a probe begins: nobody else asks until it has ended, or its pause has passed."""
        circuit = self._hosts[host]
        self._hosts[host] = replace(circuit, open_until=now + circuit.pause)

    def answered(self, host: str) -> bool:
        """Note that a host has answered; whether its circuit was open."""
        circuit = self._hosts.pop(host, None)
        return circuit is not None and circuit.is_open

    def failed(self, host: str, now: float) -> bool:
        """Note that a host has not; whether its circuit has opened by that."""
        circuit = self._hosts.get(host, Circuit())
        if circuit.is_open:
            pause = min(circuit.pause * 2, self._longest)
            self._hosts[host] = replace(circuit, open_until=now + pause, pause=pause)
            return False
        circuit = replace(circuit, failures=circuit.failures + 1)
        if circuit.is_open:
            pause = min(circuit.pause, self._longest)
            circuit = replace(circuit, open_until=now + pause, pause=pause)
        self._hosts[host] = circuit
        return circuit.is_open
