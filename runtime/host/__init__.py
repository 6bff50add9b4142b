"""The machine around the daemon: its state lock, its signals, systemd."""
