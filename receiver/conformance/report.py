"""The report of a run for people: a line for each group, and what is not as it should be."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from receiver.conformance.case import Result, Verdict
from receiver.conformance.clauses import Level
from receiver.conformance.run import count_verdicts, group_results

# Of the cases of a group that show the same, those that are shown one by one; of passed ones one.
SHOWN_MAX = 3
# Others alike that are at least named; more would fill the terminal.
NAMED_MAX = 4
STYLES = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "red",
    Verdict.WARNED: "yellow",
    Verdict.NOT_TRIED: "cyan",
}


def print_report(results: Sequence[Result], console: Console) -> None:
    """Prints the results of a run."""
    for group, members in group_results(results):
        console.print(Text.assemble((group, "bold"), f": {describe_counts(members)}"))
        for line in _compose_lines(members):
            console.print(line, soft_wrap=True)
        console.print()
    console.print(describe_times(results))
    console.print(f"{len(results)} cases: {describe_counts(results)}")


def describe_counts(results: Sequence[Result]) -> str:
    """Returns how many cases have each verdict that any has."""
    counts = count_verdicts(results)
    return ", ".join(f"{number} {verdict}" for verdict, number in counts.items() if number)


def describe_times(results: Sequence[Result]) -> str:
    """Returns how long the sink took to answer; no document asks for a time."""
    times = sorted(result.seconds for result in results if result.seconds)
    if not times:
        return "time to answer: nothing was answered"
    median, longest = (f"{1000 * time:.0f} ms" for time in (times[len(times) // 2], times[-1]))
    return f"time to answer (information): median {median}, longest {longest}"


def is_worth_telling(result: Result) -> bool:
    """Whether a case is shown by itself; one that passed as it must or should is only counted."""
    is_asked = result.case.level in (Level.MUST, Level.SHOULD)
    return result.verdict is not Verdict.PASSED or not is_asked


def compose_members(result: Result) -> dict[str, object]:
    """Returns a result as the members of a JSON object; unknown members are left out."""
    case = result.case
    members: dict[str, object] = {
        "name": case.name,
        "group": case.group,
        "verdict": result.verdict,
        "level": case.level,
        "sent": case.sent,
        "asked": case.asked,
        "seen": result.seen,
    }
    if case.clause is not None:
        members["clause"] = case.clause._asdict()
    if result.seconds is not None:
        members["milliseconds"] = round(1000 * result.seconds, 1)
    return members


def _compose_lines(results: Sequence[Result]) -> Iterator[Text]:
    alike: dict[tuple[Verdict, str], list[Result]] = {}
    for result in filter(is_worth_telling, results):
        alike.setdefault((result.verdict, result.seen), []).append(result)
    for (verdict, seen), members in alike.items():
        shown = 1 if verdict is Verdict.PASSED else SHOWN_MAX
        for result in members[:shown]:
            yield Text.assemble("  ", (f"{verdict:<9}", STYLES[verdict]), f"  {result.case.name}")
            yield Text(f"             {result.case.level}: {result.case.asked}; seen: {seen}")
            if verdict is not Verdict.PASSED and result.case.clause is not None:
                document, section, words = result.case.clause
                yield Text(f'             {document}, {section}: "{words}"')
        rest = [result.case.name for result in members[shown:]]
        if rest:
            others = ", ".join(rest) if len(rest) <= NAMED_MAX else f"{len(rest)} more"
            yield Text(f"             and {others} alike")
