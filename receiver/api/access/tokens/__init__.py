"""Access tokens of your own authorization server: JWTs, checked with its public keys."""
