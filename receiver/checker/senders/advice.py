"""What a sender sends instead, for each finding; the clause stands in `events.breaches`."""

from receiver.events.breaches import BREACHES
from receiver.events.findings import Finding

_NUMBER = "a string of `+`, the country code and the digits: `+99999991000`"
_IPV4 = 'an object: `{"publicAddress": "203.0.113.7", "publicPort": 59765}`'
_ALPHA2 = 'a list of ISO 3166 alpha-2 codes: `["FR"]`'
_DEVICE = "one of the four identifiers, by its own name, inside `data.device`"
_CONNECTIVITY = "the CloudEvent whose name says it, such as `reachability-data`"
_NETWORK_TYPE = "`connectedNetworkType`: 2G, 3G, 4G, 5G or UNKNOWN"
_TIME = "RFC 3339 with a zone: `2026-04-17T07:31:01.416Z`"
_REASON = "the reason of the list for this event, as a string in capitals"

INSTEAD = {
    Finding.BYTE_ORDER_MARK: "JSON in UTF-8 that begins with its first brace",
    Finding.CONTENT_TYPE_MISMATCH: (
        "one `Content-Type`: `application/cloudevents+json` with one event, "
        "`application/cloudevents-batch+json` with a list"
    ),
    Finding.CONTENT_ENCODING_MISMATCH: (
        "`Content-Encoding` with the coding that was used, and none where none was"
    ),
    Finding.HYBRID_FORM: "the CloudEvent alone, with all that it says inside `data`",
    Finding.DRAFT_FORM: "the CloudEvent of a published version of the API",
    Finding.ID_NOT_A_STRING: 'a string: `"id": "123654"`',
    Finding.SOURCE_NOT_A_STRING: "a URI reference as a string",
    Finding.TYPE_NOT_A_STRING: "the type of the event as a string",
    Finding.SPECVERSION_NOT_A_STRING: 'a string: `"specversion": "1.0"`',
    Finding.SPECVERSION_UNKNOWN: '`"specversion": "1.0"`',
    Finding.ATTRIBUTE_NOT_PERCENT_ENCODED: (
        "percent-encoded UTF-8 in `ce-` headers, or structured mode, which CAMARA asks for"
    ),
    Finding.DATACONTENTTYPE_NOT_JSON: '`"datacontenttype": "application/json"`, or none',
    Finding.DATA_IN_A_STRING: "`data` as a JSON object, not as a text of it",
    Finding.DATA_BASE64_NOT_STANDARD: "`data` as a JSON object; for JSON no base64 is needed",
    Finding.DATA_GIVEN_TWICE: "`data` alone",
    Finding.DATA_MISSING: "`data` with at least the id of the subscription",
    Finding.MEMBER_UNEXPECTED: "only the members that the version has for this event",
    Finding.SUBSCRIPTION_ID_NOT_A_STRING: 'a string: `"subscriptionId": "4711"`',
    Finding.SUBSCRIPTION_ID_MISSING: (
        "`data.subscriptionId`, the id that the creation of the subscription was answered with"
    ),
    Finding.SUBSCRIPTION_ID_EMPTY: (
        "`data.subscriptionId`, the id that the creation of the subscription was answered with"
    ),
    Finding.TIME_MISSING: f"`time`, in {_TIME}",
    Finding.TIME_WITHOUT_ZONE: _TIME,
    Finding.TIME_LEAP_SECOND: "seconds from 00 to 59, since many readers know no other",
    Finding.TIME_TOO_PRECISE: "six decimals at most, since many readers keep no more",
    Finding.TIME_NOT_RFC3339: _TIME,
    Finding.TIME_IN_FUTURE: "when it happened, by a clock that is kept by NTP",
    Finding.DEVICE_NOT_AN_OBJECT: _DEVICE,
    Finding.DEVICE_WITHOUT_IDENTIFIER: f"{_DEVICE}; or no `device`",
    Finding.DEVICE_UNDER_ANOTHER_NAME: _DEVICE,
    Finding.IDENTIFIER_OUTSIDE_DEVICE: _DEVICE,
    Finding.PHONE_NUMBER_NOT_A_STRING: _NUMBER,
    Finding.PHONE_NUMBER_WITHOUT_PLUS: _NUMBER,
    Finding.PHONE_NUMBER_NOT_E164: _NUMBER,
    Finding.PHONE_NUMBER_MALFORMED: _NUMBER,
    Finding.NETWORK_ACCESS_IDENTIFIER_MALFORMED: "`user@realm`, or no identifier of this kind",
    Finding.IPV4_ADDRESS_WRAPPED: _IPV4,
    Finding.IPV4_ADDRESS_NOT_AN_OBJECT: _IPV4,
    Finding.IPV4_ADDRESS_MALFORMED: _IPV4,
    Finding.IPV6_ADDRESS_MALFORMED: "one IPv6 address: `2001:db8::1`",
    Finding.IP_ADDRESS_DECORATED: "the address alone, without prefix length, scope or brackets",
    Finding.PUBLIC_PORT_NOT_AN_INTEGER: "an integer: `59765`",
    Finding.PUBLIC_PORT_MALFORMED: "an integer from 1 to 65535, or no port",
    Finding.CONNECTIVITY_MISSING: _CONNECTIVITY,
    Finding.CONNECTIVITY_MALFORMED: _CONNECTIVITY,
    Finding.CONNECTIVITY_MISSPELT: "REACHABLE or UNREACHABLE; DATA or SMS",
    Finding.CONNECTIVITY_CONTRADICTS_NAME: "one word for one state, in name and members",
    Finding.ROAMING_MISSING: "`roaming`: true or false",
    Finding.ROAMING_NOT_A_BOOLEAN: "true or false without quotes",
    Finding.ROAMING_MALFORMED: "true or false without quotes",
    Finding.ROAMING_CONTRADICTS_NAME: "the event whose name says what `roaming` says",
    Finding.COUNTRY_MISSING: "`countryCode` and `countryName` of the country entered",
    Finding.COUNTRY_UNEXPECTED: "`roaming-status` or `roaming-change-country`, which have one",
    Finding.COUNTRY_CODE_NOT_AN_INTEGER: "an integer without quotes: `208`",
    Finding.COUNTRY_CODE_MALFORMED: "the mobile country code, an integer of three digits: `208`",
    Finding.COUNTRY_NAME_NOT_A_LIST: _ALPHA2,
    Finding.COUNTRY_NAME_NOT_ALPHA2: _ALPHA2,
    Finding.COUNTRY_NAME_MALFORMED: _ALPHA2,
    Finding.COUNTRY_NAME_MISSPELT: "the member `countryName`",
    Finding.COUNTRY_INSIDE_DEVICE: "`countryCode` and `countryName` beside `device`",
    Finding.NETWORK_TYPE_MISSING: _NETWORK_TYPE,
    Finding.NETWORK_TYPE_UNKNOWN: _NETWORK_TYPE,
    Finding.NETWORK_TYPE_MALFORMED: _NETWORK_TYPE,
    Finding.REASON_MISSING: _REASON,
    Finding.REASON_UNKNOWN: _REASON,
    Finding.REASON_MALFORMED: _REASON,
    Finding.REASON_DESCRIPTION_MALFORMED: "a string of up to 1024 characters, or no description",
    Finding.REASON_INSIDE_DEVICE: "the reason beside `device`",
}

EVERY_VERSION = "every version forbids it"
SOME_VERSIONS = "some versions forbid it"
NO_VERSION = "no version forbids it"


def find_level(finding: Finding) -> str:
    """Returns how many of the published versions forbid what was found."""
    versions = BREACHES[finding].versions
    if versions == "none":
        return NO_VERSION
    return EVERY_VERSION if versions in ("all", "every release") else SOME_VERSIONS
