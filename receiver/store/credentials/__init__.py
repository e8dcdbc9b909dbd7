"""Credentials and the digests of their tokens: commands that manage them, and a book in memory."""
