"""Connectors that ship with Nuclide, one folder each, found by entry point."""
