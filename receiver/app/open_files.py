"""How many files a process may have open, and so how many connections it can hold."""

import resource

import structlog

# The database's connections, logs, libraries, counters, and what opens for a moment.
OTHER_FILES = 128


def connections_possible(wanted: int) -> int:
    """Raises this process's bound on open files as far as it may be; its children inherit it.

    Returns:
        The connections wanted, or the fewer that there can be files for.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return wanted
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    possible = max(1, allowed - OTHER_FILES)
    if possible < wanted:
        structlog.get_logger(__name__).warning(
            "fewer connections than RECEIVER_CONNECTION_LIMIT: the limit of open files is lower",
            connections=possible,
            open_files=allowed,
        )
    return possible
