"""The Nuclide daemon: an open, headless process-execution runtime."""
