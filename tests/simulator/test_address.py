"""The URL of a sink: its path where it has none, and one line on a URL that is wrong."""

import httpx
import pytest

from receiver.simulator.address import complete_url, explain_failure


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/notifications"),
        ("http://[::1]:8000/", "http://[::1]:8000/notifications"),
        ("https://sink.example?key=1", "https://sink.example/notifications?key=1"),
        ("https://sink.example/hooks/", "https://sink.example/hooks/"),
        ("https://sink.example/notifications", "https://sink.example/notifications"),
        ("https://sink.example/%7Ename", "https://sink.example/%7Ename"),
    ],
)
def test_a_url_without_a_path_means_the_sink_and_another_is_kept(url: str, expected: str) -> None:
    assert complete_url(url) == expected


def test_what_is_no_url_is_an_error() -> None:
    with pytest.raises(httpx.InvalidURL):
        complete_url("http://[::1/")


SINK = "http://h/notifications"


@pytest.mark.parametrize(
    ("url", "answer", "expected"),
    [
        (SINK, "connect error", f"nothing answered at {SINK} (connect error)"),
        ("http://h/x", 404, "http://h/x is no sink (404); is the path /notifications?"),
        ("http://h/x", 405, "http://h/x is no sink (405); is the path /notifications?"),
        (SINK, 404, f"what answers at {SINK} is not this service, or a proxy hides the call (404)"),
        (SINK, 301, f"{SINK} leads elsewhere (301); give the address at which the sink itself is"),
    ],
)
def test_a_wrong_url_is_explained_in_one_line(url: str, answer: int | str, expected: str) -> None:
    assert explain_failure(url, answer) == expected
