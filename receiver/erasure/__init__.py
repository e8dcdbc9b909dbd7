"""Erasure: what names a device is found everywhere, removed, and counted."""
