"""Laws of the samples: each means what is expected, and none names a real person or network."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import Any

import pytest

from receiver.api.questions.resources import DeviceResource, StatusResource
from receiver.errors import NotificationRefused
from receiver.events.event import Event
from receiver.events.forms.structured import read_structured
from receiver.events.registry import understand
from tests.support.paths import ROOT

SAMPLES = sorted(
    path
    for path in (ROOT / "tests/samples").glob("*/*.json")
    if not path.stem.endswith(".expected")
)
ARRIVAL = datetime(2026, 3, 4, tzinfo=UTC)

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


def _sample_id(sample: Path) -> str:
    return f"{sample.parent.name}/{sample.stem}"


@pytest.mark.parametrize("sample", SAMPLES, ids=_sample_id)
def test_a_sample_means_what_is_expected(sample: Path) -> None:
    expected = expectation(sample)
    body = sample.read_bytes()
    if "kind" not in expected:
        with pytest.raises(NotificationRefused) as refused:
            read_structured(body)
        assert expected["message"] == str(refused.value)
        return
    assert expected == meaning(understand(read_structured(body), ARRIVAL))


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
