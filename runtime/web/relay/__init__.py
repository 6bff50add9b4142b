"""Calls that one worker passes on to another: over the other's Unix socket, with the bytes that were read."""
