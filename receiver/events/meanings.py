"""What each finding means: a sentence that says what was sent and what was made of it."""

from receiver.events.findings import Finding

MEANINGS = {
    Finding.BYTE_ORDER_MARK: "The body began with a UTF-8 byte order mark; it was stripped.",
    Finding.CONTENT_TYPE_MISMATCH: (
        "`Content-Type` was missing, repeated, or confused one event with a batch; the body told."
    ),
    Finding.CONTENT_ENCODING_MISMATCH: (
        "`Content-Encoding` did not say how the body was compressed; its bytes told."
    ),
    Finding.HYBRID_FORM: (
        "A CloudEvent also carried a legacy `event`; it was used only for what was missing."
    ),
    Finding.DRAFT_FORM: (
        "The event had the shape of a draft of 2023: `eventType` outside `event`, or `ueId`."
    ),
    Finding.ID_NOT_A_STRING: "`id`, or the legacy `eventId`, was a number; its text was taken.",
    Finding.SOURCE_NOT_A_STRING: "`source` was a number; its text was taken.",
    Finding.TYPE_NOT_A_STRING: (
        "`type`, or the legacy `eventType`, was a number; its text was taken."
    ),
    Finding.SPECVERSION_NOT_A_STRING: "`specversion` was a number; its text was taken.",
    Finding.SPECVERSION_UNKNOWN: (
        "`specversion` was not 1.0; the event was read as CloudEvents 1.0."
    ),
    Finding.ATTRIBUTE_NOT_PERCENT_ENCODED: (
        "The header of an attribute was not percent-encoded UTF-8; its text was taken as it was."
    ),
    Finding.DATACONTENTTYPE_NOT_JSON: (
        "`datacontenttype` did not name a JSON media type; `data` was read as JSON."
    ),
    Finding.DATA_IN_A_STRING: (
        "`data` was a string that held a JSON object; the object was taken."
    ),
    Finding.DATA_BASE64_NOT_STANDARD: (
        "`data_base64` lacked padding, had line breaks or another alphabet; it was still clear."
    ),
    Finding.DATA_GIVEN_TWICE: (
        "Both `data` and `data_base64` came, and did not contradict each other; `data` was taken."
    ),
    Finding.DATA_MISSING: "An event of a known type came without `data`.",
    Finding.MEMBER_UNEXPECTED: (
        "A member of other events, or one inside `device` that belongs beside it, was ignored."
    ),
    Finding.SUBSCRIPTION_ID_NOT_A_STRING: "The subscription id was a number; its text was taken.",
    Finding.SUBSCRIPTION_ID_MISSING: (
        "A CloudEvent of a known type named its subscription nowhere, `source` included."
    ),
    Finding.SUBSCRIPTION_ID_EMPTY: (
        "A subscription id was an empty string; it was taken as absent."
    ),
    Finding.TIME_MISSING: "The event had no time; the time of its arrival stands in.",
    Finding.TIME_WITHOUT_ZONE: "The time had no zone; it was taken as UTC.",
    Finding.TIME_LEAP_SECOND: "The time had second 60; it was taken as second 59.",
    Finding.TIME_TOO_PRECISE: "The time had more than six decimals; the rest was cut off.",
    Finding.TIME_NOT_RFC3339: (
        "The time was not in the notation of RFC 3339, but had one reading, which was taken."
    ),
    Finding.TIME_IN_FUTURE: "The time lay more than five minutes ahead of the arrival.",
    Finding.DEVICE_NOT_AN_OBJECT: "`device` was not an object; it was left out.",
    Finding.DEVICE_WITHOUT_IDENTIFIER: "`device` held no identifier that is known.",
    Finding.DEVICE_UNDER_ANOTHER_NAME: (
        "An identifier had another name, such as `msisdn`; it was taken if its own was absent."
    ),
    Finding.IDENTIFIER_OUTSIDE_DEVICE: (
        "An identifier or `device` stood elsewhere; it was taken if `device` was absent."
    ),
    Finding.PHONE_NUMBER_NOT_A_STRING: (
        "The phone number was a JSON number; its digits were taken."
    ),
    Finding.PHONE_NUMBER_WITHOUT_PLUS: "The phone number lacked its plus sign.",
    Finding.PHONE_NUMBER_NOT_E164: (
        "The phone number was not in E.164 notation: separators, a 00 prefix, `tel:` or the like."
    ),
    Finding.PHONE_NUMBER_MALFORMED: (
        "The phone number was not 5 to 15 digits behind a country code; it was left out."
    ),
    Finding.NETWORK_ACCESS_IDENTIFIER_MALFORMED: (
        "The network access identifier was not one; it is shown as sent but identifies nothing."
    ),
    Finding.IPV4_ADDRESS_WRAPPED: "`ipv4Address` was wrapped in `DeviceIpv4Addr`.",
    Finding.IPV4_ADDRESS_NOT_AN_OBJECT: (
        "`ipv4Address` was a plain address; it was taken as the public one."
    ),
    Finding.IPV4_ADDRESS_MALFORMED: "An IPv4 address could not be read; it was left out.",
    Finding.IPV6_ADDRESS_MALFORMED: "The IPv6 address could not be read; it was left out.",
    Finding.IP_ADDRESS_DECORATED: (
        "An IP address had a prefix length, scope, port, brackets, spaces or `::ffff:`; they went."
    ),
    Finding.PUBLIC_PORT_NOT_AN_INTEGER: (
        "`publicPort` was a string of digits; its number was taken."
    ),
    Finding.PUBLIC_PORT_MALFORMED: "`publicPort` was not between 1 and 65535; it was left out.",
    Finding.CONNECTIVITY_MISSING: (
        "A legacy connectivity event did not say whether the device is reachable."
    ),
    Finding.CONNECTIVITY_MALFORMED: (
        "`deviceStatus` or `reachabilityType` had a word that no draft has; it was left out."
    ),
    Finding.CONNECTIVITY_MISSPELT: (
        "`deviceStatus` or `reachabilityType` was not in capitals; its meaning was taken."
    ),
    Finding.CONNECTIVITY_CONTRADICTS_NAME: (
        "`deviceStatus` or `reachabilityType` contradicted the event's name; the name was taken."
    ),
    Finding.ROAMING_MISSING: "A roaming status did not say whether the device is roaming.",
    Finding.ROAMING_NOT_A_BOOLEAN: "`roaming` was the text true or false; its meaning was taken.",
    Finding.ROAMING_MALFORMED: "`roaming` was neither true nor false; it was left out.",
    Finding.ROAMING_CONTRADICTS_NAME: (
        "`roaming` contradicted the event's name; the name was taken."
    ),
    Finding.COUNTRY_MISSING: "A change of country named no country.",
    Finding.COUNTRY_UNEXPECTED: (
        "An event that only begins or ends roaming named a country; it was kept."
    ),
    Finding.COUNTRY_CODE_NOT_AN_INTEGER: (
        "`countryCode` was a string of digits; its number was taken."
    ),
    Finding.COUNTRY_CODE_MALFORMED: (
        "`countryCode` was not a number from 1 to 9999; it was left out."
    ),
    Finding.COUNTRY_NAME_NOT_A_LIST: (
        "`countryName` was a single string; it was taken as a list of one."
    ),
    Finding.COUNTRY_NAME_NOT_ALPHA2: (
        "`countryName` held something other than ISO 3166 alpha-2 codes; it was kept as text."
    ),
    Finding.COUNTRY_NAME_MALFORMED: (
        "`countryName` was not up to 64 texts of up to 128 characters; what was not was left out."
    ),
    Finding.COUNTRY_NAME_MISSPELT: "The country's name came as `ountryName`.",
    Finding.COUNTRY_INSIDE_DEVICE: "The country stood inside `device`.",
    Finding.NETWORK_TYPE_MISSING: "A change of network type did not say to which.",
    Finding.NETWORK_TYPE_UNKNOWN: (
        "`connectedNetworkType` was not one of 2G, 3G, 4G, 5G, UNKNOWN; it was kept as text."
    ),
    Finding.NETWORK_TYPE_MALFORMED: (
        "`connectedNetworkType` was not text of up to 256 characters; it was left out."
    ),
    Finding.REASON_MISSING: "A subscription event gave no reason.",
    Finding.REASON_UNKNOWN: (
        "A subscription event gave a reason no specification lists; it was kept as text."
    ),
    Finding.REASON_MALFORMED: "A reason was not text of up to 256 characters; it was left out.",
    Finding.REASON_DESCRIPTION_MALFORMED: (
        "The description of a reason was no text and left out, or cut after 1024 characters."
    ),
    Finding.REASON_INSIDE_DEVICE: (
        "The reason of a subscription event, or its description, stood inside `device`."
    ),
}
