"""The breaches of a specification that the service forgives; their names never change."""

from enum import StrEnum


class Finding(StrEnum):
    """One forgiven breach: its name, and a sentence that says what was sent and made of it."""

    meaning: str

    def __new__(cls, name: str, meaning: str = "") -> "Finding":
        """Makes a member that equals its name and carries the sentence as `meaning`."""
        finding = str.__new__(cls, name)
        finding._value_ = name
        finding.meaning = meaning
        return finding

    BYTE_ORDER_MARK = (
        "byte-order-mark",
        "The body began with a UTF-8 byte order mark; it was stripped.",
    )
    CONTENT_TYPE_MISMATCH = (
        "content-type-mismatch",
        "`Content-Type` was missing, repeated, or confused one event with a batch; the body told.",
    )
    CONTENT_ENCODING_MISMATCH = (
        "content-encoding-mismatch",
        "`Content-Encoding` did not say how the body was compressed; its bytes told.",
    )
    HYBRID_FORM = (
        "hybrid-form",
        "A CloudEvent also carried a legacy `event`; it was used only for what was missing.",
    )
    DRAFT_FORM = (
        "draft-form",
        "The event had the shape of a draft of 2023: `eventType` outside `event`, or `ueId`.",
    )
    ID_NOT_A_STRING = (
        "id-not-a-string",
        "`id`, or the legacy `eventId`, was a number; its text was taken.",
    )
    SOURCE_NOT_A_STRING = (
        "source-not-a-string",
        "`source` was a number; its text was taken.",
    )
    TYPE_NOT_A_STRING = (
        "type-not-a-string",
        "`type`, or the legacy `eventType`, was a number; its text was taken.",
    )
    SPECVERSION_NOT_A_STRING = (
        "specversion-not-a-string",
        "`specversion` was a number; its text was taken.",
    )
    SPECVERSION_UNKNOWN = (
        "specversion-unknown",
        "`specversion` was not 1.0; the event was read as CloudEvents 1.0.",
    )
    ATTRIBUTE_NOT_PERCENT_ENCODED = (
        "attribute-not-percent-encoded",
        "The header of an attribute was not percent-encoded UTF-8; its text was taken as it was.",
    )
    DATACONTENTTYPE_NOT_JSON = (
        "datacontenttype-not-json",
        "`datacontenttype` did not name a JSON media type; `data` was read as JSON.",
    )
    DATA_IN_A_STRING = (
        "data-in-a-string",
        "`data` was a string that held a JSON object; the object was taken.",
    )
    DATA_BASE64_NOT_STANDARD = (
        "data-base64-not-standard",
        "`data_base64` lacked padding, had line breaks or another alphabet; it was still clear.",
    )
    DATA_GIVEN_TWICE = (
        "data-given-twice",
        "Both `data` and `data_base64` came, and did not contradict each other; `data` was taken.",
    )
    DATA_MISSING = (
        "data-missing",
        "An event of a known type came without `data`.",
    )
    SUBSCRIPTION_ID_NOT_A_STRING = (
        "subscription-id-not-a-string",
        "The subscription id was a number; its text was taken.",
    )
    SUBSCRIPTION_ID_MISSING = (
        "subscription-id-missing",
        "A CloudEvent of a known type named its subscription nowhere, `source` included.",
    )
    SUBSCRIPTION_ID_EMPTY = (
        "subscription-id-empty",
        "A subscription id was an empty string; it was taken as absent.",
    )
    TIME_MISSING = (
        "time-missing",
        "The event had no time; the time of its arrival stands in.",
    )
    TIME_WITHOUT_ZONE = (
        "time-without-zone",
        "The time had no zone; it was taken as UTC.",
    )
    TIME_LEAP_SECOND = (
        "time-leap-second",
        "The time had second 60; it was taken as second 59.",
    )
    TIME_TOO_PRECISE = (
        "time-too-precise",
        "The time had more than six decimals; the rest was cut off.",
    )
    TIME_NOT_RFC3339 = (
        "time-not-rfc3339",
        "The time lacked seconds, or the colon or the minutes of its offset; it was still clear.",
    )
    TIME_IN_FUTURE = (
        "time-in-future",
        "The time lay more than five minutes ahead of the arrival.",
    )
    PHONE_NUMBER_NOT_A_STRING = (
        "phone-number-not-a-string",
        "The phone number was a JSON number; its digits were taken.",
    )
    PHONE_NUMBER_WITHOUT_PLUS = (
        "phone-number-without-plus",
        "The phone number lacked its plus sign.",
    )
    PHONE_NUMBER_NOT_E164 = (
        "phone-number-not-e164",
        "The phone number was not in E.164 notation: separators, a 00 prefix or a leading zero.",
    )
    PHONE_NUMBER_MALFORMED = (
        "phone-number-malformed",
        "The phone number was not 5 to 15 digits; it identifies nothing.",
    )
    NETWORK_ACCESS_IDENTIFIER_MALFORMED = (
        "network-access-identifier-malformed",
        "The network access identifier was not one; it is shown as sent but identifies nothing.",
    )
    IPV4_ADDRESS_WRAPPED = (
        "ipv4-address-wrapped",
        "`ipv4Address` was wrapped in `DeviceIpv4Addr`.",
    )
    IPV4_ADDRESS_NOT_AN_OBJECT = (
        "ipv4-address-not-an-object",
        "`ipv4Address` was a plain address; it was taken as the public one.",
    )
    IPV4_ADDRESS_MALFORMED = (
        "ipv4-address-malformed",
        "An IPv4 address could not be read; it was left out.",
    )
    IPV6_ADDRESS_MALFORMED = (
        "ipv6-address-malformed",
        "The IPv6 address could not be read; it was left out.",
    )
    IP_ADDRESS_DECORATED = (
        "ip-address-decorated",
        "An IP address carried a prefix length, a scope or spaces; the bare address was taken.",
    )
    PUBLIC_PORT_NOT_AN_INTEGER = (
        "public-port-not-an-integer",
        "`publicPort` was a string of digits; its number was taken.",
    )
    PUBLIC_PORT_MALFORMED = (
        "public-port-malformed",
        "`publicPort` was not between 1 and 65535; it was left out.",
    )
    CONNECTIVITY_MISSING = (
        "connectivity-missing",
        "A legacy connectivity event did not say whether the device is reachable.",
    )
    ROAMING_MISSING = (
        "roaming-missing",
        "A roaming status did not say whether the device is roaming.",
    )
    ROAMING_NOT_A_BOOLEAN = (
        "roaming-not-a-boolean",
        "`roaming` was the text true or false; its meaning was taken.",
    )
    COUNTRY_MISSING = (
        "country-missing",
        "A change of country named no country.",
    )
    COUNTRY_CODE_NOT_AN_INTEGER = (
        "country-code-not-an-integer",
        "`countryCode` was a string of digits; its number was taken.",
    )
    COUNTRY_NAME_NOT_A_LIST = (
        "country-name-not-a-list",
        "`countryName` was a single string; it was taken as a list of one.",
    )
    COUNTRY_NAME_NOT_ALPHA2 = (
        "country-name-not-alpha-2",
        "`countryName` held something other than ISO 3166 alpha-2 codes; it was kept as text.",
    )
    COUNTRY_NAME_MISSPELT = (
        "country-name-misspelt",
        "The country's name came as `ountryName`.",
    )
    COUNTRY_INSIDE_DEVICE = (
        "country-inside-device",
        "The country stood inside `device`.",
    )
    NETWORK_TYPE_MISSING = (
        "network-type-missing",
        "A change of network type did not say to which.",
    )
    NETWORK_TYPE_UNKNOWN = (
        "network-type-unknown",
        "`connectedNetworkType` was not one of 2G, 3G, 4G, 5G, UNKNOWN; it was kept as text.",
    )
    REASON_MISSING = (
        "reason-missing",
        "A subscription event gave no reason.",
    )
    REASON_UNKNOWN = (
        "reason-unknown",
        "A subscription event gave a reason no specification lists; it was kept as text.",
    )
