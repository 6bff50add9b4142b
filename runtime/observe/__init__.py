"""Logs, metrics, redaction and the detector of a stalled event loop."""
