"""Documents through steps: compile a process, drive it, remember what it did, go on after a crash."""
