"""Scrapes, read as Prometheus reads them."""

from collections.abc import Mapping

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families


def families(text: str) -> dict[str, Metric]:
    """The metrics by name; a counter's name is without its `_total`."""
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(text: str, name: str, labels: Mapping[str, str] | None = None) -> float | None:
    """One sample's value; None when it is not there."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if (sample.name, sample.labels) == (name, dict(labels or {})):
                return sample.value
    return None
