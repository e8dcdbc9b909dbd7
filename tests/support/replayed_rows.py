"""What a replay knows, as the rows of the views and functions for reports have it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.replay import Entry, Replay, write_time
from tests.support.replayed_times import Span, list_spans, measure_days
from tests.support.service import Installation

FAR = datetime(2100, 1, 1, tzinfo=UTC)
TIME = re.compile(r"\d{4}-\d\d-\d\dT.*")
COLUMNS = {
    "connectivity": "connectivity",
    "roaming": "roaming",
    "networkType": "connected_network_type",
}

Row = dict[str, Any]


def read_rows(installation: Installation, relation: str) -> list[Row]:
    """The rows that psql shows of a view or function, with times as the service writes them."""
    question = f"SELECT to_jsonb(answer) FROM {relation} AS answer"  # noqa: S608 - of the tests
    return [
        {name: _normalise(value) for name, value in json.loads(line).items()}
        for line in installation.ask(question)
    ]


def read_report(installation: Installation, relation: str) -> dict[str, list[Row]]:
    """The rows of a view or function by device, the earliest first, without identifiers."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for row in read_rows(installation, relation):
        for identifier in ("phone_number", "network_access_identifier", "first_event_at"):
            row.pop(identifier, None)
        rows[row.pop("device_id")].append(row)
    for each in rows.values():
        each.sort(key=lambda row: str(row.get("from_at", row.get("day"))))
    return dict(rows)


def _normalise(value: Any) -> Any:
    is_time = isinstance(value, str) and TIME.fullmatch(value) is not None
    return write_time(datetime.fromisoformat(value).astimezone(UTC)) if is_time else value


def make_device(replay: Replay, device: str) -> list[Row]:
    """The row of `reporting.device`, without its identifiers and its first event."""
    status = replay.status(device)
    row: Row = {"last_event_at": status["lastEventAt"]}
    for axis, column in COLUMNS.items():
        answer = status[axis]
        known = answer if "value" in answer else answer.get("last", {})
        row |= {
            column: answer.get("value"),
            f"{column}_since": known.get("since"),
            f"{column}_confirmed_at": known.get("confirmedAt"),
            f"{column}_unknown_because": answer.get("because"),
            f"{column}_unknown_since": answer.get("at"),
            f"{column}_last": answer.get("last", {}).get("value"),
        }
    names = status["roaming"].get("countryName")
    country = {
        "country": names and names[0],
        "country_code": status["roaming"].get("countryCode"),
        "country_name": names,
    }
    return [row | country]


def make_intervals(
    replay: Replay, device: str, axis: str, start: datetime, end: datetime
) -> list[Row]:
    """The rows of `reporting.intervals` of one device."""
    return [
        {
            **_write_interval(span, "value"),
            "began_earlier": span.began_earlier,
            "ends_later": span.ends_later,
        }
        for span in list_spans(replay, device, axis, start, end)
    ]


def make_history(replay: Replay, device: str, axis: str, start: datetime) -> list[Row]:
    """The rows of the view of an axis: all that was ever reported, none before `start`."""
    return [
        _write_interval(span, COLUMNS[axis]) for span in _list_reported(replay, device, axis, start)
    ]


def make_sessions(replay: Replay, device: str, start: datetime) -> list[Row]:
    """The rows of `reporting.roaming_session`."""
    return [
        {
            "from_at": write_time(span.from_at),
            "to_at": _write_end(span),
            "end_known": span.after is None,
            "unknown_because": span.after,
            "countries": [
                stay.value[1][0]
                for stay in list_spans(replay, device, "country", span.from_at, span.to_at)
                if stay.because is None and isinstance(stay.value, tuple)
            ],
        }
        for span in _list_reported(replay, device, "roaming", start)
        if span.because is None and span.value is True
    ]


def make_days(replay: Replay, device: str, start: datetime, end: datetime) -> list[Row]:
    """The rows of `reporting.availability`."""
    return [
        {
            "day": day["day"],
            "available_seconds": day["availableSeconds"],
            "unavailable_seconds": day["unavailableSeconds"],
            "unknown_seconds": day["unknownSeconds"],
        }
        for day in measure_days(replay, device, start, end)
    ]


def make_subscription(entry: Entry) -> Row:
    """The row of `reporting.subscription`, as far as its events decide it, without its devices."""
    document = entry.document()
    return {
        "names": document["names"],
        "first_at": document.get("firstAt"),
        "started_at": document.get("startedAt"),
        "inactive_at": document.get("inactiveAt"),
        "ended_at": document.get("endedAt"),
        "termination_reason": document.get("terminationReason"),
        "events": document["events"]["total"],
        "last_event_at": document["lastEventAt"],
    }


def _list_reported(replay: Replay, device: str, axis: str, start: datetime) -> Iterator[Span]:
    for span in list_spans(replay, device, axis, start - timedelta(days=1), FAR):
        if span.because != "never-reported":
            yield span


def _write_interval(span: Span, column: str) -> Row:
    value = span.value if span.because is None else None
    return {
        "from_at": write_time(span.from_at),
        "to_at": _write_end(span),
        column: str(value).lower() if isinstance(value, bool) else value,
        "unknown_because": span.because,
    }


def _write_end(span: Span) -> str | None:
    return None if span.to_at == FAR else write_time(span.to_at)
