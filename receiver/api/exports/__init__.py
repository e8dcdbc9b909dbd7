"""Events in bulk: the answer in pieces, and what the formats put around their lines."""
