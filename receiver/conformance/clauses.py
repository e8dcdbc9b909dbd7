"""What is asked of a sink: the levels, and the clauses of published documents that ask.

The CAMARA guides are those of Commonalities r4.2, CloudEvents and its bindings those of 1.0.2.
"""

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How strongly a clause asks; information where no clause does."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"
    INFORMATION = "information"


class Clause(NamedTuple):
    """A place in a published document.

    Attributes:
        document: with its version.
        section: its number, and its title where the document has no numbers.
        words: the deciding words, as they stand there.
    """

    document: str
    section: str
    words: str


_EVENT_GUIDE = "CAMARA Event Subscription and Notification Guide, Commonalities r4.2"
_DESIGN_GUIDE = "CAMARA API Design Guide, Commonalities r4.2"
_CLOUDEVENTS = "CloudEvents 1.0.2"
_BINDING = "CloudEvents 1.0.2, HTTP protocol binding"
# CAMARA only points to this document (event guide, section 4.2), so a case that rests on it alone
# has the level SHOULD at most.
_WEBHOOK = "CloudEvents 1.0.2, HTTP webhooks"

NOTIFICATION = Clause(
    _EVENT_GUIDE,
    "3.1",
    "Such CloudEvents representation MUST use the media type `application/cloudevents+json`",
)
ANSWER = Clause(
    _EVENT_GUIDE,
    "3.1",
    "Only Operation POST is provided for event notification and the expected response code is "
    "`204`",
)
ENVELOPE = Clause(
    "CAMARA_event_common.yaml, Commonalities r4.2",
    "components/schemas/CloudEvent",
    "required: id, source, specversion, type, time",
)
DEVICE = Clause(
    "CAMARA device-roaming-status-subscriptions 0.7.0 and later",
    "components/schemas, data of each event",
    "required: subscriptionId",
)
REPLAY = Clause(
    _EVENT_GUIDE,
    "4.2",
    "Whether to reject or ignore notifications that have already been received or that are too old "
    "is a API Consumer's policy decision",
)
VALIDATION = Clause(
    _EVENT_GUIDE,
    "4.3",
    "API Consumers SHOULD validate the schema of the notification event data",
)
ADDITIONAL_FIELDS = Clause(
    _EVENT_GUIDE, "4.3", "It is RECOMMENDED that additional fields are ignored"
)
EVENT_VERSION = Clause(
    _EVENT_GUIDE,
    "2.3",
    "When publishing a first stable version of an API, any event version with `v0` SHALL be "
    "changed to `v1`, even if there is no change to the event structure",
)
SINK_CREDENTIAL = Clause(
    _EVENT_GUIDE,
    "2.2.3",
    "To protect the notification endpoint providing sinkCredential is RECOMMENDED",
)
ERROR_INFO = Clause(
    _DESIGN_GUIDE, "3.2", "All these aforementioned fields are mandatory in Error Responses"
)
SYNTAX_ERROR = Clause(_DESIGN_GUIDE, "3.2.1", "400 INVALID_ARGUMENT: Generic Syntax Exception")
CORRELATOR = Clause(
    _DESIGN_GUIDE,
    "5.8.5",
    "it is RECOMMENDED for the listener to include it in the response with the same value as was "
    "used in the request",
)
CHARSET = Clause(
    _DESIGN_GUIDE,
    "5.8.5",
    "Implementers MAY include the UTF-8 character set in the Content-Type header value",
)
LEGACY = Clause(
    "CAMARA API design guidelines, Commonalities v0.1.0",
    "12.2",
    "eventDetail: Event details structure depending on the eventType",
)
SOURCE_AND_ID = Clause(
    _CLOUDEVENTS,
    "REQUIRED Attributes, source",
    "Producers MUST ensure that `source` + `id` is unique for each distinct event",
)
DUPLICATE = Clause(
    _CLOUDEVENTS,
    "REQUIRED Attributes, id",
    "If a duplicate event is re-sent (e.g. due to a network error) it MAY have the same `id`",
)
EXTENSION = Clause(
    _CLOUDEVENTS,
    "Extension Context Attributes",
    "A CloudEvent MAY include any number of additional context attributes",
)
REQUIRED_ATTRIBUTES = Clause(
    _CLOUDEVENTS,
    "Context Attributes",
    "Every CloudEvent conforming to this specification MUST include context attributes designated "
    "as REQUIRED",
)
SIZE = Clause(
    _CLOUDEVENTS,
    "Size Limits",
    "Consumers SHOULD accept events of a size of at least 64 KByte",
)
BINARY = Clause(
    _BINDING,
    "1.3",
    "Every compliant implementation SHOULD support the _structured_ and _binary_ modes",
)
BATCH = Clause(_BINDING, "3", "The _batched_ mode MUST NOT be used unless solicited")
UNSUPPORTED_FORMAT = Clause(
    _WEBHOOK,
    "2.2",
    "If the delivery cannot be accepted because the notification format has not been understood, "
    "the service MUST respond with status code 415",
)
HANDSHAKE = Clause(
    _WEBHOOK,
    "4.2",
    "If and only if the delivery target does allow delivery of the events, it MUST reply to the "
    "request by including the `WebHook-Allowed-Origin` and `WebHook-Allowed-Rate` headers",
)
TOKEN = Clause(
    "RFC 6749",
    "7",
    "The resource server MUST validate the access token and ensure that it has not expired",
)
INVALID_TOKEN = Clause(
    "RFC 6750", "3.1", "invalid_token: The resource SHOULD respond with the HTTP 401 status code"
)
SCHEME = Clause(
    "RFC 9110", "11.1", "It uses a case-insensitive token to identify the authentication scheme"
)
CHALLENGE = Clause(
    "RFC 9110",
    "15.5.2",
    "The server generating a 401 response MUST send a WWW-Authenticate header field",
)
ALLOW = Clause(
    "RFC 9110",
    "15.5.6",
    "The origin server MUST generate an Allow header field in a 405 response",
)
MEDIA_TYPE_CASE = Clause("RFC 9110", "8.3.1", "The type and subtype tokens are case-insensitive")
CHUNKED = Clause(
    "RFC 9112",
    "7.1",
    "A recipient MUST be able to parse and decode the chunked transfer coding",
)
PERSISTENCE = Clause(
    "RFC 9112", "9.3", "HTTP implementations SHOULD support persistent connections"
)
