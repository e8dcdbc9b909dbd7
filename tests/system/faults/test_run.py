"""The judge of a run sees each promise that is not held: or the runs would prove nothing."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import pytest

from tests.support.paths import DOCS
from tests.system.faults.deliveries import CUT, NO_ANSWER, Delivery, classify
from tests.system.faults.faults import Fault
from tests.system.faults.probes import PROBES
from tests.system.faults.run import NOTIFICATION_SECONDS, Outcome, compare, judge

# A row of the table of bounds.
BOUND = re.compile(r"^\| ([^|]+) \| ([\d.]+) s \|$", re.MULTILINE)
# The probes in the words of the page.
CALLS = {
    "livez": "`/livez`",
    "readyz": "`/readyz`",
    "metrics": "`/metrics`",
    "question": "a question",
    "stranger": "a notification of an unknown token",
    "bad body": "a refused notification",
}

STRICT = Fault("strict", lambda _: nullcontext())
MILD = Fault("mild", STRICT.strike, may_refuse=True, kills_service=True)
CROWDED = Fault("crowded", STRICT.strike, is_crowded=True)
SILENT = Fault("silent", STRICT.strike, is_noticed=False)
TOLD = Fault("told", STRICT.strike, is_told=True)


def good() -> Outcome:
    outcome = Outcome("good")
    outcome.log.answers["204"] = 1
    for probe in PROBES:
        outcome.seen[probe.name].answers[probe.healthy] = 1
    return outcome


def lose(outcome: Outcome) -> None:
    outcome.missing.add("an-id")


def double(outcome: Outcome) -> None:
    outcome.doubled.add("an-id")


def stay_ill(outcome: Outcome) -> None:
    outcome.healed_seconds = None


def refuse(outcome: Outcome) -> None:
    outcome.log.answers["503"] = 1


def refuse_good_tokens(outcome: Outcome) -> None:
    outcome.log.answers["401"] = 1


def cut(outcome: Outcome) -> None:
    outcome.log.answers[CUT] = 1


def answer_late(outcome: Outcome) -> None:
    outcome.log.slowest_seconds = 60


def cut_probe(outcome: Outcome) -> None:
    outcome.seen["livez"].answers[CUT] = 1


def answer_probe_late(outcome: Outcome) -> None:
    outcome.seen["question"].slowest_seconds = 60


def fail_liveness(outcome: Outcome) -> None:
    outcome.seen["livez"].answers["503"] = 1


def leave_question_unanswered(outcome: Outcome) -> None:
    outcome.seen["question"].answers[NO_ANSWER] = 1


def fall_unready(outcome: Outcome) -> None:
    outcome.seen["readyz"].answers["503"] = 1


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lose, MILD),
        (double, MILD),
        (stay_ill, MILD),
        (refuse, STRICT),
        (refuse_good_tokens, MILD),
        (cut, STRICT),
        (answer_late, STRICT),
        (cut_probe, STRICT),
        (cut_probe, CROWDED),
        (fail_liveness, CROWDED),
        (answer_probe_late, STRICT),
        (fail_liveness, MILD),
        (leave_question_unanswered, MILD),
        (fall_unready, SILENT),
    ],
)
def test_each_broken_promise_is_one_remark(harm: Callable[[Outcome], None], fault: Fault) -> None:
    outcome = good()
    assert judge(outcome, [fault], is_timed=True) == []
    harm(outcome)
    assert len(judge(outcome, [fault], is_timed=True)) == 1


@pytest.mark.parametrize("harm", [refuse, cut, cut_probe, fall_unready])
def test_what_a_fault_may_cost_is_no_remark(harm: Callable[[Outcome], None]) -> None:
    outcome = good()
    harm(outcome)
    assert judge(outcome, [MILD], is_timed=True) == []


def test_a_crowded_service_may_cut_off_whoever_has_no_place_kept_back() -> None:
    outcome = good()
    cut(outcome)
    outcome.seen["question"].answers[CUT] = 1
    outcome.seen["metrics"].answers["503"] = 1
    assert judge(outcome, [CROWDED], is_timed=True) == []


@pytest.mark.parametrize("harm", [answer_late, answer_probe_late])
def test_times_that_mean_nothing_are_no_remark(harm: Callable[[Outcome], None]) -> None:
    outcome = good()
    harm(outcome)
    assert judge(outcome, [STRICT], is_timed=False) == []
    assert judge(outcome, [replace(STRICT, is_timed=False)], is_timed=True) == []


def test_readiness_has_to_tell_where_nothing_can_be_stored() -> None:
    assert judge(good(), [TOLD], is_timed=True) == ["readyz told nothing"]


@pytest.mark.parametrize(
    ("acknowledged", "tries", "stored", "answered", "expected"),
    [
        (1, 1, [1], True, (False, False)),
        (0, 1, [], False, (False, False)),
        # Stored, and its answer lost or late.
        (0, 2, [1], True, (False, False)),
        (1, 3, [2], True, (False, False)),
        (1, 1, [], False, (True, False)),
        (1, 1, [1], False, (True, False)),
        (1, 1, [1, 1], True, (False, True)),
        (1, 1, [2], True, (False, True)),
        (2, 2, [1], True, (False, True)),
    ],
)
def test_an_event_is_missing_or_double_by_what_its_sender_saw(
    acknowledged: int, tries: int, stored: list[int], answered: bool, expected: tuple[bool, bool]
) -> None:
    outcome = good()
    outcome.log.deliveries["an-id"] = Delivery(0.0, tries, [0.0] * acknowledged)
    compare(outcome, {"an-id": stored} if stored else {}, {"an-id"} if answered else set())
    assert (bool(outcome.missing), bool(outcome.doubled)) == expected


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (204, b"", "204"),
        (503, b'{"status": 503, "code": "UNAVAILABLE", "message": "Not now"}', "503"),
        (
            503,
            b'{"status": 500, "code": "UNAVAILABLE", "message": "Not now"}',
            "503 without ErrorInfo",
        ),
        (500, b"Internal Server Error", "500 without ErrorInfo"),
        (503, b"[]", "503 without ErrorInfo"),
    ],
)
def test_an_error_counts_as_such_with_its_error_info_only(
    status: int, body: bytes, outcome: str
) -> None:
    assert classify(status, body) == outcome


def test_the_page_states_the_bounds_that_are_measured() -> None:
    page = (DOCS / "durability.md").read_text(encoding="utf-8")
    stated = {call: float(seconds) for call, seconds in BOUND.findall(page)}
    asked = {CALLS[probe.name]: float(probe.bound_seconds) for probe in PROBES}
    assert stated == {"a notification of a known token": NOTIFICATION_SECONDS, **asked}
