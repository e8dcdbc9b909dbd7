"""What a check says: a state, and a sentence with what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from receiver.errors import ReceiverError


class State(StrEnum):
    """How a check ended; only `failed` makes the exit status 1."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The answer of one check.

    Attributes:
        message: one line; no token, phone number or password.
    """

    check: str
    state: State
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A state and its sentence, before the check's name stands beside it."""

    state: State
    message: str


def ok(message: str) -> Outcome:
    return Outcome(State.OK, message)


def warning(message: str) -> Outcome:
    return Outcome(State.WARNING, message)


def failed(message: str) -> Outcome:
    return Outcome(State.FAILED, message)


def skipped(message: str) -> Outcome:
    return Outcome(State.SKIPPED, message)


def examine(check: str, look: Callable[[], Outcome]) -> Diagnosis:
    """Runs one check; whatever goes wrong in it is its answer."""
    try:
        outcome = look()
    except ReceiverError as error:
        outcome = failed(str(error))
    except Exception as error:  # the other checks are owed their line
        outcome = failed(f"the check itself failed ({type(error).__name__})")
    return Diagnosis(check, outcome.state, " ".join(outcome.message.split()))


def skip(checks: tuple[str, ...], reason: str) -> Iterator[Diagnosis]:
    """The checks that cannot be made, each with the reason."""
    for check in checks:
        yield Diagnosis(check, State.SKIPPED, reason)
