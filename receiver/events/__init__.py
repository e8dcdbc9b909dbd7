"""Meaning: the bytes of a notification become an `Event`; pure, without clock or I/O."""
