"""Steps of platform processes: what the platform's own components say, run as the platform runs it."""
