"""What ships for Prometheus and Grafana names metrics, labels and values that there are."""

import json
import re
from typing import Any

import pytest

from receiver.metrics.metrics import INITIAL_SERIES, SPOOL_OUTCOMES
from tests.support.every_metric import exposed
from tests.support.exposition import families
from tests.support.paths import ROOT

DEPLOY = ROOT / "deploy"
STATES = {"ending", "overdue", "silent"}
MATCHED = re.compile(r"\b(receiver_[a-z_]+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'([a-z_]+)(?:=~|!~|!=|=)"([^"]*)"')
SELECTOR = re.compile(r'([a-z_]+)(=~|!~|!=|=)"([^"]*)"')
GROUPED = re.compile(r"\b(?:by|on) \(([^)]*)\)")


def labels_by_sample() -> dict[str, set[str]]:
    """The label names of each sample that a scrape shows."""
    found: dict[str, set[str]] = {}
    for family in families(exposed()).values():
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def expressions(name: str) -> list[str]:
    """The PromQL in a file."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    if name.endswith(".json"):
        panels: list[dict[str, Any]] = json.loads(text)["panels"]
        return [target["expr"] for panel in panels for target in panel["targets"]]
    return re.findall(r"(?m)^ +expr: (.*)$", text)


@pytest.mark.parametrize("name", ["alerts.yaml", "grafana-dashboard.json"])
def test_dashboard_and_alerts_name_metrics_and_labels_that_exist(name: str) -> None:
    known = labels_by_sample()
    written = expressions(name)
    assert len(written) > 9
    for expression in written:
        grouped = {word for names in GROUPED.findall(expression) for word in names.split(", ")}
        possible = {"instance", "job"}
        for sample, matchers in MATCHED.findall(expression):
            assert sample in known, expression
            assert {label for label, _ in MATCHER.findall(matchers)} <= known[sample], expression
            possible |= known[sample]
        assert grouped <= possible, expression


@pytest.mark.parametrize("name", ["alerts.yaml", "grafana-dashboard.json"])
def test_dashboard_and_alerts_ask_for_values_that_occur(name: str) -> None:
    calls, statuses, reasons = map(set, zip(*INITIAL_SERIES, strict=True))
    occurring = {"call": calls, "reason": reasons, "role": {"sink"}, "state": STATES}
    occurring["outcome"] = set(SPOOL_OUTCOMES)
    for expression in expressions(name):
        for label, wanted in MATCHER.findall(expression):
            if label == "status":
                assert any(re.fullmatch(wanted, str(status)) for status in statuses), expression
            elif label != "job":
                assert wanted in occurring[label], expression


def alerts_at(call: str, status: int, reason: str) -> bool:
    """Whether an alert counts the answers of this series."""
    labels = {"call": call, "status": str(status), "reason": reason}
    return any(
        all(
            (re.fullmatch(wanted, labels[label]) is not None) == (operator in {"=", "=~"})
            for label, operator, wanted in SELECTOR.findall(matchers)
        )
        for expression in expressions("alerts.yaml")
        for sample, matchers in MATCHED.findall(expression)
        if sample == "receiver_answers_total"
    )


def test_a_5xx_of_every_call_alerts_but_that_of_readyz_which_has_its_own() -> None:
    fails = {series for series in INITIAL_SERIES if series[1] >= 500}
    assert {series for series in fails if not alerts_at(*series)} == {
        ("operations", 503, "not-ready"),
        # An answer in CAMARA's words, and no fault of the service.
        ("retrieve", 503, "status-unknown"),
    }
    assert alerts_at("a-router-of-tomorrow", 500, "internal")
    assert not alerts_at("questions", 404, "event-not-found")
    # Orange's answer for an unknown device.
    assert not alerts_at("retrieve", 500, "identifier-not-found")


def test_dashboard_and_alerts_watch_every_metric() -> None:
    watched = " ".join(expressions("alerts.yaml") + expressions("grafana-dashboard.json"))
    assert [name for name in families(exposed()) if name not in watched] == []


def test_an_alert_has_one_name_an_expression_and_a_summary_with_labels_it_keeps() -> None:
    rules = (DEPLOY / "alerts.yaml").read_text(encoding="utf-8").split("- alert: ")[1:]
    assert len({rule.partition("\n")[0] for rule in rules}) == len(rules)
    for rule in rules:
        (expression,) = re.findall(r"(?m)^ +expr: (.*)$", rule)
        (summary,) = re.findall(r"(?m)^ +summary: (.*)$", rule)
        for label in re.findall(r"\$labels\.(\w+)", summary):
            assert any(label in kept.split(", ") for kept in GROUPED.findall(expression)), rule
