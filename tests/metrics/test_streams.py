"""Streams are counted from the start, by why they end."""

from receiver.api.questions.stream.blocks import GONE, REASONS
from receiver.metrics.streams import ENDS
from tests.support.every_metric import exposed, full
from tests.support.exposition import families


def test_every_end_is_shown_before_there_is_one() -> None:
    samples = families(exposed())["receiver_stream_ends"].samples
    assert {sample.labels["reason"]: sample.value for sample in samples} == dict.fromkeys(ENDS, 0)
    assert set(ENDS) == {GONE, *REASONS}


def test_open_streams_and_what_they_sent_are_counted() -> None:
    metrics = full()
    metrics.streams.note_open(1)
    metrics.streams.note_open(1)
    metrics.streams.note_open(-1)
    metrics.streams.count_sent(5)
    metrics.streams.count_end("lagged")
    text = exposed(metrics)
    assert "receiver_streams 1.0" in text
    assert "receiver_stream_events_total 5.0" in text
    assert 'receiver_stream_ends_total{reason="lagged"} 1.0' in text
