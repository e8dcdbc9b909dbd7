"""The limit of open files of this process, which bounds its connections."""

import resource

import structlog

# Files that are no connection of a caller. A worker has 18 to 33 of them with the default settings
# (counted in /proc/PID/fd); a RECEIVER_POOL_SIZE of 100 adds 95.
OTHER_FILES = 128


def allow_connections(wanted: int) -> int:
    """Raises the limit of open files for so many connections, as far as the system allows.

    Child processes inherit the limit.

    Returns:
        The number of connections that may be open: those wanted, or fewer.
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
