"""The result of a check: how the check ended, and one sentence with what to do about it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from receiver.errors import ReceiverError


class CheckState(StrEnum):
    """How a check ended; only `failed` makes the exit status 1."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The state and the sentence with which a check ended.

    Attributes:
        message: holds no token, phone number or password.
    """

    state: CheckState
    message: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The result of a check under the name of the check.

    Attributes:
        message: one line.
    """

    check: str
    state: CheckState
    message: str


def ok(message: str) -> CheckResult:
    return CheckResult(CheckState.OK, message)


def warning(message: str) -> CheckResult:
    return CheckResult(CheckState.WARNING, message)


def failed(message: str) -> CheckResult:
    return CheckResult(CheckState.FAILED, message)


def skipped(message: str) -> CheckResult:
    return CheckResult(CheckState.SKIPPED, message)


def run_check(name: str, check: Callable[[], CheckResult]) -> Diagnosis:
    """Runs one check; an error in it becomes its result."""
    try:
        result = check()
    except ReceiverError as error:
        result = failed(str(error))
    except Exception as error:  # the other checks are owed their line
        result = failed(f"the check itself failed ({type(error).__name__})")
    return Diagnosis(name, result.state, " ".join(result.message.split()))


def skip_checks(names: Sequence[str], reason: str) -> Iterator[Diagnosis]:
    """Yields the checks that cannot run, each with the same reason."""
    for name in names:
        yield Diagnosis(name, CheckState.SKIPPED, reason)


def find_worst(diagnoses: Iterable[Diagnosis]) -> CheckState:
    """Returns `failed` if any check failed, else `warning` if any warned, else `ok`."""
    states = {diagnosis.state for diagnosis in diagnoses}
    worst_first = (CheckState.FAILED, CheckState.WARNING)
    return next((state for state in worst_first if state in states), CheckState.OK)
