"""What is understood: every sample against its expectation, and README's table of them all.

`python tests/test_understood.py` prints the table.
"""

import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from receiver.api.questions.resources import DeviceResource, StatusResource
from receiver.errors import NotificationRefused
from receiver.events.envelope import read
from receiver.events.event import Event
from receiver.events.registry import understand
from tests.support.paths import ROOT

SAMPLES = sorted(
    path
    for path in (ROOT / "tests/samples").glob("*/*.json")
    if not path.stem.endswith(".expected")
)
COMMAND = "python tests/test_understood.py"
START, END = "<!-- understood -->", "<!-- /understood -->"
ARRIVAL = datetime(2026, 3, 4, tzinfo=UTC)

ROAMING = ("roaming-status", "roaming-on", "roaming-off", "roaming-change-country")
CONNECTIVITY = ("connectivity-data", "connectivity-sms", "connectivity-disconnected")
REACHABILITY = ("reachability-data", "reachability-sms", "reachability-disconnected")
NETWORK_TYPE = ("network-type-changed",)
ENDS = ("subscription-ends",)
LIFE = ("subscription-started", "subscription-updated", "subscription-ended")
# Every event type that a tagged release of CAMARA publishes: the API as its folder is called, the
# releases, the API as `type` calls it, the event names.
PUBLISHED = (
    (
        "device-status",
        ("0.5.0-rc", "0.5.0", "0.5.1", "0.6.0-alpha.1"),
        "device-status",
        ROAMING + CONNECTIVITY + ENDS,
    ),
    (
        "device-roaming-status-subscriptions",
        ("0.6.0-rc.1", "0.6.0", "0.6.1"),
        "roaming-status-subscriptions",
        ROAMING + ENDS,
    ),
    (
        "device-roaming-status-subscriptions",
        ("0.7.0-rc.1", "0.7.0"),
        "device-roaming-status-subscriptions",
        ROAMING + ENDS,
    ),
    (
        "device-roaming-status-subscriptions",
        ("0.8.0-rc.1", "0.8.0"),
        "device-roaming-status-subscriptions",
        ROAMING + LIFE,
    ),
    (
        "device-reachability-status-subscriptions",
        ("0.6.0-rc.1", "0.6.0", "0.6.1", "0.7.0-rc.1", "0.7.0"),
        "device-reachability-status-subscriptions",
        REACHABILITY + ENDS,
    ),
    (
        "device-reachability-status-subscriptions",
        ("0.8.0-rc.1", "0.8.0"),
        "device-reachability-status-subscriptions",
        REACHABILITY + LIFE,
    ),
    (
        "connected-network-type-subscriptions",
        ("0.1.0-rc.1", "0.1.0"),
        "connected-network-type-subscriptions",
        NETWORK_TYPE + ENDS,
    ),
    (
        "connected-network-type-subscriptions",
        ("0.2.0-rc.1", "0.2.0"),
        "connected-network-type-subscriptions",
        NETWORK_TYPE + LIFE,
    ),
)

# RFC 5737, RFC 3849 and RFC 2606.
DOCUMENTATION_NETWORKS = tuple(
    map(IPv4Network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))
)
DOCUMENTATION_NETWORK = IPv6Network("2001:db8::/32")
RESERVED_DOMAIN = re.compile(r"(?:^|\.)(?:example(?:\.(?:com|net|org))?|invalid)$", re.IGNORECASE)
NUMBER = re.compile(r'"(?:phoneNumber|msisdn)": *"?([^",}\s]+)|(\+[0-9]{5,})')
IPV4 = re.compile(r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w.])")
IPV6 = re.compile(r"(?<![\w:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
DOMAIN = re.compile(r"(?<![\w.-])(?:[\w-]+\.)+[A-Za-z]{2,}(?![\w-])")
TYPE = re.compile(r'"(?:type|eventType)": *"[^"]*"')


def expectation(sample: Path) -> dict[str, Any]:
    """What the REST interface shows of it but for what the service adds; or its refusal."""
    expected: dict[str, Any] = json.loads(sample.with_suffix(".expected.json").read_text())
    return expected


def meaning(event: Event) -> dict[str, Any]:
    resource = {
        "kind": str(event.kind),
        "name": event.name,
        "type": event.type,
        "form": str(event.form),
        "source": event.source,
        "eventId": event.event_id,
        "subscriptionId": event.subscription_id,
        "occurredAt": event.occurred_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "device": DeviceResource.of(event.device).model_dump(by_alias=True, exclude_none=True),
        "status": StatusResource.of(event.status).model_dump(by_alias=True, exclude_none=True),
        "findings": list(event.findings),
    }
    return {name: value for name, value in resource.items() if value is not None}


def readable() -> list[tuple[Path, dict[str, Any]]]:
    """The samples that are understood or kept, each with its expectation."""
    expected = [(sample, expectation(sample)) for sample in SAMPLES]
    return [(sample, event) for sample, event in expected if "kind" in event]


def table() -> str:
    """The samples as Markdown: neighbouring versions with the same row share it."""
    rows = []
    for folder, found in groupby(readable(), key=lambda pair: pair[0].parent.name):
        events = [event for _, event in found]
        known = {event["name"] for event in events if event["kind"] != "unrecognised"}
        kept = {event["name"] for event in events if event["kind"] == "unrecognised"}
        names = [_list(known)] if known else []
        if kept:
            names.append(f"kept whole: {_list(kept)}")
        hybrid = any("hybrid-form" in event["findings"] for event in events)
        forms = "hybrid" if hybrid else ", ".join(sorted({event["form"] for event in events}))
        findings = {finding for event in events for finding in event["findings"]}
        api, _, version = folder.partition(".")
        rows.append((api, version, (forms, "; ".join(names), _list(findings) or "none")))
    rows.sort(key=lambda row: (*_importance(row[0]), _precedence(row[1])))
    lines = ["| provider or API | version | form | events | findings |", "|---|---|---|---|---|"]
    for (api, said), same in groupby(rows, key=lambda row: (row[0], row[2])):
        versions = ", ".join(version for _, version, _ in same)
        lines.append(f"| {' | '.join((api, versions, *said))} |")
    return "\n".join(lines)


def _list(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _importance(api: str) -> tuple[int, str]:
    """The released APIs come first, then who is like them, then their siblings."""
    first = [*dict.fromkeys(api for api, *_ in PUBLISHED), "nokia", "camara-draft"]
    return first.index(api) if api in first else len(first), api


def _precedence(version: str) -> tuple[str, bool, str]:
    """A release candidate comes before its release."""
    release, hyphen, candidate = version.partition("-")
    return release, not hyphen, candidate


def _sample_id(sample: Path) -> str:
    return f"{sample.parent.name}/{sample.stem}"


@pytest.mark.parametrize("sample", SAMPLES, ids=_sample_id)
def test_a_sample_means_what_is_expected(sample: Path) -> None:
    expected = expectation(sample)
    body = sample.read_bytes()
    if "kind" not in expected:
        with pytest.raises(NotificationRefused) as refused:
            read(body)
        assert expected["message"] == str(refused.value)
        return
    assert expected == meaning(understand(read(body), ARRIVAL))


def test_every_published_event_of_every_version_has_a_sample_and_no_other_has() -> None:
    published = {
        (f"{api}.{version}", f"org.camaraproject.{prefix}.v0.{name}")
        for api, versions, prefix, names in PUBLISHED
        for version in versions
        for name in names
    }
    assert len({type_ for _, type_ in published}) == 33
    folders = {folder for folder, _ in published}
    sampled = {(sample.parent.name, event["type"]) for sample, event in readable()}
    assert published == {(folder, type_) for folder, type_ in sampled if folder in folders}


def _outsiders(text: str) -> Iterator[str]:
    """What in a sample might belong to somebody."""
    for number in NUMBER.finditer(text):
        digits = number[1] or number[2]
        if digits != "null" and not re.fullmatch(r"\+?99999[0-9]{5,10}", digits):
            yield digits
    for address in IPV4.findall(text):
        if not any(IPv4Address(address) in network for network in DOCUMENTATION_NETWORKS):
            yield address
    for address in IPV6.findall(text):
        try:
            documented = IPv6Address(address) in DOCUMENTATION_NETWORK
        except AddressValueError:
            continue  # a time of day
        if not documented:
            yield address
    for domain in DOMAIN.findall(TYPE.sub("", text)):
        if not RESERVED_DOMAIN.search(domain):
            yield domain


def test_samples_name_nobody_s_number_address_or_domain() -> None:
    found = {_sample_id(sample): list(_outsiders(sample.read_text())) for sample in SAMPLES}
    assert [sample for sample, outsiders in found.items() if outsiders] == []


@pytest.mark.parametrize(
    ("text", "outsider"),
    [
        ('"phoneNumber": 49301234567', "49301234567"),
        ('"msisdn": "+4930123456"', "+4930123456"),
        ('"source": "+4930123456"', "+4930123456"),
        ('"publicAddress": "8.8.4.4"', "8.8.4.4"),
        ('"ipv6Addr": "2606:4700::1111/128"', "2606:4700::1111"),
        ('"source": "https://api.operator.com/x"', "api.operator.com"),
        ('"networkAccessIdentifier": "a@b.de"', "b.de"),
    ],
)
def test_a_real_number_address_or_domain_would_be_seen(text: str, outsider: str) -> None:
    assert outsider in list(_outsiders(text))


def test_readme_shows_what_is_understood() -> None:
    _, start, rest = (ROOT / "README.md").read_text().partition(START)
    shown, end, _ = rest.partition(END)
    assert start, f"README.md lacks {START} … {END}; `{COMMAND}` prints what stands between"
    assert end, f"README.md lacks {END}; `{COMMAND}` prints what stands before it"
    assert table() == shown.strip(), f"README.md is out of date; `{COMMAND}` prints what it is now"


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
