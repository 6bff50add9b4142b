"""What a builder of processes tests with, on a laptop and before a deployment."""
