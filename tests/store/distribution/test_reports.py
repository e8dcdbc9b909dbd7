"""The reports in the form of a distributed database have the rows of their own form."""

import psycopg
import pytest

from receiver.store.distribution.reports import (
    FUNCTIONS,
    LOOK_UPS,
    adapt_reports,
    compose_report,
    list_report_commands,
)
from tests.support.callers import Callers
from tests.support.every_question import tell_stories

OWNERS_ALONE = "SELECT has_function_privilege('receiver_reporting', %s, 'EXECUTE')"
READ = (
    *("reporting.device", "reporting.subscription", "axis_interval", "reporting.roaming_session"),
    "reporting.intervals('roaming', '2020-01-01', now()::date)",
)


def read(conninfo: str, report: str) -> list[tuple[object, ...]]:
    question = f"SELECT shown::text FROM {report} AS shown ORDER BY 1"  # noqa: S608 - of constants
    with psycopg.connect(conninfo) as connection:
        return connection.execute(question.encode()).fetchall()


@pytest.mark.parametrize("name", LOOK_UPS)
def test_a_report_looks_up_through_a_function_alone(name: str) -> None:
    looks_up, calls = LOOK_UPS[name]
    adapted = compose_report(name)
    assert looks_up not in adapted
    assert calls in adapted
    assert adapted.startswith("CREATE OR REPLACE ")


def test_each_command_stands_by_itself() -> None:
    assert len(list_report_commands()) == 1 + 2 * len(FUNCTIONS) + len(LOOK_UPS)


@pytest.mark.undistributed("the reports are in this form from the beginning")
async def test_the_form_changes_no_row_and_may_be_given_again(
    callers: Callers, conninfo: str
) -> None:
    await tell_stories(callers)
    expected = {report: read(conninfo, report) for report in READ}
    assert all(expected.values())
    with psycopg.connect(conninfo, autocommit=True) as connection:
        adapt_reports(connection)
        adapt_reports(connection)
        for function in FUNCTIONS:
            assert connection.execute(OWNERS_ALONE, [function]).fetchone() == (True,)
    assert {report: read(conninfo, report) for report in READ} == expected
