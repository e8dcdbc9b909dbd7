"""One run: whether a sink is there at all, then every case in order."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from fnmatch import fnmatchcase

from receiver.conformance.case import Case, Result, Verdict, decide
from receiver.conformance.cases.accepting import list_accepting
from receiver.conformance.cases.answering import list_answering
from receiver.conformance.cases.authenticating import list_authenticating
from receiver.conformance.cases.refusing import list_refusing
from receiver.conformance.cases.repeating import list_repeating
from receiver.conformance.cases.transport import list_transport
from receiver.conformance.exchange import Request
from receiver.conformance.published import ROAMING_API
from receiver.conformance.sending import Sender
from receiver.conformance.writing import SOURCE, Writer, post

# A sink that is silent so often in a row is gone: the others would only wait for the deadline.
SILENCES_MAX = 3
UNAUTHENTICATED = (401, 403)
ELSEWHERE = (301, 302, 303, 307, 308, 404, 405)
# The parts of a run. Wrong tokens come last: a sink may bar who sends several.
PARTS = (
    list_answering,
    list_accepting,
    list_transport,
    list_repeating,
    list_refusing,
    list_authenticating,
)


def list_cases(run: str, now: datetime, only: Sequence[str] = ()) -> list[Case]:
    """Returns the cases of a run, in order.

    Args:
        run: tells this run from others, in the id of every event.
        now: the time of the first event, aware UTC.
        only: patterns as the shell has them; a case is left out whose name fits none. Empty: all.
    """
    writer = Writer(run, now)
    cases = [case for list_part in PARTS for case in list_part(writer)]
    if not only:
        return cases
    return [case for case in cases if any(fnmatchcase(case.name, pattern) for pattern in only)]


def make_probe(run: str, now: datetime) -> Request:
    """Returns the event that is sent before all cases."""
    return post(Writer(f"{run}-probe", now).write(ROAMING_API, "roaming-on"))


def describe_plan(cases: Sequence[Case]) -> str:
    """Returns what is going to be sent: how much, about whom, and how many cases of what."""
    requests = 1 + sum(len(case.requests) for case in cases)
    groups = Counter(case.group for case in cases)
    return (
        f"{requests} requests for {len(cases)} cases, one at a time, about a phone number that "
        f"nobody has, from {SOURCE}"
        + "".join(f"\n{number:>5}  {group}" for group, number in groups.items())
    )


async def find_fault(probe: Request, sender: Sender) -> str | None:
    """Returns why no sink takes notifications with this token, by its answer to a first one."""
    answer = await sender.send(probe)
    if answer.status is None:
        return f"there is no sink: {answer.describe()}"
    if answer.status in UNAUTHENTICATED:
        return f"the sink does not take this token: {answer.describe()}"
    if answer.status in ELSEWHERE:
        return f"this is the URL of no sink: {answer.describe()}"
    return None


async def play(
    cases: Iterable[Case], sender: Sender, on_result: Callable[[Result], None]
) -> list[Result]:
    """Plays cases against a sink, one request at a time, and returns their results."""
    results: list[Result] = []
    silences = 0
    for case in cases:
        if silences >= SILENCES_MAX:
            seen = f"the sink did not answer {SILENCES_MAX} cases in a row"
            result = Result(case, Verdict.NOT_TRIED, seen)
        else:
            answers = [await sender.send(request) for request in case.requests]
            silences = silences + 1 if answers[-1].status is None else 0
            result = decide(case, answers)
        results.append(result)
        on_result(result)
    return results


def count_verdicts(results: Iterable[Result]) -> dict[Verdict, int]:
    """Returns how many cases have each verdict, in the order of the verdicts."""
    counts = Counter(result.verdict for result in results)
    return {verdict: counts[verdict] for verdict in Verdict}


def has_failed(results: Iterable[Result]) -> bool:
    """Whether the sink does not do what it must."""
    return any(result.verdict is Verdict.FAILED for result in results)


def group_results(results: Iterable[Result]) -> Iterator[tuple[str, list[Result]]]:
    """Yields the results of each group, in the order in which the groups began."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.case.group, []).append(result)
    yield from groups.items()
