"""`deploy/grafana-devices.json`: each panel is asked as Grafana asks, and shows what is known."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from receiver.store.connections.reporting import ROLE
from tests.support.dashboards import Look, Question, questions, read_panels
from tests.support.documented import documented
from tests.support.paths import ROOT
from tests.support.reported import store_story
from tests.support.story import LOST, PHONE_NUMBERS, ROAMER, SILENT, SOURCES, day

DASHBOARD = ROOT / "deploy" / "grafana-devices.json"
QUESTIONS = list(questions(DASHBOARD))
# A Grafana panel is 24 units wide at most, and is drawn where no other one is.
WIDTH = 24

TIMES, NUMBERS, TEXTS = {"timestamptz"}, {"int8", "int4", "float8", "numeric"}, {"text"}

Rows = Sequence[tuple[Any, ...]]


@pytest.fixture(scope="module")
def reports(module_conninfo: str) -> str:
    return store_story(module_conninfo)


def look(device: object = ROAMER) -> Look:
    """Returns the month behind us, day by day."""
    return Look(day(30, 0), datetime.now(UTC), timedelta(days=1), str(device))


def ask(reports: str, question: Question, at: Look) -> tuple[list[str], list[str], Rows]:
    """Returns the names and the types of the columns, and the rows."""
    with psycopg.connect(reports) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (ROLE,)
        cursor = connection.execute(at.ask(question.sql).encode())
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        types = [connection.adapters.types[column.type_code].name for column in cursor.description]
        return names, types, cursor.fetchall()


def shown(reports: str, title: str, at: Look | None = None) -> list[Rows]:
    """Returns the rows of each question of a panel."""
    asked = [question for question in QUESTIONS if question.panel == title]
    return [ask(reports, question, at or look())[2] for question in asked]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.panel)
def test_a_question_answers_in_the_shape_that_its_panel_draws(
    reports: str, question: Question
) -> None:
    names, types, rows = ask(reports, question, look())
    assert rows
    assert len(set(names)) == len(names)
    match question.type_:
        case "stat":
            assert len(rows) == 1
            assert set(types) <= NUMBERS
        case "barchart":
            assert types[0] in TEXTS
            assert set(types[1:]) <= NUMBERS
        case "timeseries":
            assert question.format_ == "time_series"
            # Seconds since 1970 are a time too.
            assert (names[0], types[0] in TIMES | NUMBERS) == ("time", True)
            assert all(
                type_ in (TEXTS if name == "metric" else NUMBERS)
                for name, type_ in zip(names[1:], types[1:], strict=True)
            )
            # Grafana makes a series of each metric, and refuses times that go back.
            times = [row[0] for row in rows]
            assert times == sorted(times)
            keys = [row[: 2 if "metric" in names else 1] for row in rows]
            assert len(set(keys)) == len(keys)
        case "state-timeline":
            # As a time series, texts would be labels in place of states.
            assert question.format_ == "table"
            assert names[0] == "time"
            assert types == ["timestamptz", "text"]
            assert all(earlier[0] < later[0] for earlier, later in pairwise(rows))
            assert None not in {value for row in rows for value in row}
        case _:
            assert (question.type_, question.format_) == ("table", "table")


def test_the_timeline_tells_where_a_device_was_and_how_it_was_reached(reports: str) -> None:
    reached, where, network = shown(reports, "Status of the device")
    assert reached[-2:] == [(day(15), "CONNECTED_DATA"), (day(6, 23.5), "CONNECTED_SMS")]
    assert where == [(day(10), "FR"), (day(3), "DE"), (day(1), "at home")]
    assert network == [(day(5), "5G")]


def test_the_timeline_begins_with_what_was_before(reports: str) -> None:
    week = Look(day(2, 0), datetime.now(UTC), timedelta(hours=1), str(ROAMER))
    reached, where, network = shown(reports, "Status of the device", week)
    assert reached == [(day(2, 0), "CONNECTED_SMS")]
    assert where == [(day(2, 0), "DE"), (day(1), "at home")]
    assert network == [(day(2, 0), "5G")]


def test_the_timeline_says_what_is_not_known_any_more(reports: str) -> None:
    month = Look(day(41, 0), datetime.now(UTC), timedelta(days=1), str(SILENT))
    reached, where, network = shown(reports, "Status of the device", month)
    assert reached[-2:] == [(day(40), "CONNECTED_DATA"), (day(29), "not known")]
    assert where == []
    assert network[-1] == (day(29), "not known")


def test_the_timeline_is_empty_where_no_device_is_named(reports: str) -> None:
    assert shown(reports, "Status of the device", look("")) == [[], [], []]


def test_no_text_in_the_box_of_the_device_is_read_as_sql(reports: str) -> None:
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        shown(reports, "Status of the device", look("'; SELECT 1; --"))


def test_the_panels_of_now_count_devices_and_subscriptions(reports: str) -> None:
    assert shown(reports, "Devices now") == [[(3, 1, 1, 1)]]
    assert shown(reports, "Subscriptions now") == [[(2, 1, 0, 0)]]
    assert shown(reports, "Countries now") == [[("FR", 1)]]
    [rows] = shown(reports, "Devices")
    assert [row[:2] for row in rows] == [
        (device, PHONE_NUMBERS[device]) for device in (ROAMER, LOST, SILENT)
    ]
    [[subscription]] = shown(reports, "Subscriptions that end, are overdue or silent")
    assert subscription[:4] == ("north", "s-2", "active", False)


def test_the_panels_over_time_tell_of_the_range_alone(reports: str) -> None:
    [countries] = shown(reports, "Countries over time")
    midnights = {(moment, country): devices for moment, country, devices in countries}
    assert midnights[day(5, 0), "FR"] == 1
    assert midnights[day(2, 0), "DE"] == 1
    assert midnights[day(2, 0), "FR"] == 1
    assert (day(10, 0), "FR") not in midnights
    [available] = shown(reports, "Availability")
    by_day = {moment: percent for moment, percent, _ in available}
    assert by_day[day(10, 0)] == 100
    assert by_day[day(2, 0)] == 75
    [lateness] = shown(reports, "Lateness of each sender")
    north, south = (f"{name} {SOURCES[name]}" for name in ("north", "south"))
    assert (day(29, 0), south, 90) in lateness
    assert (day(1, 0), north, 2) in lateness
    assert min(moment for moment, _, _ in lateness) == day(29, 0)
    [events] = shown(reports, "Events that arrived")
    assert sum(count for _, _, count in events) == 12
    [findings] = shown(reports, "Findings of each sender")
    assert [row[:4] for row in findings] == [("south", SOURCES["south"], "time-without-zone", 1)]


def test_the_login_that_the_page_makes_asks_and_changes_nothing(
    reports: str, module_conninfo: str
) -> None:
    [statements] = documented("docs/reports.md", "sql", "CREATE ROLE grafana")
    with psycopg.connect(module_conninfo, autocommit=True) as owner:
        owner.execute(statements.text.encode())
        try:
            login = make_conninfo(module_conninfo, user="grafana")
            with psycopg.connect(login, autocommit=True) as connection:
                [now] = [one.sql for one in QUESTIONS if one.panel == "Countries now"]
                assert connection.execute(look().ask(now).encode()).fetchall() == [("FR", 1)]
                with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                    connection.execute("CREATE TEMPORARY TABLE mine (number integer)")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute("SELECT FROM event")
        finally:
            owner.execute("DROP ROLE grafana")


def test_only_device_ids_stand_in_urls() -> None:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    assert [variable["name"] for variable in board["templating"]["list"]] == [
        "datasource",
        "device",
    ]
    links = [
        link["url"]
        for panel in read_panels(DASHBOARD)
        for override in panel["fieldConfig"]["overrides"]
        for one in override["properties"]
        if one["id"] == "links"
        for link in one["value"]
    ]
    [link] = links
    kept = "${__url_time_range}&${datasource:queryparam}"
    assert link == f"/d/{board['uid']}?{kept}&var-device=${{__value.raw}}"


def test_every_panel_has_its_own_id_and_its_own_place() -> None:
    panels = read_panels(DASHBOARD)
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= WIDTH
        cells = {
            (place["x"] + column, place["y"] + line)
            for column in range(place["w"])
            for line in range(place["h"])
        }
        assert not taken & cells, panel["title"]
        taken |= cells
        assert panel["datasource"]["uid"] == "${datasource}"
