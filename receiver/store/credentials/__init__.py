"""Credentials: who may call, and the digests of their tokens."""
