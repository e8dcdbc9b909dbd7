"""The URL of a sink: its path where it has none, and one line on a URL that is wrong."""

import pytest

from receiver.simulator.address import (
    complete_url,
    explain_failure,
    find_token_fault,
    find_url_fault,
)


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
    with pytest.raises(ValueError, match="not a URL"):
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


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://h", None),
        ("https://h:1/x?y", None),
        ("http://[::1/", "not a URL"),
        ("ftp://h", "must begin with http:// or https://"),
        ("http://", "must begin with http:// or https://"),
        ("http://u:p@h", "a user name would displace the token"),
    ],
)
def test_a_url_that_is_none_of_a_sink_is_told_by_its_fault(url: str, fault: str | None) -> None:
    assert find_url_fault(url) == fault


@pytest.mark.parametrize(("token", "is_usable"), [("a-B.1~", True), ("", False), ("a b", False)])
def test_a_token_is_visible_ascii(token: str, is_usable: bool) -> None:
    assert (find_token_fault(token) is None) is is_usable
