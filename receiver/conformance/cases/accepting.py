"""The cases of what senders send: every published event of every version, in every form."""

from collections.abc import Iterator

from receiver.conformance import clauses
from receiver.conformance.case import TAKEN, Case, is_taken
from receiver.conformance.clauses import Clause, Level
from receiver.conformance.exchange import Request
from receiver.conformance.published import LEGACY, ROAMING_API, VERSIONS
from receiver.conformance.writing import BATCH, JSON, Writer, post, post_binary

STRUCTURED_GROUP = "published events, structured mode"
BINARY_GROUP = "published events, binary mode"
BATCH_GROUP = "published events, batches"
LEGACY_GROUP = "legacy notifications"
VARIANT_GROUP = "what a published event may look like"


def list_accepting(writer: Writer) -> Iterator[Case]:
    """Yields the cases of a run in the order in which they are played."""
    yield from _list_structured(writer)
    yield from _list_variants(writer)
    yield from _list_binary(writer)
    yield from _list_batches(writer)
    yield from _list_legacy(writer)


def _list_structured(writer: Writer) -> Iterator[Case]:
    for version in VERSIONS:
        for name in version.names:
            yield Case(
                f"structured-{version.api}-{version.number}-{name}",
                STRUCTURED_GROUP,
                f"{name} of {version.api} {version.number}",
                TAKEN,
                Level.MUST,
                clauses.NOTIFICATION,
                (post(writer.write(version.segment, name)),),
                is_taken,
            )


def _list_variants(writer: Writer) -> Iterator[Case]:
    def case(name: str, sent: str, level: Level, clause: Clause | None, request: Request) -> Case:
        return Case(name, VARIANT_GROUP, sent, TAKEN, level, clause, (request,), is_taken)

    event = writer.write(ROAMING_API, "roaming-on")
    data = event["data"]
    subscription_id = data["subscriptionId"] if isinstance(data, dict) else None
    yield case(
        "event-without-device",
        "data that name only the subscription",
        Level.MUST,
        clauses.DEVICE,
        post(event | {"data": {"subscriptionId": subscription_id}}),
    )
    yield case(
        "event-without-data",
        "an event whose `data` is left out",
        Level.MUST,
        clauses.ENVELOPE,
        post(writer.write(ROAMING_API, "roaming-on", {"data": None})),
    )
    yield case(
        "event-without-datacontenttype",
        "an event whose `datacontenttype` is left out",
        Level.MUST,
        clauses.ENVELOPE,
        post(writer.write(ROAMING_API, "roaming-on", {"datacontenttype": None})),
    )
    yield case(
        "extension-attribute",
        "a CloudEvent with an attribute of the sender's own",
        Level.MUST,
        clauses.EXTENSION,
        post(writer.write(ROAMING_API, "roaming-on", {"conformance": "extension"})),
    )
    more = writer.write(ROAMING_API, "roaming-on")
    yield case(
        "additional-field-in-data",
        "data with a field that no version has",
        Level.SHOULD,
        clauses.ADDITIONAL_FIELDS,
        post(more | {"data": {**_members(more["data"]), "conformanceField": {"is": "new"}}}),
    )
    yield case(
        "event-version-1",
        "roaming-status with the event version v1, which the first stable API has",
        Level.INFORMATION,
        clauses.EVENT_VERSION,
        post(writer.write(ROAMING_API, "roaming-status", version="v1")),
    )
    long = writer.write(ROAMING_API, "roaming-on", {"conformance": "x" * 63_000})
    yield case(
        "event-of-64-kilobytes",
        "an event of almost 64 KByte",
        Level.SHOULD,
        clauses.SIZE,
        post(long),
    )


def _list_binary(writer: Writer) -> Iterator[Case]:
    for version in VERSIONS:
        for name in version.names:
            yield Case(
                f"binary-{version.api}-{version.number}-{name}",
                BINARY_GROUP,
                f"{name} of {version.api} {version.number}, attributes in headers",
                TAKEN,
                Level.SHOULD,
                clauses.BINARY,
                (post_binary(writer.write(version.segment, name)),),
                is_taken,
            )


def _list_batches(writer: Writer) -> Iterator[Case]:
    for version in VERSIONS:
        events = [writer.write(version.segment, name) for name in version.names]
        yield Case(
            f"batch-{version.api}-{version.number}",
            BATCH_GROUP,
            f"one batch of every event of {version.api} {version.number}",
            f"{TAKEN}, or a refusal",
            Level.MAY,
            clauses.BATCH,
            (post(events, BATCH),),
            is_taken,
        )


def _list_legacy(writer: Writer) -> Iterator[Case]:
    for name, (event_type, said) in LEGACY.items():
        yield Case(
            f"legacy-{name}",
            LEGACY_GROUP,
            f"{event_type} in the form of 2023: `event` and `eventDetail`",
            f"{TAKEN}, or a refusal",
            Level.MAY,
            clauses.LEGACY,
            (post(writer.write_legacy(event_type, said), JSON),),
            is_taken,
        )


def _members(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
