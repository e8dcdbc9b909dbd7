"""Random ids for arrivals and requests; not secret."""

from random import getrandbits


def new_id() -> str:
    """Returns 32 hexadecimal digits."""
    # Asking the operating system for randomness takes three times as long.
    return f"{getrandbits(128):032x}"
