"""Erasure: a device is removed everywhere, for admins."""
