"""Marks that tell one arrival, or one request, from all others; nobody gains by guessing one."""

from random import getrandbits


def new_mark() -> str:
    """32 hexadecimal digits."""
    # Asking the operating system for them takes three times as long.
    return f"{getrandbits(128):032x}"
