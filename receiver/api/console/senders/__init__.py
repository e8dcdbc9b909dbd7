"""Senders: what came from whom, how late, and what was wrong with it."""
