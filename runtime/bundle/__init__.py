"""From a folder to a checked, immutable bundle: read, parse with positions, check, digest."""
