"""The front door: hot routes are answered in the connection's own task, everything else goes to hypercorn unread."""
