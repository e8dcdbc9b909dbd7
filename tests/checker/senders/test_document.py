"""The document: its shape, its order, and the same for the same stream."""

import json
import re
from datetime import UTC, datetime

from receiver.checker.senders.captures import Capture
from receiver.checker.senders.document import ID_NOT_UNIQUE, compose_document, find_severity
from receiver.checker.senders.tally import count_all
from receiver.checker.verdict import Severity
from receiver.events.findings import Finding
from receiver.simulator.plan import Forms, Plan
from tests.support.bodies import cloudevent
from tests.support.paths import ROOT

ARRIVAL = datetime(2026, 3, 2, 10, 0, 30, tzinfo=UTC)


def compose(*bodies: bytes, received_at: datetime | None = None) -> dict[str, object]:
    captures = (Capture(line, body, {}, received_at) for line, body in enumerate(bodies, 1))
    return compose_document("Operator", count_all(("file", capture) for capture in captures))


def roaming(number: int, **changed: object) -> bytes:
    return cloudevent("roaming-status", {"subscriptionId": "s", "roaming": True, **changed},
                      id=str(number))  # fmt: skip


def test_the_whole_document_of_one_broken_rule() -> None:
    document = compose(
        roaming(1), roaming(2, countryName="FR"), roaming(3, countryName="BE"),
        received_at=ARRIVAL,
    )  # fmt: skip
    kept = document.pop("kept")
    assert kept == [
        *(finding for finding in Finding if finding != "country-name-not-a-list"), ID_NOT_UNIQUE,
    ]  # fmt: skip
    version = "org.camaraproject.device-status.v0"
    within = [(1, 0), (10, 0), (60, 3), (300, 3), (3600, 3), (86400, 3)]
    assert document == {
        "sender": "Operator",
        "totals": {
            "notifications": 3, "understood": 3, "withFindings": 2, "refused": 0,
            "duplicates": 0, "idsReused": 0, "outOfOrder": 0,
        },
        "period": {
            "firstOccurredAt": "2026-03-02T10:00:00.000000Z",
            "lastOccurredAt": "2026-03-02T10:00:00.000000Z",
        },
        "lateness": {
            "notifications": 3,
            "longestSeconds": 30.0,
            "within": [{"seconds": bound, "notifications": count} for bound, count in within],
        },
        "forms": {"cloudevents": 3},
        "kinds": {"roaming": 3},
        "types": {f"{version}.roaming-status": 3},
        "eventVersions": {version: 3},
        "broken": [
            {
                "rule": "country-name-not-a-list",
                "notifications": 2,
                "share": 0.6667,
                "level": "every version forbids it",
                "meaning": "`countryName` was a single string; it was taken as a list of one.",
                "specification": {
                    "source": "CAMARA, CountryName: a list of ISO 3166 alpha-2 codes",
                    "versions": "all",
                },
                "instead": 'a list of ISO 3166 alpha-2 codes: `["FR"]`',
                "example": {
                    "place": "file:2",
                    "notification": {
                        "specversion": "1.0",
                        "id": "0 (masked 1)",
                        "source": "//xxxxxxxx.xxxxxxx (masked 2)",
                        "type": f"{version}.roaming-status",
                        "time": "2026-03-02T10:00:00Z",
                        "data": {
                            "subscriptionId": "x (masked 3)",
                            "roaming": True,
                            "countryName": "FR",
                        },
                    },
                },
            }
        ],
        "refused": [],
    }  # fmt: skip


def test_the_most_frequent_comes_first_and_of_two_the_first_by_name() -> None:
    document = compose(
        roaming(1, countryName="FR", countryCode="208"), roaming(2, countryName="FR"),
        cloudevent("roaming-status", {"subscriptionId": "s"}, id="3"), b"x", b"\n\nx", b"x",
    )  # fmt: skip
    broken, refused = document["broken"], document["refused"]
    assert isinstance(broken, list)
    assert isinstance(refused, list)
    assert [fault["rule"] for fault in broken] == [
        "country-name-not-a-list", "country-code-not-an-integer", "roaming-missing",
    ]  # fmt: skip
    assert [fault["notifications"] for fault in refused] == [2, 1]


def test_a_reused_id_is_a_broken_rule_of_the_stream() -> None:
    document = compose(roaming(1), roaming(1, roaming=False))
    broken = document["broken"]
    assert isinstance(broken, list)
    assert [fault["rule"] for fault in broken] == [ID_NOT_UNIQUE]
    assert "CloudEvents 1.0.2" in broken[0]["specification"]["source"]


def test_nothing_sent_is_a_report_too_and_no_time_is_made_up() -> None:
    document = compose()
    assert "period" not in document
    assert "lateness" not in document
    assert document["broken"] == document["refused"] == []


def test_the_gravest_fault_decides() -> None:
    assert find_severity(compose(roaming(1))) is Severity.CLEAN
    assert find_severity(compose(roaming(1, countryName="FR"))) is Severity.WITH_FINDINGS
    assert find_severity(compose(roaming(1, countryName="FR"), b"x")) is Severity.REFUSED


def test_no_sample_and_no_fault_brings_a_number_or_an_address_into_a_report() -> None:
    samples = [path.read_bytes() for path in sorted((ROOT / "tests/samples").glob("*/*.json"))]
    faulty = [
        notification.body
        for notification in Plan(
            until=ARRIVAL, count=400, forms=Forms.ALL, faults=True
        ).make_notifications()
    ]
    wrapped = [json.dumps({"body": body.decode()}).encode() for body in faulty]
    document = compose(*samples, *faulty, *wrapped)
    broken = document["broken"]
    assert isinstance(broken, list)
    assert len(broken) > 20
    for fault in broken:
        # It shows examples of nobody's.
        del fault["instead"]
    text = json.dumps(document)
    assert re.findall(r"99999|203\.0\.|198\.51|192\.0\.|2001:|simulator|operator\.", text) == []
