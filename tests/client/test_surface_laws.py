"""What programs may rely on: a change of this list is a change for all who use the client."""

import inspect
from typing import get_type_hints

import receiver.client
from receiver.client import Client
from receiver.client.calls.arguments import EventFilters, Identifiers

NAMES = """
AnswerError AsyncClient Availability AvailabilityPage Client ClientError ConnectionFailed
Connectivity ConnectivityCount ConnectivityCounts Consent CountryCount CountryCounts Credential
Day DayCount Device DeviceStatus DeviceSummary Erasure Event EventCounts EventPage
EventWithPayload EventsMissed FindingCount FleetItem FleetPage FleetSummary Forecast Gap HeardFrom
Interval IntervalPage InvalidArgument Ipv4Address Lateness Liveness NetworkType NetworkTypeCount
NetworkTypeCounts NotApplicable NotFound NotReached PayloadTooLarge PermissionDenied Projection
QuarantinePage Readiness RefusalCount RefusedNotification RefusedNotificationWithBody
RegisteredDevice Registration Removed ReprocessingOutcome RequestTimeout Roaming RoamingCounts
Sender Senders Session SessionPage SlotCount Status Stay StreamedEvent Subscription
SubscriptionPage TooManyRequests Unauthenticated Unavailable UnexpectedAnswer UnsupportedMediaType
"""

# `=`: it may be left out. The same methods of `AsyncClient` are awaited, or are asynchronous
# generators.
METHODS = """
post_notification(notification, content_type=, headers=) -> None
request_consent(origin, rate=) -> Consent
retrieve_device(**identifiers) -> DeviceSummary
get_device(device_id) -> DeviceSummary
retrieve_status(**identifiers) -> DeviceStatus
get_status(device_id) -> DeviceStatus
list_devices(roaming=, country=, connectivity=, network_type=, unknown=, last_event_from=,
    last_event_to=, include=, limit=, cursor=) -> FleetPage
iterate_devices(roaming=, country=, connectivity=, network_type=, unknown=, last_event_from=,
    last_event_to=, include=, limit=, cursor=) -> Generator[FleetItem]
summarize_fleet() -> FleetSummary
list_intervals(device_id, axis, from_=, to=, order=, limit=, cursor=) -> IntervalPage
iterate_intervals(device_id, axis, from_=, to=, order=, limit=, cursor=) -> Generator[Interval]
list_roaming_sessions(device_id, from_=, to=, order=, limit=, cursor=) -> SessionPage
iterate_roaming_sessions(device_id, from_=, to=, order=, limit=, cursor=) -> Generator[Session]
get_availability(device_id, from_=, to=, cursor=) -> AvailabilityPage
iterate_availability(device_id, from_=, to=, cursor=) -> Generator[AvailabilityPage]
list_events(order=, limit=, cursor=, **filters) -> EventPage
iterate_events(order=, limit=, cursor=, **filters) -> Generator[Event]
list_device_events(device_id, order=, limit=, cursor=, **filters) -> EventPage
iterate_device_events(device_id, order=, limit=, cursor=, **filters) -> Generator[Event]
retrieve_events(order=, limit=, cursor=, **filters) -> EventPage
iterate_history(order=, limit=, cursor=, **filters) -> Generator[Event]
get_event(event_id) -> EventWithPayload
export_events(format=, after_id=, **filters) -> Generator[bytes]
iterate_exported_events(after_id=, **filters) -> Generator[EventWithPayload]
follow(last_event_id=, patience_seconds=, on_gap=, **filters) -> Generator[StreamedEvent]
list_subscriptions(state=, credential=, subscription_id=, device_id=, ends_before=, uncovered=,
    order=, limit=, cursor=) -> SubscriptionPage
iterate_subscriptions(state=, credential=, subscription_id=, device_id=, ends_before=,
    uncovered=, order=, limit=, cursor=) -> Generator[Subscription]
register_subscription(credential, subscription, device=) -> Subscription
list_senders(from_=, to=, by=, credential=) -> Senders
list_refused_notifications(credential=, state=, received_from=, received_to=, order=, limit=,
    cursor=) -> QuarantinePage
iterate_refused_notifications(credential=, state=, received_from=, received_to=, order=, limit=,
    cursor=) -> Generator[RefusedNotification]
get_refused_notification(refused_id) -> RefusedNotificationWithBody
reprocess_refused_notification(refused_id) -> ReprocessingOutcome
forget_device(device_id) -> Erasure
forget_device_by_identifier(**identifiers) -> Erasure
get_liveness() -> Liveness
get_readiness() -> Readiness
get_metrics() -> str
"""

OPTIONS = """
Client(url, token=, timeout_seconds=, retries=, correlator=, http=)
with_options(self, token=, correlator=, timeout_seconds=, retries=)
close(self)
"""

IDENTIFIERS = """
phone_number network_access_identifier ipv4_public_address ipv4_private_address ipv4_public_port
ipv6_address
"""

FILTERS = """
type kind name source credential subscription_id finding occurred_from occurred_to received_from
received_to
"""


def words(name: str, shown: inspect.Signature) -> str:
    """Returns a signature without its types."""
    parameters = [
        ("**" if one.kind is one.VAR_KEYWORD else "")
        + one.name
        + ("" if one.default is one.empty else "=")
        for one in shown.parameters.values()
    ]
    return f"{name}({', '.join(parameters)})"


def test_the_names_are_those_of_the_list() -> None:
    assert receiver.client.__all__ == NAMES.split()
    assert all(hasattr(receiver.client, name) for name in NAMES.split())


def test_the_methods_are_those_of_the_list() -> None:
    lines = []
    for name, method in vars(Client).items():
        if not name.startswith("_"):
            shown = inspect.signature(method)
            parameters = list(shown.parameters.values())[1:]
            lines.append(
                f"{words(name, shown.replace(parameters=parameters))} -> {shown.return_annotation}"
            )
    assert lines == METHODS.replace("\n    ", " ").split("\n")[1:-1]


def test_the_options_are_those_of_the_list() -> None:
    shown = [
        words("Client", inspect.signature(Client)),
        words("with_options", inspect.signature(Client.with_options)),
        words("close", inspect.signature(Client.close)),
    ]
    assert shown == OPTIONS.split("\n")[1:-1]


def test_identifiers_and_filters_are_those_of_the_lists() -> None:
    assert list(get_type_hints(Identifiers)) == IDENTIFIERS.split()
    assert list(get_type_hints(EventFilters)) == FILTERS.split()


def test_every_method_says_what_it_returns() -> None:
    for name, method in vars(Client).items():
        if not name.startswith("_"):
            assert (inspect.getdoc(method) or "").split(" ")[0] in {
                "Asks",
                "Erases",
                "Has",
                "Posts",
                "Registers",
                "Returns",
            }, name
