"""Two thousand simulated notifications arrive once each, and can be read back page by page."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.service import Installation, Service, bearer

COUNT = 2000
# A credential of their own tells the simulated events from all others.
SIMULATED = "reporting.event WHERE credential = 'simulator'"
TOTALS = f"SELECT count(*), min(deliveries), max(deliveries) FROM {SIMULATED}"  # noqa: S608 - from above
ROWS = (
    "SELECT phone_number, device_id, event_id, name, to_char(occurred_at AT TIME ZONE 'UTC',"  # noqa: S608 - from above
    f' \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\') FROM {SIMULATED} ORDER BY device_id, occurred_at'
)


Rows = list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Run:
    """What the command said of one run, by what each row is about, and what was stored then."""

    summary: dict[str, str]
    totals: list[str]


@pytest.fixture(scope="module")
def runs(service: Service, shared_installation: Installation) -> list[Run]:
    """Two runs with the same seed."""
    create = ("credential", "create", "simulator", "--role", "sink")
    token = shared_installation.run(*create).stdout.strip()
    to = ("--to", f"{service.address}/notifications", "--token", token)
    found = []
    for _ in range(2):
        ended = shared_installation.run("simulate", *to, "--seed", "7", "--count", str(COUNT))
        assert (ended.returncode, ended.stderr) == (0, "")
        rows = (line.rsplit(maxsplit=1) for line in ended.stdout.splitlines())
        summary = {about.strip(): number for about, number in rows}
        found.append(Run(summary, shared_installation.ask(TOTALS)))
    return found


def test_every_simulated_notification_is_taken_and_stored_once(runs: list[Run]) -> None:
    first, _ = runs
    assert first.summary["204"] == str(COUNT)
    assert {name for name in first.summary if name.isdecimal()} == {"204"}
    assert first.totals == [f"{COUNT}|1|1"]


def test_the_same_seed_again_adds_a_delivery_to_each_and_no_row(runs: list[Run]) -> None:
    _, again = runs
    assert again.summary["204"] == str(COUNT)
    assert again.totals == [f"{COUNT}|2|2"]


@pytest.fixture(scope="module")
def devices(shared_installation: Installation, runs: list[Run]) -> dict[tuple[str, str], Rows]:
    """What psql knows of each simulated device, oldest first, by phone number and device id."""
    found: defaultdict[tuple[str, str], Rows] = defaultdict(list)
    for row in shared_installation.ask(ROWS):
        phone_number, device_id, event_id, name, occurred_at = row.split("|")
        found[phone_number, device_id].append((event_id, name, occurred_at))
    return dict(found)


def told(events: Iterable[Mapping[str, Any]]) -> Rows:
    return [(event["id"], event["name"], event["occurredAt"]) for event in events]


def test_the_histories_add_up_to_all_that_was_sent(
    service: Service,
    shared_installation: Installation,
    runs: list[Run],
    devices: dict[tuple[str, str], Rows],
) -> None:
    assert str(len(devices)) == runs[0].summary["devices"]
    assert sum(map(len, devices.values())) == COUNT
    reader = shared_installation.token("reader")
    for (phone_number, device_id), rows in devices.items():
        history = service.history(reader, phone_number)
        assert told(reversed(history)) == rows
        assert {(event["deviceId"], event["deliveries"]) for event in history} == {(device_id, 2)}


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("way", ["by phone number", "by device"])
def test_the_pages_of_a_history_are_the_rows_of_psql(
    service: Service,
    shared_installation: Installation,
    devices: dict[tuple[str, str], Rows],
    order: str,
    way: str,
) -> None:
    reader = shared_installation.token("reader")
    (phone_number, device_id), rows = max(devices.items(), key=lambda item: len(item[1]))
    assert len(rows) > 14
    if way == "by device":
        pages = device_pages(service, reader, device_id, order)
    else:
        device = {"phoneNumber": phone_number}
        pages = list(service.pages(reader, device=device, order=order, limit=7))
    assert {len(page) for page in pages[:-1]} == {7}
    assert 0 < len(pages[-1]) <= 7
    walked = told(event for page in pages for event in page)
    assert walked == (rows if order == "asc" else rows[::-1])


def device_pages(
    service: Service, reader: str, device_id: str, order: str
) -> list[list[dict[str, Any]]]:
    """The pages of a device's history, asked for by its id."""
    pages: list[list[dict[str, Any]]] = []
    parameters = {"limit": "7", "order": order}
    while True:
        answer = service.client.get(
            f"/devices/{device_id}/events", params=parameters, headers=bearer(reader)
        )
        assert answer.status_code == 200, answer.text
        pages.append(answer.json()["items"])
        if "nextCursor" not in answer.json():
            return pages
        parameters["cursor"] = answer.json()["nextCursor"]


def test_without_an_address_the_local_service_is_meant(
    service: Service, shared_installation: Installation
) -> None:
    port = str(urlsplit(service.address).port)
    ended = shared_installation.run("simulate", "--count", "20", RECEIVER_PORT=port)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ["204", "20"] in [line.split() for line in ended.stdout.splitlines()]


def test_a_wrong_token_is_told_by_the_exit_status_and_not_repeated(
    service: Service, shared_installation: Installation
) -> None:
    to = ("--to", f"{service.address}/notifications", "--token", "nobodys-token")
    ended = shared_installation.run("simulate", *to, "--count", "3")
    assert ended.returncode == 1
    assert "401 UNAUTHENTICATED" in ended.stdout
    assert "nobodys-token" not in ended.stdout + ended.stderr
