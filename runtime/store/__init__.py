"""Where work is kept: protocols, and their implementations for SQLite and for memory."""
