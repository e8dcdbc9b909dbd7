"""The page of reports: each of its questions is asked about a story whose answers are known."""

import os
import shlex
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from receiver.postgres.binaries import installed_binaries
from tests.support.command_line import run
from tests.support.documented import documented
from tests.support.environment import no_settings as no_settings
from tests.support.reported import store_story
from tests.support.story import LOST, PHONE_NUMBERS, ROAMER, SILENT, SOURCES, day
from tests.support.urls import url_of

QUESTIONS = {
    block.heading: block.text for block in documented("docs/reports.md", "sql", "SELECT", "--")
}
[EXPORT] = documented("docs/reports.md", "sh", "receiver psql --reports -c")

Rows = Sequence[tuple[Any, ...]]


@pytest.fixture(scope="module")
def reports(module_conninfo: str) -> str:
    """The URL of sessions for reports, where the story is stored."""
    return store_story(module_conninfo)


def ask(reports: str, question: str) -> Rows:
    with psycopg.connect(reports) as connection:
        return connection.execute(QUESTIONS[question].encode()).fetchall()


def on(days_ago: int) -> date:
    return day(days_ago).date()


def received(days_ago: int) -> datetime:
    return day(days_ago) + timedelta(seconds=90)


# From when to when the network reached each device, and did not; what is left is not known.
REACHED = {ROAMER: (day(15), day(0, 0)), LOST: (day(12), day(2)), SILENT: (day(40), day(29))}
NOT_REACHED = {LOST: (day(2), day(0, 0))}


def hours(start: datetime, end: datetime) -> Decimal:
    """How long a part of a month is; none if its end lies before its start."""
    return Decimal(max(timedelta(), end - start).total_seconds()) / 3600


def availability() -> Rows:
    """The rows of each device for last month and this one, up to midnight."""
    midnight = day(0, 0)
    this_month = midnight.replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    found = []
    for device_id in sorted(PHONE_NUMBERS):
        for start, end in ((last_month, this_month), (this_month, midnight)):
            available, unavailable = (
                hours(max(start, spans[device_id][0]), min(end, spans[device_id][1]))
                if device_id in spans
                else Decimal(0)
                for spans in (REACHED, NOT_REACHED)
            )
            known = available + unavailable
            percent = round(100 * available / known, 2) if known else None
            unknown = hours(start, end) - known
            row = (device_id, start.date(), available, unavailable, unknown, percent)
            found += [row] if end > start else []
    return found


def answers() -> dict[str, Rows]:
    """What each question is answered with."""
    north, south = SOURCES["north"], SOURCES["south"]
    return {
        "Where did devices roam in the last week?": [("FR", 2), ("DE", 1)],
        "When did one device roam?": [(day(10), day(1), True, ["FR", "DE"])],
        "Who roams now?": [(LOST, PHONE_NUMBERS[LOST], "FR", day(4))],
        "Which devices cannot be reached now?": [(LOST, PHONE_NUMBERS[LOST], day(2), day(2))],
        "Of which devices is nothing known now, and why?": [
            (SILENT, PHONE_NUMBERS[SILENT], "subscription-ended", day(29), "CONNECTED_DATA")
        ],
        "Which network types are in use now?": [("4G", 1), ("5G", 1), ("not known", 1)],
        "How was one device reached?": [
            (day(15), day(6, 23.5), "CONNECTED_DATA", None),
            (day(6, 23.5), None, "CONNECTED_SMS", None),
        ],
        "How available was each device in each month?": availability(),
        "Which devices have been silent for two weeks?": [(SILENT, PHONE_NUMBERS[SILENT], day(29))],
        "How many events came in on each day?": [
            # It is past midnight in Paris already.
            (on(5), "connectivity", 1),
            (on(5), "network-type", 1),
            (on(4), "roaming", 1),
            (on(3), "roaming", 1),
            (on(2), "connectivity", 1),
            (on(1), "roaming", 1),
        ],
        "Which device has this phone number?": [(ROAMER, day(20), day(1))],
        "What did one device report?": [
            (day(20), "subscription-started", None, None, None, None),
            (day(15), "connectivity-data", "CONNECTED_DATA", None, None, None),
            (day(10), "roaming-status", None, True, ["FR"], None),
            (day(6, 23.5), "connectivity-sms", "CONNECTED_SMS", None, None, None),
            (day(5), "network-type-changed", None, None, None, "5G"),
            (day(3), "roaming-change-country", None, True, ["DE"], None),
            (day(1), "roaming-off", None, False, None, None),
        ],
        "How late is each sender?": [
            *(("south", south, on(days), 1, 90, 90, 90) for days in (29, 40)),
            *(
                ("north", north, on(days), 1, 2, 2, 2)
                for days in (1, 2, 3, 4, 5, 6, 9, 10, 12, 15, 20)
            ),
            ("south", south, on(39), 1, -1, -1, -1),
        ],
        "Who repeats events, and whose clock is ahead of ours?": [("south", south, 3, 1, 1)],
        "What does each sender get wrong?": [
            ("south", "time-without-zone", 3, received(29), f"subscription-ends-{SILENT}")
        ],
        "Which subscriptions ended, and why?": [
            (day(29), "south", "s-3", [SILENT], "SUBSCRIPTION_EXPIRED")
        ],
        "Which subscriptions end soon, or should have told something?": [
            ("north", "s-2", "active", False, day(2), day(-3))
        ],
    }


def test_every_question_of_the_page_has_a_known_answer() -> None:
    assert list(answers()) == list(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered(reports: str, question: str) -> None:
    assert ask(reports, question) == answers()[question]


def test_what_the_page_exports_is_a_file_with_a_head(
    reports: str, module_conninfo: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", url_of(module_conninfo))
    monkeypatch.setenv("PATH", f"{installed_binaries().bin_dir}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    assert run(*shlex.split(EXPORT.text)[1:]).status == 0
    head, *lines = (tmp_path / "roaming.csv").read_text().splitlines()
    assert head == "occurred_at,device_id,name"
    assert [line.split(",")[1] for line in lines] == [str(ROAMER), str(LOST), str(ROAMER)]
