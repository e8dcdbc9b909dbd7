"""A process in which each metric has a sample."""

from datetime import UTC, datetime

from receiver.metrics.metrics import Metrics, Reading


def full() -> Metrics:
    """Metrics of which each has a sample."""
    metrics = Metrics(queue_limit_notifications=10)
    metrics.note_arrival("operator", datetime(2026, 4, 17, tzinfo=UTC))
    metrics.count_quarantined("operator", 1)
    metrics.count_commit_failure("disk-full")
    metrics.add_task("credentials", datetime(2026, 4, 17, tzinfo=UTC))
    return metrics


def exposed(metrics: Metrics | None = None) -> str:
    """A scrape in which each metric has a sample."""
    reading = Reading(
        True,
        True,
        1,
        3,
        0.5,
        1,
        1.0,
        {"ending": 1, "overdue": 0, "silent": 0},
        {("operator", "sink"): 60.0},
        4096,
        2.5,
    )
    return (metrics or full()).exposition(reading).decode()
