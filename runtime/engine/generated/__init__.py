"""Processes that never wait, as one generated function each: the driver's rules, decided beforehand."""
