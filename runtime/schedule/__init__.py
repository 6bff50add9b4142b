"""Schedules: processes that begin because it is time."""
