"""How long a test waits for what must come, before it is given up.

It proves nothing: whatever is slow on a busy machine is not wrong. What has to be quick is a law of its own, with a
limit of its own.
"""

PATIENCE = 60.0  # seconds: no machine is as busy as that, and a suite that hangs still ends
START = 180.0  # seconds for a process of its own, a daemon or a server, that may have to compile all it imports
