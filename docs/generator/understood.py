"""`understood.md`: what is understood, by provider and version, from the samples of the tests."""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from docs.generator import markdown

SAMPLES = Path(__file__).parents[2] / "tests" / "samples"

ROAMING = ("roaming-status", "roaming-on", "roaming-off", "roaming-change-country")
CONNECTIVITY = ("connectivity-data", "connectivity-sms", "connectivity-disconnected")
REACHABILITY = ("reachability-data", "reachability-sms", "reachability-disconnected")
NETWORK_TYPE = ("network-type-changed",)
ENDS = ("subscription-ends",)
LIFE = ("subscription-started", "subscription-updated", "subscription-ended")
# Every event type that a tagged release of CAMARA publishes: the API as its folder is called, the
# releases, the API as `type` calls it, the event names.
PUBLISHED = (
    (
        "device-status",
        ("0.5.0-rc", "0.5.0", "0.5.1", "0.6.0-alpha.1"),
        "device-status",
        ROAMING + CONNECTIVITY + ENDS,
    ),
    (
        "device-roaming-status-subscriptions",
        ("0.6.0-rc.1", "0.6.0", "0.6.1"),
        "roaming-status-subscriptions",
        ROAMING + ENDS,
    ),
    (
        "device-roaming-status-subscriptions",
        ("0.7.0-rc.1", "0.7.0"),
        "device-roaming-status-subscriptions",
        ROAMING + ENDS,
    ),
    (
        "device-roaming-status-subscriptions",
        ("0.8.0-rc.1", "0.8.0"),
        "device-roaming-status-subscriptions",
        ROAMING + LIFE,
    ),
    (
        "device-reachability-status-subscriptions",
        ("0.6.0-rc.1", "0.6.0", "0.6.1", "0.7.0-rc.1", "0.7.0"),
        "device-reachability-status-subscriptions",
        REACHABILITY + ENDS,
    ),
    (
        "device-reachability-status-subscriptions",
        ("0.8.0-rc.1", "0.8.0"),
        "device-reachability-status-subscriptions",
        REACHABILITY + LIFE,
    ),
    (
        "connected-network-type-subscriptions",
        ("0.1.0-rc.1", "0.1.0"),
        "connected-network-type-subscriptions",
        NETWORK_TYPE + ENDS,
    ),
    (
        "connected-network-type-subscriptions",
        ("0.2.0-rc.1", "0.2.0"),
        "connected-network-type-subscriptions",
        NETWORK_TYPE + LIFE,
    ),
)

INTRODUCTION = """
Each row stands for a provider or an API and the versions that write the same. The rows come from
the samples in `tests/samples`; a test holds each sample to its expected meaning, and another holds
the samples complete for every released version. The last segment of `type` decides: an event of
another API or version with the same last segment is understood as well. The service stores any
other event whole, with the kind `unrecognised`.

`findings` are those of the samples, including what the published examples get wrong themselves.
[findings.md](findings.md) explains each one. `receiver check FILE` says what a notification of your
own is.
"""

HEAD = ("provider or API", "version", "form", "events", "findings")


def page() -> str:
    """Returns the page."""
    return markdown.page("What is understood", INTRODUCTION, markdown.table(HEAD, _rows()))


def readable() -> list[tuple[str, dict[str, Any]]]:
    """Returns the samples that are understood or stored whole: folder and expected meaning."""
    expected = [
        (path.parent.name, json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(SAMPLES.glob("*/*.expected.json"))
    ]
    return [(folder, event) for folder, event in expected if "kind" in event]


def _rows() -> Iterator[tuple[str, ...]]:
    """Yields the rows; neighbouring versions that write the same share one."""
    rows = []
    for folder, found in groupby(readable(), key=lambda pair: pair[0]):
        api, _, version = folder.partition(".")
        rows.append((api, version, _said([event for _, event in found])))
    rows.sort(key=lambda row: (*_importance(row[0]), _precedence(row[1])))
    for (api, said), same in groupby(rows, key=lambda row: (row[0], row[2])):
        yield api, ", ".join(version for _, version, _ in same), *said


def _said(events: list[dict[str, Any]]) -> tuple[str, str, str]:
    """Writes form, event names and findings of the samples of one version."""
    known = {event["name"] for event in events if event["kind"] != "unrecognised"}
    whole = {event["name"] for event in events if event["kind"] == "unrecognised"}
    names = [markdown.codes(sorted(known))] if known else []
    names += [f"stored whole: {markdown.codes(sorted(whole))}"] if whole else []
    findings = {finding for event in events for finding in event["findings"]}
    forms = ", ".join(sorted({event["form"] for event in events}))
    return (
        "hybrid" if "hybrid-form" in findings else forms,
        "; ".join(names),
        markdown.codes(sorted(findings)) or "none",
    )


def _importance(api: str) -> tuple[int, str]:
    """The released APIs come first, then who is like them, then their siblings."""
    first = [*dict.fromkeys(api for api, *_ in PUBLISHED), "nokia", "camara-draft"]
    return first.index(api) if api in first else len(first), api


def _precedence(version: str) -> tuple[str, bool, str]:
    """A release candidate comes before its release."""
    release, hyphen, candidate = version.partition("-")
    return release, not hyphen, candidate
