"""The audit line: who changed what, and how it ended; never what was in it."""

import structlog

LOGGER = "receiver.audit"


def audit(action: str, *, credential: str | None, outcome: str, **subject: str) -> None:
    """Writes the line of one change; the correlator is that of the request or the command.

    Args:
        credential: the name of the admin's; None: somebody at the command line.
        outcome: what became of it, in a word or two.
        subject: opaque ids of what was changed.
    """
    caller = {"door": "command line"} if credential is None else {"credential": credential}
    structlog.get_logger(LOGGER).info("audit", action=action, outcome=outcome, **caller, **subject)
