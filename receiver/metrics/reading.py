"""The metrics that are looked up at a scrape, and counted by no worker."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from receiver.release import find_version


@dataclass(frozen=True, slots=True)
class Reading:
    """The figures of one scrape; None: not known since the start.

    Attributes:
        is_ready: whether notifications can be stored now.
        is_database_up: whether the database answered this scrape.
        quarantine_rows: the rows in quarantine, counted up to a limit.
        partitions_ahead: the months after this one that have a partition.
        projection_lag_seconds: how long the oldest event waits for the answers to be derived.
        projection_derivation: the version of what is derived of all devices; 0: not of all yet.
        projection_rebuilt_ratio: of the devices; 1 where no rebuild is under way.
        subscriptions: those that need a look, by what is to be seen; counted up to a limit.
        credential_left_seconds: the time until each credential expires, by name and role; infinite
            if it never does. Revoked credentials are left out.
        spool_bytes: the size of the spool; None too where there is none.
        spool_oldest_seconds: the age of its oldest file; 0: nothing waits in it.
    """

    is_ready: bool = False
    is_database_up: bool = False
    quarantine_rows: int | None = None
    partitions_ahead: int | None = None
    projection_lag_seconds: float | None = None
    projection_derivation: int | None = None
    projection_rebuilt_ratio: float | None = None
    subscriptions: Mapping[str, int] = field(default_factory=dict)
    credential_left_seconds: Mapping[tuple[str, str], float] = field(default_factory=dict)
    spool_bytes: int | None = None
    spool_oldest_seconds: float | None = None


class ReadingCollector(Collector):
    """Exposes the figures of a reading; as no worker counts them, they are never summed."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def collect(self) -> Iterator[GaugeMetricFamily]:
        reading = self._reading
        release = GaugeMetricFamily(
            "receiver_build_info",
            "Always 1; the label has the version of the service.",
            labels=("version",),
        )
        release.add_metric((find_version(),), 1)
        yield release
        yield GaugeMetricFamily(
            "receiver_ready",
            "Whether notifications can be stored now, 1 or 0.",
            value=reading.is_ready,
        )
        yield GaugeMetricFamily(
            "receiver_database_up",
            "Whether the database answered, 1 or 0; if not, its figures are old or absent.",
            value=reading.is_database_up,
        )
        if reading.quarantine_rows is not None:
            yield GaugeMetricFamily(
                "receiver_quarantine_rows",
                "Refused notifications in quarantine, counted up to 10000.",
                value=reading.quarantine_rows,
            )
        if reading.partitions_ahead is not None:
            yield GaugeMetricFamily(
                "receiver_partitions_ahead",
                "Months after this one that have a partition; below 0, this one has none.",
                value=reading.partitions_ahead,
            )
        if reading.projection_lag_seconds is not None:
            yield GaugeMetricFamily(
                "receiver_projection_lag_seconds",
                "How long the oldest event waits for status answers to be derived; 0: none waits.",
                value=reading.projection_lag_seconds,
            )
        if reading.projection_derivation is not None:
            yield GaugeMetricFamily(
                "receiver_projection_derivation",
                "Version of the logic by which all devices are derived; 0: some are not yet.",
                value=reading.projection_derivation,
            )
        if reading.projection_rebuilt_ratio is not None:
            yield GaugeMetricFamily(
                "receiver_projection_rebuilt_ratio",
                "Share of the devices that a rebuild has derived anew; 1: none is under way.",
                value=reading.projection_rebuilt_ratio,
            )
        if reading.spool_bytes is not None:
            yield GaugeMetricFamily(
                "receiver_spool_bytes",
                "Size of what waits in the spool for the database, of all workers.",
                value=reading.spool_bytes,
            )
        if reading.spool_oldest_seconds is not None:
            yield GaugeMetricFamily(
                "receiver_spool_oldest_seconds",
                "How long the oldest of it waits; 0: nothing waits.",
                value=reading.spool_oldest_seconds,
            )
        watched = GaugeMetricFamily(
            "receiver_subscriptions",
            "Subscriptions that need a look, counted up to 1000 each: `ending` within 14 days "
            "without another that tells the same, `overdue` past their expiry without an end, "
            "`silent` for longer than their rhythm allows.",
            labels=("state",),
        )
        for state, subscriptions in reading.subscriptions.items():
            watched.add_metric((state,), subscriptions)
        yield watched
        left = GaugeMetricFamily(
            "receiver_credential_left_seconds",
            "Time until a credential expires, +Inf for never; revoked ones are left out.",
            labels=("credential", "role"),
        )
        for names, seconds in reading.credential_left_seconds.items():
            left.add_metric(names, seconds)
        yield left
