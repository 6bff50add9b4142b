"""The Flow service protocol, bytes in and bytes out: no I/O, no clock, no tasks."""
