"""The dashboard of the service and the alert rules, asked of a real Prometheus."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.between import seeded
from tests.support.dashboards import read_panels
from tests.support.paths import ROOT
from tests.support.prometheus import Prometheus, monitoring, needs_prometheus
from tests.support.service import notification

pytestmark = needs_prometheus

TARGETS = [
    (panel["title"], target)
    for panel in read_panels(ROOT / "deploy" / "grafana-dashboard.json")
    for target in panel["targets"]
]
# What Grafana takes for a rate when the interval of scrapes is not told.
RATE_INTERVAL = "1m"
# Nothing failed, no live stream ended, and no authorization server is configured.
MAY_BE_EMPTY = re.compile(
    r"receiver_(commit_failures_total|stream_ends_total|keys_fetched_timestamp_seconds)"
)


@pytest.fixture(scope="module")
def prometheus(seed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """One that watches a service with a spool, and with a credential that expires."""
    folder: Path = tmp_path_factory.mktemp("prometheus")
    with seeded(seed, {"RECEIVER_SPOOL_DIR": str(folder / "spool")}) as installation:
        end = (datetime.now(UTC) + timedelta(days=90)).isoformat()
        installation.create("dashboard", "reader", "--expires-at", end)
        with installation.serve() as service:
            token = installation.token("sink")
            assert service.post(notification(), token) == 204
            (folder / "own").mkdir()
            with monitoring(service.address, folder / "own") as prometheus:
                yield prometheus


@pytest.mark.parametrize(("title", "target"), TARGETS, ids=lambda value: str(value)[:40])
def test_a_panel_has_something_to_draw(
    prometheus: Prometheus, title: str, target: dict[str, str]
) -> None:
    found = prometheus.ask(target["expr"].replace("$__rate_interval", RATE_INTERVAL))
    assert found or MAY_BE_EMPTY.search(target["expr"]), title
    legend = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
    for series in found:
        assert legend <= set(series["metric"]), title
        # A panel that names no label draws one line or one number.
        assert legend or len(found) == 1, title


def test_every_alert_is_evaluated_and_a_healthy_service_raises_none(
    prometheus: Prometheus,
) -> None:
    rules = prometheus.rules()
    assert len(rules) > 9
    assert [(rule["name"], rule["lastError"]) for rule in rules if rule["health"] != "ok"] == []
    assert [rule["name"] for rule in rules if rule["state"] == "firing"] == []
