"""Scripts in processes of their own, so that one that never ends, or takes all memory, ends alone."""
