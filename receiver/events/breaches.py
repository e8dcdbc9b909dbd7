"""By which document a finding is a fault, and in which versions."""

from typing import NamedTuple

from receiver.events.findings import Finding
from receiver.events.meanings import MEANINGS


class Breach(NamedTuple):
    """The rule that a finding breaks.

    Attributes:
        source: the document that states the rule.
        versions: the versions that state it; of the CAMARA APIs unless they name another.
    """

    source: str
    versions: str


_ALL = "all"
_CLOUDEVENTS = Breach("CloudEvents 1.0.2, required attributes", _ALL)
_RFC3339 = Breach("RFC 3339, section 5.6; CAMARA asks for it with a zone", _ALL)
_PRECISION = Breach("RFC 3339 allows it; Python and Postgres have no place for it", "none")
_PHONE_TYPE = Breach("CAMARA, PhoneNumber: a string", _ALL)
_PHONE_PATTERN = Breach(
    r"CAMARA, PhoneNumber: pattern `^\+[1-9][0-9]{4,14}$`",
    "0.6.0-alpha.1 and later; separators break earlier ones too",
)
_IPV4 = Breach("CAMARA, DeviceIpv4Addr: an object of addresses in IPv4 format", _ALL)
_PORT = Breach("CAMARA, Port: an integer from 0 to 65535; in Commonalities r4.2 from 1", _ALL)
_COUNTRY_NAME = Breach("CAMARA, CountryName: a list of ISO 3166 alpha-2 codes", _ALL)
_NETWORK_TYPE = Breach(
    "CAMARA, ConnectedNetworkType: required; one of 2G, 3G, 4G, 5G, UNKNOWN",
    "connected-network-type-subscriptions: all",
)
_SUBSCRIPTION_ID = Breach("CAMARA, SubscriptionId: a string that identifies", _ALL)
_ROAMING = Breach("CAMARA, roaming-status: `roaming`, a required boolean", _ALL)
_CONNECTIVITY = Breach(
    "the legacy connectivity events of CAMARA's drafts and of Nokia", "the legacy form"
)
_REASON = Breach(
    "CAMARA, TerminationReason and its like: closed lists", "all, each with its own list"
)
_DEVICE = Breach("CAMARA, Device: an object of one to four identifiers", _ALL)

BREACHES = {
    Finding.BYTE_ORDER_MARK: Breach("RFC 8259, section 8.1: JSON starts without one", _ALL),
    Finding.CONTENT_TYPE_MISMATCH: Breach(
        "CloudEvents 1.0.2, HTTP binding, sections 3.2 and 3.3: the `Content-Type` of each mode",
        _ALL,
    ),
    Finding.CONTENT_ENCODING_MISMATCH: Breach("RFC 9110, section 8.4: `Content-Encoding`", _ALL),
    Finding.HYBRID_FORM: Breach("CloudEvents 1.0.2: an extension attribute is no object", _ALL),
    Finding.DRAFT_FORM: Breach(
        "CAMARA device-status of July 2023: `event`, and in it `device`", "every release"
    ),
    Finding.ID_NOT_A_STRING: _CLOUDEVENTS,
    Finding.SOURCE_NOT_A_STRING: _CLOUDEVENTS,
    Finding.TYPE_NOT_A_STRING: _CLOUDEVENTS,
    Finding.SPECVERSION_NOT_A_STRING: _CLOUDEVENTS,
    Finding.SPECVERSION_UNKNOWN: _CLOUDEVENTS,
    Finding.ATTRIBUTE_NOT_PERCENT_ENCODED: Breach(
        "CloudEvents 1.0.2, HTTP binding, section 3.1.3.2: percent-encoding of header values", _ALL
    ),
    Finding.DATACONTENTTYPE_NOT_JSON: Breach(
        "CAMARA, datacontenttype: `application/json`",
        "device-reachability-status-subscriptions: all; the other APIs: 0.7.0 and later",
    ),
    Finding.DATA_IN_A_STRING: Breach("CAMARA, CloudEvent: `data` is an object", _ALL),
    Finding.DATA_BASE64_NOT_STANDARD: Breach(
        "CloudEvents 1.0.2, JSON format, section 3.1.1: base64 of RFC 4648, section 4", _ALL
    ),
    Finding.DATA_GIVEN_TWICE: Breach(
        "CloudEvents 1.0.2, JSON format, section 3.1: `data` or `data_base64`, not both", _ALL
    ),
    Finding.DATA_MISSING: Breach("CAMARA, CloudEvent: required members", "up to 0.6.1"),
    Finding.MEMBER_UNEXPECTED: Breach(
        "CAMARA, data of each event: its own members",
        "all; but roaming 0.7.0 and 0.8.0 require a `countryCode` of ends, and do not define it",
    ),
    Finding.SUBSCRIPTION_ID_MISSING: Breach(
        "CAMARA, data of every event: `subscriptionId` required",
        "0.7.0 and later; for subscription-ends 0.6.0-alpha.1 and later",
    ),
    Finding.SUBSCRIPTION_ID_NOT_A_STRING: _SUBSCRIPTION_ID,
    Finding.SUBSCRIPTION_ID_EMPTY: _SUBSCRIPTION_ID,
    Finding.TIME_MISSING: Breach("CAMARA, CloudEvent: `time` required", _ALL),
    Finding.TIME_WITHOUT_ZONE: _RFC3339,
    Finding.TIME_LEAP_SECOND: _PRECISION,
    Finding.TIME_TOO_PRECISE: _PRECISION,
    Finding.TIME_NOT_RFC3339: _RFC3339,
    Finding.TIME_IN_FUTURE: Breach("CloudEvents 1.0.2, time: when it happened", _ALL),
    Finding.DEVICE_NOT_AN_OBJECT: _DEVICE,
    Finding.DEVICE_WITHOUT_IDENTIFIER: _DEVICE,
    Finding.DEVICE_UNDER_ANOTHER_NAME: _DEVICE,
    Finding.IDENTIFIER_OUTSIDE_DEVICE: _DEVICE,
    Finding.PHONE_NUMBER_NOT_A_STRING: _PHONE_TYPE,
    Finding.PHONE_NUMBER_WITHOUT_PLUS: _PHONE_PATTERN._replace(
        versions="0.6.0-alpha.1 and later; before, the plus was optional"
    ),
    Finding.PHONE_NUMBER_NOT_E164: _PHONE_PATTERN,
    Finding.PHONE_NUMBER_MALFORMED: Breach("CAMARA, PhoneNumber: 5 to 15 digits", _ALL),
    Finding.NETWORK_ACCESS_IDENTIFIER_MALFORMED: Breach(
        "CAMARA, NetworkAccessIdentifier: `{Local Identifier}@{Domain Identifier}`", _ALL
    ),
    Finding.IPV4_ADDRESS_WRAPPED: _IPV4,
    Finding.IPV4_ADDRESS_NOT_AN_OBJECT: _IPV4,
    Finding.IPV4_ADDRESS_MALFORMED: _IPV4,
    Finding.IPV6_ADDRESS_MALFORMED: Breach("CAMARA, DeviceIpv6Address: IPv6 format", _ALL),
    Finding.IP_ADDRESS_DECORATED: Breach(
        "CAMARA, Device: IPv4 and IPv6 format", "0.5.0-rc and later; drafts took a prefix length"
    ),
    Finding.PUBLIC_PORT_NOT_AN_INTEGER: _PORT,
    Finding.PUBLIC_PORT_MALFORMED: _PORT._replace(versions="all; port 0 only Commonalities r4.2"),
    Finding.CONNECTIVITY_MISSING: _CONNECTIVITY,
    Finding.CONNECTIVITY_MALFORMED: _CONNECTIVITY,
    Finding.CONNECTIVITY_MISSPELT: _CONNECTIVITY,
    Finding.CONNECTIVITY_CONTRADICTS_NAME: _CONNECTIVITY,
    Finding.ROAMING_MISSING: _ROAMING,
    Finding.ROAMING_NOT_A_BOOLEAN: _ROAMING,
    Finding.ROAMING_MALFORMED: _ROAMING,
    Finding.ROAMING_CONTRADICTS_NAME: Breach(
        "CAMARA, roaming events: roaming-on, roaming-off and roaming-change-country say it", _ALL
    ),
    Finding.COUNTRY_MISSING: Breach(
        "CAMARA, roaming-change-country: `countryCode` and `countryName` required",
        "0.7.0 and later",
    ),
    Finding.COUNTRY_UNEXPECTED: Breach(
        "CAMARA, roaming-on and roaming-off: no country; the legacy form has one", _ALL
    ),
    Finding.COUNTRY_CODE_NOT_AN_INTEGER: Breach("CAMARA, CountryCode: an integer", _ALL),
    Finding.COUNTRY_CODE_MALFORMED: Breach(
        "CAMARA, CountryCode: a mobile country code, of three digits",
        "all; the schemas allow any integer",
    ),
    Finding.COUNTRY_NAME_NOT_A_LIST: _COUNTRY_NAME,
    Finding.COUNTRY_NAME_NOT_ALPHA2: _COUNTRY_NAME,
    Finding.COUNTRY_NAME_MALFORMED: _COUNTRY_NAME,
    Finding.COUNTRY_NAME_MISSPELT: _COUNTRY_NAME,
    Finding.COUNTRY_INSIDE_DEVICE: Breach(
        "CAMARA, roaming events: the country stands beside `device`; an example of 0.5.0 errs", _ALL
    ),
    Finding.NETWORK_TYPE_MISSING: _NETWORK_TYPE,
    Finding.NETWORK_TYPE_UNKNOWN: _NETWORK_TYPE,
    Finding.NETWORK_TYPE_MALFORMED: _NETWORK_TYPE,
    Finding.REASON_MISSING: Breach(
        "CAMARA, subscription events: `terminationReason`, `initiationReason`, `updateReason`",
        "all; the last two exist from 0.8.0",
    ),
    Finding.REASON_UNKNOWN: _REASON,
    Finding.REASON_MALFORMED: _REASON,
    Finding.REASON_DESCRIPTION_MALFORMED: Breach(
        "CAMARA, `terminationDescription` and its like: a string; the length is a limit of ours",
        "0.7.0 and later; initiation and update 0.8.0",
    ),
    Finding.REASON_INSIDE_DEVICE: Breach(
        "CAMARA, subscription events: the reason stands beside `device`; drafts of 2023 err", _ALL
    ),
}


def explain(finding: Finding) -> str:
    """Returns three lines: the finding, its meaning, and the rule with its versions."""
    breach = BREACHES[finding]
    return f"{finding}\n  {MEANINGS[finding]}\n  {breach.source} (breaks: {breach.versions})"
