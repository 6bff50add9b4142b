"""What an author of connectors and scripts may import. Nothing else of the runtime is theirs to use."""
