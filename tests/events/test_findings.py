"""The findings: their names, which never change."""

import re

from receiver.events.findings import Finding

# Stored events carry these names, and people filter by them.
GIVEN = {
    "byte-order-mark",
    "content-type-mismatch",
    "content-encoding-mismatch",
    "hybrid-form",
    "draft-form",
    "id-not-a-string",
    "source-not-a-string",
    "type-not-a-string",
    "specversion-not-a-string",
    "specversion-unknown",
    "attribute-not-percent-encoded",
    "datacontenttype-not-json",
    "data-in-a-string",
    "data-base64-not-standard",
    "data-given-twice",
    "data-missing",
    "subscription-id-not-a-string",
    "subscription-id-missing",
    "subscription-id-empty",
    "time-missing",
    "time-without-zone",
    "time-leap-second",
    "time-too-precise",
    "time-not-rfc3339",
    "time-in-future",
    "phone-number-not-a-string",
    "phone-number-without-plus",
    "phone-number-not-e164",
    "phone-number-malformed",
    "network-access-identifier-malformed",
    "ipv4-address-wrapped",
    "ipv4-address-not-an-object",
    "ipv4-address-malformed",
    "ipv6-address-malformed",
    "ip-address-decorated",
    "public-port-not-an-integer",
    "public-port-malformed",
    "connectivity-missing",
    "roaming-missing",
    "roaming-not-a-boolean",
    "country-missing",
    "country-code-not-an-integer",
    "country-name-not-a-list",
    "country-name-not-alpha-2",
    "country-name-misspelt",
    "country-inside-device",
    "network-type-missing",
    "network-type-unknown",
    "reason-missing",
    "reason-unknown",
    "member-unexpected",
    "device-not-an-object",
    "device-without-identifier",
    "device-under-another-name",
    "identifier-outside-device",
    "connectivity-malformed",
    "connectivity-misspelt",
    "connectivity-contradicts-name",
    "roaming-malformed",
    "roaming-contradicts-name",
    "country-unexpected",
    "country-code-malformed",
    "country-name-malformed",
    "network-type-malformed",
    "reason-malformed",
    "reason-inside-device",
    "reason-description-malformed",
}


def test_a_finding_equals_its_name() -> None:
    assert str(Finding.TIME_MISSING) == "time-missing"
    assert {"time-missing"} == {Finding.TIME_MISSING}
    assert Finding("time-missing") is Finding.TIME_MISSING


def test_every_name_is_in_kebab_case() -> None:
    assert [name for name in Finding if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name)] == []


def test_a_name_once_given_stays() -> None:
    assert set(map(str, Finding)) >= GIVEN
