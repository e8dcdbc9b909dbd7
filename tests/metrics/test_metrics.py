"""The metrics keep the rules of Prometheus."""

import re
from datetime import UTC, datetime

import pytest

from receiver.errors import ReceiverError
from receiver.metrics import metrics as declared
from receiver.metrics.metrics import Metrics, Reading
from tests.support.every_metric import exposed, full
from tests.support.exposition import families, value

# Promtool's: a name says the base unit, and never the type or what the format itself adds.
DISCOURAGED = re.compile(
    r"_(?:total|count|sum|bucket|info|gauge|counter|histogram|summary|"
    r"milliseconds|minutes|hours|days|weeks|kilobytes|megabytes|bits|percent)(?:_|$)"
)


def test_each_metric_is_exposed_once_with_its_help() -> None:
    text = exposed()
    helped = re.findall(r"(?m)^# HELP (\S+) (.*)$", text)
    typed = re.findall(r"(?m)^# TYPE (\S+)", text)
    assert typed == [name for name, _ in helped]
    assert len(set(typed)) == len(typed)
    assert [words for _, words in helped if not re.fullmatch(r"[A-Z].*\.", words)] == []


def test_every_name_keeps_prometheus_rules() -> None:
    for name, family in families(exposed()).items():
        assert re.fullmatch(r"receiver(_[a-z]+)+", name)
        # By this name every exporter tells its version.
        assert DISCOURAGED.search(name.removesuffix("_build_info")) is None, name
        totals = {sample.name.endswith("_total") for sample in family.samples}
        assert totals == {family.type == "counter"}


def test_a_task_is_shown_from_its_start_with_no_failure() -> None:
    metrics = full()
    began_at = datetime(2026, 4, 18, tzinfo=UTC)
    metrics.add_task("sweep", began_at)
    text = metrics.exposition(Reading()).decode()
    labels = {"task": "sweep"}
    name = "receiver_task_last_success_timestamp_seconds"
    assert value(text, "receiver_task_failures_total", labels) == 0
    assert value(text, name, labels) == began_at.timestamp()
    metrics.count_task_failure("sweep")
    later = datetime(2026, 4, 19, tzinfo=UTC)
    metrics.note_task_success("sweep", later)
    text = metrics.exposition(Reading()).decode()
    assert value(text, "receiver_task_failures_total", labels) == 1
    assert value(text, name, labels) == later.timestamp()


def test_dropped_lines_of_the_log_are_counted() -> None:
    metrics = full()
    metrics.count_dropped_lines(1)
    metrics.count_dropped_lines(2)
    text = metrics.exposition(Reading()).decode()
    assert value(text, "receiver_log_lines_dropped_total", {}) == 3


def test_tries_to_store_that_failed_are_counted_from_their_first() -> None:
    metrics = full()
    for reason in ("read-only", "locked"):
        metrics.count_commit_failure(reason, 0)
    metrics.count_commit_failure("locked")
    text = metrics.exposition(Reading()).decode()
    name = "receiver_commit_failures_total"
    assert [value(text, name, {"reason": word}) for word in ("read-only", "locked")] == [0, 1]


async def test_a_commit_that_fails_is_measured_too() -> None:
    metrics = full()

    async def commit(_: list[object]) -> None:
        raise ReceiverError

    with pytest.raises(ReceiverError):
        await metrics.measure_commit(commit)([1, 2, 3])
    text = metrics.exposition(Reading()).decode()
    assert value(text, "receiver_commit_seconds_count") == 1
    assert value(text, "receiver_batch_notifications_sum") == 3


def test_credentials_beyond_the_limit_share_one_label(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "CREDENTIALS_LIMIT", 3)
    metrics = full()
    for number in (1, 2, 3, 4, 1):
        metrics.note_arrival(f"jwt:{number}", datetime(2026, 4, 17, tzinfo=UTC))
        metrics.count_quarantined(f"jwt:{number}", 1)
    shown = families(metrics.exposition(Reading()).decode())["receiver_quarantined_notifications"]
    assert {sample.labels["credential"]: sample.value for sample in shown.samples} == {
        "operator": 1,
        "jwt:1": 2,
        "jwt:2": 1,
        "other": 2,
    }


def test_credentials_of_one_label_are_one_series() -> None:
    metrics = Metrics(queue_limit_notifications=1, find_label=lambda name: name.partition("-")[0])
    for name in ("trial-a", "trial-b", "operator"):
        metrics.note_arrival(name, datetime(2026, 4, 17, tzinfo=UTC))
        metrics.count_quarantined(name, 1)
    shown = families(metrics.exposition(Reading()).decode())["receiver_quarantined_notifications"]
    assert {sample.labels["credential"]: sample.value for sample in shown.samples} == {
        "trial": 2,
        "operator": 1,
    }
