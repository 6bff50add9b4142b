"""Cases of an oracle, altered: what is known of a case must hold of another graph with the same meaning, too."""
