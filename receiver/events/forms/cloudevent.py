"""The CloudEvents form (1.0.2, JSON), and the hybrid that carries a legacy `event` too."""

from receiver.errors import NotificationRefused
from receiver.events.event import Form
from receiver.events.findings import Finding
from receiver.events.forms.attributes import (
    SUBSCRIPTION_ID_LENGTH_LIMIT,
    choose_subscription_id,
    is_json_media_type,
    make_digest,
    require_text,
    take_text,
)
from receiver.events.forms.embedded_data import read_data
from receiver.events.forms.envelope import Envelope

# Characters: CloudEvent in CAMARA_event_common.yaml, Commonalities r4.2.
_ID_LENGTH_LIMIT = 256
_TYPE_LENGTH_LIMIT = 512
_SOURCE_LENGTH_LIMIT = 2048

# Characters; chosen: every version of CloudEvents has three.
_SPECVERSION_LENGTH_LIMIT = 16

# The values that need no closer look, because nearly every event has one of them.
_JSON = ("application/json", None)


def lift(document: dict[str, object], payload: str, findings: set[Finding]) -> Envelope:
    """Lifts a CloudEvent to its envelope.

    The digest covers `source`, `id`, `type`, `time` and `data`, as `read_data` returns it,
    attributes as text, absent as null; in a hybrid also `event`, after them.

    Raises:
        NotificationRefused: `id`, `source` or `type` is missing, or an attribute makes no sense.
    """
    get = document.get
    event_id = require_text(get("id"), "id", _ID_LENGTH_LIMIT, Finding.ID_NOT_A_STRING, findings)
    source = require_text(
        get("source"), "source", _SOURCE_LENGTH_LIMIT, Finding.SOURCE_NOT_A_STRING, findings
    )
    type_ = require_text(
        get("type"), "type", _TYPE_LENGTH_LIMIT, Finding.TYPE_NOT_A_STRING, findings
    )
    time = get("time")
    if not (time is None or isinstance(time, str)):
        raise NotificationRefused("must be a string", "time")
    if (specversion := get("specversion")) != "1.0":
        _judge_specversion(specversion, findings)
    content_type = get("datacontenttype")
    if content_type not in _JSON and not is_json_media_type(content_type):
        findings.add(Finding.DATACONTENTTYPE_NOT_JSON)

    data: dict[str, object] | None
    fault: NotificationRefused | None = None
    said = get("data")
    if isinstance(said, dict) and "data_base64" not in document:
        data = said
    else:
        said, data, fault = read_data(document, findings)
    event = get("event")
    if isinstance(event, dict):
        findings.add(Finding.HYBRID_FORM)
        identity = make_digest(source, event_id, type_, time, said, event)
        time, data = _complete(time, data, event)
    else:
        identity = make_digest(source, event_id, type_, time, said)

    subscription_id = data.get("subscriptionId") if data else None
    if not (
        isinstance(subscription_id, str)
        and 0 < len(subscription_id) <= SUBSCRIPTION_ID_LENGTH_LIMIT
    ):
        claims = (
            ("data.subscriptionId", subscription_id),
            ("eventSubscriptionId", get("eventSubscriptionId")),
            # The examples of Commonalities 0.1 to 0.3 have it in `data`.
            ("data.eventSubscriptionId", data.get("eventSubscriptionId") if data else None),
        )
        subscription_id, subscription_fault = choose_subscription_id(claims, findings)
        fault = fault or subscription_fault
        if subscription_id is None:
            subscription_id = _find_subscription(source)
    # By position: with names it takes more than twice as long. The order is guarded by
    # `test_every_attribute_stands_in_its_own_place_of_the_envelope`.
    return Envelope(
        Form.CLOUDEVENTS,
        type_,
        type_.rpartition(".")[2],
        source,
        event_id,
        time,
        subscription_id,
        data,
        payload,
        identity,
        frozenset(findings),
        "time",
        fault,
    )


def _complete(
    time: str | None, data: dict[str, object] | None, event: dict[str, object]
) -> tuple[str | None, dict[str, object] | None]:
    """Adds from the `event` of a hybrid the time and data that the CloudEvent leaves out."""
    if time is None:
        event_time = event.get("eventTime")
        if not (event_time is None or isinstance(event_time, str)):
            raise NotificationRefused("must be a string", "event.eventTime")
        time = event_time
    detail = event.get("eventDetail")
    if isinstance(detail, dict):
        # Nokia's hybrid repeats an IPv6 address as eventDetail.subscriptionId.
        completed = {key: value for key, value in detail.items() if key != "subscriptionId"}
        completed.update((key, value) for key, value in (data or {}).items() if value is not None)
        data = completed
    return time, data


def _judge_specversion(specversion: object, findings: set[Finding]) -> None:
    try:
        version = take_text(
            specversion,
            "specversion",
            _SPECVERSION_LENGTH_LIMIT,
            Finding.SPECVERSION_NOT_A_STRING,
            findings,
        )
    except NotificationRefused:
        version = None
    if version != "1.0":
        findings.add(Finding.SPECVERSION_UNKNOWN)


def _find_subscription(source: str) -> str | None:
    """Finds the id in a source like `https://host/subscriptions/{id}?page=1`."""
    _, found, tail = source.rpartition("/subscriptions/")
    if not found:
        return None
    segment = tail.partition("/")[0].partition("?")[0].partition("#")[0]
    return segment if 0 < len(segment) <= SUBSCRIPTION_ID_LENGTH_LIMIT else None
