"""The metrics of the live stream."""

from prometheus_client import CollectorRegistry, Counter, Gauge

# Why a stream ended: the words of its last event, and `gone` where its caller hung up.
ENDS = ("gone", "lagged", "reset", "stopping", "unauthenticated", "unavailable")


class StreamMetrics:
    """Counts streams and what they sent."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._open = Gauge(
            "receiver_streams",
            "Live streams that are open.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._events = Counter(
            "receiver_stream_events",
            "Events that were sent over live streams.",
            registry=registry,
        )
        self._ends = Counter(
            "receiver_stream_ends",
            "Live streams that ended, by reason; `lagged`: the caller read too slowly.",
            ("reason",),
            registry=registry,
        )
        for reason in ENDS:
            self._ends.labels(reason)

    def note_open(self, number: int) -> None:
        """Adds to the open streams."""
        self._open.inc(number)

    def count_sent(self, events: int) -> None:
        """Counts events that were sent."""
        self._events.inc(events)

    def count_end(self, reason: str) -> None:
        """Counts a stream that has ended, by one of ENDS."""
        self._ends.labels(reason).inc()
