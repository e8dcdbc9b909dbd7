"""Simulated notifications arrive once each, and can be read back page by page."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from receiver.client import Device, Event
from receiver.client.calls.arguments import Order
from tests.support.between import skip_behind_pooler
from tests.support.lengths import lengths
from tests.support.service import Installation, Service, bearer

UNTIL = "2026-10-01T00:00:00Z"
# A credential of their own tells the simulated events of a count from all others.
CREDENTIAL = "simulator-{count}"
SIMULATED = f"reporting.event WHERE credential = '{CREDENTIAL}'"
TOTALS = f"SELECT count(*), min(deliveries), max(deliveries) FROM {SIMULATED}"  # noqa: S608 - from above
ROWS = (
    "SELECT phone_number, device_id, event_id, name, to_char(occurred_at AT TIME ZONE 'UTC',"  # noqa: S608 - from above
    f' \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\') FROM {SIMULATED} ORDER BY device_id, occurred_at'
)

# How psql is asked to write a time.
MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"

Rows = list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Run:
    """What the command said of one run, by what each row is about, and what was stored then."""

    summary: dict[str, str]
    totals: list[str]


@pytest.fixture(scope="module", params=lengths(600, 2000))
def count(request: pytest.FixtureRequest) -> int:
    """How many notifications a run has."""
    made: int = request.param
    return made


@pytest.fixture(scope="module")
def runs(service: Service, shared_installation: Installation, count: int) -> list[Run]:
    """Two runs with the same seed."""
    token = shared_installation.create(CREDENTIAL.format(count=count), "sink")
    to = ("--to", f"{service.address}/notifications", "--token", token)
    found = []
    for _ in range(2):
        ended = shared_installation.run_here(
            "simulate", *to, "--seed", str(count), "--until", UNTIL, "--count", str(count)
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        rows = (line.rsplit(maxsplit=1) for line in ended.stdout.splitlines() if line)
        summary = {about.strip(): number for about, number in rows}
        found.append(Run(summary, shared_installation.ask(TOTALS.format(count=count))))
    return found


def test_every_simulated_notification_is_taken_and_stored_once(runs: list[Run], count: int) -> None:
    first, _ = runs
    assert first.summary["204"] == str(count)
    assert {name for name in first.summary if name.isdecimal()} == {"204"}
    assert first.totals == [f"{count}|1|1"]


def test_the_same_seed_again_adds_a_delivery_to_each_and_no_row(
    runs: list[Run], count: int
) -> None:
    _, again = runs
    assert again.summary["204"] == str(count)
    assert again.totals == [f"{count}|2|2"]


@pytest.fixture(scope="module")
def devices(
    shared_installation: Installation, runs: list[Run], count: int
) -> dict[tuple[str, str], Rows]:
    """What psql knows of each simulated device, oldest first, by phone number and device id."""
    found: defaultdict[tuple[str, str], Rows] = defaultdict(list)
    for row in shared_installation.ask(ROWS.format(count=count)):
        phone_number, device_id, event_id, name, occurred_at = row.split("|")
        found[phone_number, device_id].append((event_id, name, occurred_at))
    return dict(found)


def told(events: Iterable[Event]) -> Rows:
    return [(event.id, event.name, f"{event.occurred_at:{MOMENT}}") for event in events]


def assert_same(walked: Rows, rows: Rows) -> None:
    """Both are in order of time; of events of one moment psql knows no order."""
    assert [at for _, _, at in walked] == [at for _, _, at in rows]
    assert sorted(walked) == sorted(rows)


def test_the_histories_add_up_to_all_that_was_sent(
    service: Service,
    shared_installation: Installation,
    runs: list[Run],
    count: int,
    devices: dict[tuple[str, str], Rows],
) -> None:
    assert str(len(devices)) == runs[0].summary["devices"]
    assert sum(map(len, devices.values())) == count
    reader = shared_installation.token("reader")
    for (phone_number, device_id), rows in devices.items():
        history = service.history(reader, phone_number)
        assert_same(told(reversed(history)), rows)
        assert {(str(one.device_id), one.deliveries) for one in history} == {(device_id, 2)}


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("way", ["by phone number", "by device"])
def test_the_pages_of_a_history_are_the_rows_of_psql(
    service: Service,
    shared_installation: Installation,
    devices: dict[tuple[str, str], Rows],
    order: Order,
    way: str,
) -> None:
    reader = service.ask_as(shared_installation.token("reader"))
    (phone_number, device_id), rows = max(devices.items(), key=lambda item: len(item[1]))
    assert len(rows) > 14
    pages: list[tuple[Event, ...]] = []
    cursor: str | None = None
    while cursor is not None or not pages:
        page = (
            reader.list_device_events(device_id, order=order, limit=7, cursor=cursor)
            if way == "by device"
            else reader.retrieve_events(
                phone_number=phone_number, order=order, limit=7, cursor=cursor
            )
        )
        pages.append(page.items)
        cursor = page.next_cursor
    assert {len(page) for page in pages[:-1]} == {7}
    assert 0 < len(pages[-1]) <= 7
    walked = told(event for page in pages for event in page)
    assert_same(walked if order == "asc" else walked[::-1], rows)


@skip_behind_pooler("the address lies beside the embedded Postgres")
def test_without_an_address_the_running_service_is_meant(
    service: Service, shared_installation: Installation, tmp_path: Path
) -> None:
    """It listens on a port that only it knows; the settings name another one."""
    file = tmp_path / "expected"
    options = ("--seed", "8", "--count", "100", "--expect", str(file))
    ended = shared_installation.run_here("simulate", *options, RECEIVER_PORT="9")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ["204", "100"] in [line.split() for line in ended.stdout.splitlines()]
    check_expected(service, shared_installation.token("reader"), file)


def test_what_is_expected_comes_true_with_faults_in_every_form(
    service: Service, shared_installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "expected"
    options = ("--seed", "9", "--count", "300", "--forms", "all", "--batch", "7", "--faults")
    ended = shared_installation.run_here("simulate", *options, "--expect", str(file))
    assert (ended.returncode, ended.stderr) == (0, "")
    check_expected(service, shared_installation.token("reader"), file)


def check_expected(service: Service, token: str, file: Path) -> None:
    """Asks for the status of each device in a file of `--expect`."""
    documents = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(documents) > 5
    for expected in documents:
        if "device" in expected:
            question = {"device": expected.pop("device")}
            answer = service.http.post("/status/retrieve", json=question, headers=bearer(token))
        else:
            subscription_id = expected.pop("subscriptionId")
            events = service.ask_as(token).iterate_events(subscription_id=subscription_id)
            [device_id] = {one.device_id for one in events if one.device == Device()}
            answer = service.http.get(f"/devices/{device_id}/status", headers=bearer(token))
        assert answer.status_code == 200, answer.text
        assert without_ids(answer.json()) == expected


def without_ids(found: dict[str, Any]) -> dict[str, Any]:
    """A status without what only the service knows."""
    own = {"asOf", "deviceId", "confirmedAt", "eventId"}
    return {
        name: without_ids(value) if isinstance(value, dict) else value
        for name, value in found.items()
        if name not in own
    }


@pytest.mark.parametrize("path", ["", "/"])
def test_a_url_without_a_path_means_the_sink(
    service: Service, shared_installation: Installation, path: str
) -> None:
    to = ("--to", f"{service.address}{path}")
    ended = shared_installation.run_here("simulate", *to, "--count", "3")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_wrong_path_is_told_after_one_notification(
    service: Service, shared_installation: Installation
) -> None:
    url = f"{service.address}/notification"
    ended = shared_installation.run_here("simulate", "--to", url)
    line = f"receiver: {url} is no sink (404); is the path /notifications?\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", line)


def test_a_wrong_token_is_told_by_the_exit_status_and_not_repeated(
    service: Service, shared_installation: Installation
) -> None:
    to = ("--to", f"{service.address}/notifications", "--token", "nobodys-token")
    ended = shared_installation.run_here("simulate", *to, "--count", "3")
    assert ended.returncode == 1
    assert "401 UNAUTHENTICATED" in ended.stdout
    assert "nobodys-token" not in ended.stdout + ended.stderr
