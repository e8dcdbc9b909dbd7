"""When a sender is silent: for longer than its own rhythm lets expect."""

# Fewer events show no rhythm.
RHYTHM_EVENTS = 10

# So many times the longest pause; and at least so long, because a burst has pauses of milliseconds.
PAUSES = 3
LEAST_SECONDS = 3600.0


def is_silent(events: int, longest_pause_seconds: float | None, since_seconds: float) -> bool:
    """Tells whether nothing came for longer than is usual.

    Args:
        events: of the window.
        longest_pause_seconds: between two of them; None: there was one.
        since_seconds: time since the latest of them.
    """
    if events < RHYTHM_EVENTS or longest_pause_seconds is None:
        return False
    return since_seconds > max(PAUSES * longest_pause_seconds, LEAST_SECONDS)
