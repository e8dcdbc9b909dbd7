"""The cases of what senders send: each form of each event of each version."""

import json
from datetime import UTC, datetime

from receiver.conformance.cases.accepting import list_accepting
from receiver.conformance.clauses import Level
from receiver.conformance.published import LEGACY, VERSIONS
from receiver.conformance.writing import BATCH, Writer

CASES = {
    case.name: case for case in list_accepting(Writer("run", datetime(2026, 3, 4, tzinfo=UTC)))
}
EVENTS = [(version, name) for version in VERSIONS for name in version.names]


def test_every_event_of_every_version_comes_in_every_form() -> None:
    for version, name in EVENTS:
        structured, binary = (
            CASES[f"{mode}-{version.api}-{version.number}-{name}"]
            for mode in ("structured", "binary")
        )
        expected = f"org.camaraproject.{version.segment}.v0.{name}"
        assert json.loads(structured.requests[0].body)["type"] == expected
        assert binary.requests[0].headers["ce-type"] == expected
        assert (structured.level, binary.level) == (Level.MUST, Level.SHOULD)


def test_a_batch_holds_every_event_of_its_version() -> None:
    for version in VERSIONS:
        case = CASES[f"batch-{version.api}-{version.number}"]
        members = json.loads(case.requests[0].body)
        assert [one["type"].rpartition(".")[2] for one in members] == list(version.names)
        assert case.requests[0].headers["content-type"] == BATCH
        assert case.level is Level.MAY


def test_every_legacy_notification_is_sent_as_plain_json() -> None:
    for name in LEGACY:
        request = CASES[f"legacy-{name}"].requests[0]
        assert json.loads(request.body).keys() == {"eventSubscriptionId", "event"}
        assert request.headers["content-type"] == "application/json"


def test_the_variants_lack_what_they_say() -> None:
    def event(name: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(CASES[name].requests[0].body)
        return found

    data = event("event-without-device")["data"]
    assert isinstance(data, dict)
    assert data.keys() == {"subscriptionId"}
    assert "data" not in event("event-without-data")
    assert "datacontenttype" not in event("event-without-datacontenttype")
    assert ".v1." in str(event("event-version-1")["type"])
    assert 63_000 < len(CASES["event-of-64-kilobytes"].requests[0].body) <= 64_000
