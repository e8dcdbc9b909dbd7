"""A reading is exposed as it is: unknown figures are absent, and known ones keep their value."""

import math

from prometheus_client import generate_latest

from receiver.metrics.reading import Reading, ReadingCollector
from receiver.release import find_version
from tests.support.exposition import families, value


def exposed(reading: Reading) -> str:
    return generate_latest(ReadingCollector(reading)).decode()


def test_a_figure_that_was_never_known_is_absent() -> None:
    names = set(families(exposed(Reading())))
    assert names == {
        "receiver_build_info",
        "receiver_ready",
        "receiver_database_up",
        "receiver_credential_left_seconds",
        "receiver_subscriptions",
    }


def test_the_release_is_a_label() -> None:
    assert value(exposed(Reading()), "receiver_build_info", {"version": find_version()}) == 1


def test_a_service_that_is_not_ready_is_0() -> None:
    text = exposed(Reading())
    assert value(text, "receiver_ready") == 0
    assert value(text, "receiver_database_up") == 0


def test_known_figures_keep_their_value_also_0_and_below() -> None:
    text = exposed(Reading(True, True, quarantine_rows=0, partitions_ahead=-1))
    assert value(text, "receiver_ready") == 1
    assert value(text, "receiver_database_up") == 1
    assert value(text, "receiver_quarantine_rows") == 0
    assert value(text, "receiver_partitions_ahead") == -1
    assert value(exposed(Reading(partitions_ahead=0)), "receiver_partitions_ahead") == 0
    watched = exposed(Reading(subscriptions={"ending": 3, "silent": 0}))
    assert value(watched, "receiver_subscriptions", {"state": "ending"}) == 3
    assert value(watched, "receiver_subscriptions", {"state": "silent"}) == 0
    spooled = exposed(Reading(spool_bytes=4096, spool_oldest_seconds=0.0))
    assert value(spooled, "receiver_spool_bytes") == 4096
    assert value(spooled, "receiver_spool_oldest_seconds") == 0
    late = exposed(Reading(projection_lag_seconds=0.5))
    assert value(late, "receiver_projection_lag_seconds") == 0.5
    rebuilding = exposed(Reading(projection_derivation=0, projection_rebuilt_ratio=0.0))
    assert value(rebuilding, "receiver_projection_derivation") == 0
    assert value(rebuilding, "receiver_projection_rebuilt_ratio") == 0


def test_each_credential_has_a_series_and_never_is_infinite() -> None:
    left = {("operator", "sink"): 60.5, ("analyst", "reader"): math.inf, ("old", "sink"): -5.0}
    text = exposed(Reading(credential_left_seconds=left))
    for (credential, role), seconds in left.items():
        labels = {"credential": credential, "role": role}
        assert value(text, "receiver_credential_left_seconds", labels) == seconds
    assert len(families(text)["receiver_credential_left_seconds"].samples) == len(left)
