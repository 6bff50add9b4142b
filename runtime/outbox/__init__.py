"""The outbox: sends callbacks until they are acknowledged, refused for good or expired; the one HTTP client in here."""
