"""The two clients: each method is a call of the service, sent in one of two ways."""

import httpx

from receiver.client import asynchronous, blocking
from receiver.client.attempts import RETRIES, TIMEOUT_SECONDS, Options
from receiver.client.calls import devices, events, notifications, operations, subscriptions


class Client(blocking.Sender):
    """Asks a service, and waits for each answer; several threads may use it.

    Args:
        url: where the service is, such as `http://127.0.0.1:8000`.
        token: the bearer token; without one only what needs none is answered.
        timeout_seconds: for one try of a call, to the end of its answer; of an export and a stream,
            for each silence.
        retries: further tries after no answer, 429 or 503, with growing pauses; 0: none.
        correlator: the `x-correlator` of every call.
        http: connections of one's own, such as through a proxy; whoever opened them closes them.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        retries: int = RETRIES,
        correlator: str | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        options = Options(token, correlator, timeout_seconds, retries)
        super().__init__(url, options, http)

    post_notification = blocking.ask(notifications.post_notification)
    request_consent = blocking.ask(notifications.request_consent)

    retrieve_device = blocking.ask(devices.retrieve_device)
    get_device = blocking.ask(devices.get_device)
    retrieve_status = blocking.ask(devices.retrieve_status)
    get_status = blocking.ask(devices.get_status)
    list_devices = blocking.ask(devices.list_devices)
    iterate_devices = blocking.turn(devices.list_devices)
    summarize_fleet = blocking.ask(devices.summarize_fleet)
    list_intervals = blocking.ask(devices.list_intervals)
    iterate_intervals = blocking.turn(devices.list_intervals)
    list_roaming_sessions = blocking.ask(devices.list_roaming_sessions)
    iterate_roaming_sessions = blocking.turn(devices.list_roaming_sessions)
    get_availability = blocking.ask(devices.get_availability)
    iterate_availability = blocking.turn_parts(devices.get_availability)

    list_events = blocking.ask(events.list_events)
    iterate_events = blocking.turn(events.list_events)
    list_device_events = blocking.ask(events.list_device_events)
    iterate_device_events = blocking.turn(events.list_device_events)
    retrieve_events = blocking.ask(events.retrieve_events)
    iterate_history = blocking.turn(events.retrieve_events)
    get_event = blocking.ask(events.get_event)
    export_events = blocking.stream(events.export_events)
    iterate_exported_events = blocking.read_events(events.iterate_exported_events)
    follow = blocking.follow(events.follow)

    list_subscriptions = blocking.ask(subscriptions.list_subscriptions)
    iterate_subscriptions = blocking.turn(subscriptions.list_subscriptions)
    register_subscription = blocking.ask(subscriptions.register_subscription)
    list_senders = blocking.ask(subscriptions.list_senders)

    list_refused_notifications = blocking.ask(operations.list_refused_notifications)
    iterate_refused_notifications = blocking.turn(operations.list_refused_notifications)
    get_refused_notification = blocking.ask(operations.get_refused_notification)
    reprocess_refused_notification = blocking.ask(operations.reprocess_refused_notification)
    forget_device = blocking.ask(operations.forget_device)
    forget_device_by_identifier = blocking.ask(operations.forget_device_by_identifier)
    get_liveness = blocking.ask(operations.get_liveness)
    get_readiness = blocking.ask(operations.get_readiness)
    get_metrics = blocking.ask(operations.get_metrics)


class AsyncClient(asynchronous.Sender):
    """Asks a service from programs of asyncio, with the arguments and methods of `Client`."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        retries: int = RETRIES,
        correlator: str | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        options = Options(token, correlator, timeout_seconds, retries)
        super().__init__(url, options, http)

    post_notification = asynchronous.ask(notifications.post_notification)
    request_consent = asynchronous.ask(notifications.request_consent)

    retrieve_device = asynchronous.ask(devices.retrieve_device)
    get_device = asynchronous.ask(devices.get_device)
    retrieve_status = asynchronous.ask(devices.retrieve_status)
    get_status = asynchronous.ask(devices.get_status)
    list_devices = asynchronous.ask(devices.list_devices)
    iterate_devices = asynchronous.turn(devices.list_devices)
    summarize_fleet = asynchronous.ask(devices.summarize_fleet)
    list_intervals = asynchronous.ask(devices.list_intervals)
    iterate_intervals = asynchronous.turn(devices.list_intervals)
    list_roaming_sessions = asynchronous.ask(devices.list_roaming_sessions)
    iterate_roaming_sessions = asynchronous.turn(devices.list_roaming_sessions)
    get_availability = asynchronous.ask(devices.get_availability)
    iterate_availability = asynchronous.turn_parts(devices.get_availability)

    list_events = asynchronous.ask(events.list_events)
    iterate_events = asynchronous.turn(events.list_events)
    list_device_events = asynchronous.ask(events.list_device_events)
    iterate_device_events = asynchronous.turn(events.list_device_events)
    retrieve_events = asynchronous.ask(events.retrieve_events)
    iterate_history = asynchronous.turn(events.retrieve_events)
    get_event = asynchronous.ask(events.get_event)
    export_events = asynchronous.stream(events.export_events)
    iterate_exported_events = asynchronous.read_events(events.iterate_exported_events)
    follow = asynchronous.follow(events.follow)

    list_subscriptions = asynchronous.ask(subscriptions.list_subscriptions)
    iterate_subscriptions = asynchronous.turn(subscriptions.list_subscriptions)
    register_subscription = asynchronous.ask(subscriptions.register_subscription)
    list_senders = asynchronous.ask(subscriptions.list_senders)

    list_refused_notifications = asynchronous.ask(operations.list_refused_notifications)
    iterate_refused_notifications = asynchronous.turn(operations.list_refused_notifications)
    get_refused_notification = asynchronous.ask(operations.get_refused_notification)
    reprocess_refused_notification = asynchronous.ask(operations.reprocess_refused_notification)
    forget_device = asynchronous.ask(operations.forget_device)
    forget_device_by_identifier = asynchronous.ask(operations.forget_device_by_identifier)
    get_liveness = asynchronous.ask(operations.get_liveness)
    get_readiness = asynchronous.ask(operations.get_readiness)
    get_metrics = asynchronous.ask(operations.get_metrics)
