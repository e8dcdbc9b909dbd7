import httpx
import pytest

from receiver.client.attempts import (
    PAUSE_SECONDS,
    RETRY_AFTER_MAX,
    BaseClient,
    Options,
    check_url,
    find_pause,
    http_options,
    is_near,
    make_answer,
    parse_url,
)
from receiver.client.errors import ClientError, ConnectionFailed, NotFound, Unavailable

TOKEN = "the-token"  # noqa: S105 - of nobody
OPTIONS = Options(token=TOKEN, correlator=None, timeout_seconds=1.0, retries=2)


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("https://receiver.example/below/", "https://receiver.example/below"),
    ],
)
def test_a_service_is_at_a_url_or_below_a_path(url: str, checked: str) -> None:
    assert check_url(url) == checked


@pytest.mark.parametrize(
    "url",
    ["", "receiver", "ftp://receiver", "http://", "http://u:p@host", "http://h/?a=1", "http://h:x"],
)
def test_what_is_no_url_of_a_service_is_refused_without_its_content(url: str) -> None:
    with pytest.raises(ValueError, match=r"^url: [a-zURL:/ ]+$"):
        check_url(url)


@pytest.mark.parametrize("token", ["", "two words", "line\n", "ü"])
def test_a_token_that_no_header_holds_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(ValueError, match=r"^token: not a bearer token$"):
        Options(token=token, correlator=None, timeout_seconds=1.0, retries=0)


def test_a_correlator_that_the_service_would_replace_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^correlator: "):
        Options(token=None, correlator="two words", timeout_seconds=1.0, retries=0)


def test_no_token_is_shown() -> None:
    client = BaseClient("http://127.0.0.1:8000", OPTIONS)
    assert repr(client) == "BaseClient('http://127.0.0.1:8000')"
    assert TOKEN not in repr(OPTIONS)


def test_options_change_for_the_other_client_only() -> None:
    client = BaseClient("http://127.0.0.1:8000", OPTIONS)
    other = client.with_options(correlator="c", retries=0)
    assert (other._options.correlator, other._options.retries) == ("c", 0)
    assert other._options.token == TOKEN
    assert client._options is OPTIONS
    assert client.with_options(token=None)._options.token is None


def unavailable(retry_after: float | None) -> Unavailable:
    return Unavailable(status=503, code="UNAVAILABLE", message="m", retry_after=retry_after)


def test_pauses_grow() -> None:
    error = ConnectionFailed("x")
    assert [find_pause(error, tries, 3) for tries in (1, 2, 3)] == [
        PAUSE_SECONDS,
        2 * PAUSE_SECONDS,
        4 * PAUSE_SECONDS,
    ]


def test_a_service_that_says_when_is_asked_then() -> None:
    assert find_pause(unavailable(5.0), 1, 2) == 5.0
    assert find_pause(unavailable(0.0), 1, 2) == PAUSE_SECONDS
    assert find_pause(unavailable(None), 1, 2) == PAUSE_SECONDS


@pytest.mark.parametrize(
    ("error", "tries", "retries"),
    [
        (ConnectionFailed("x"), 1, 0),
        (ConnectionFailed("x"), 3, 2),
        (NotFound(status=404, code="NOT_FOUND", message="m"), 1, 2),
        (unavailable(RETRY_AFTER_MAX + 1), 1, 2),
    ],
)
def test_what_does_not_pass_or_was_tried_enough_is_raised(
    error: ClientError, tries: int, retries: int
) -> None:
    with pytest.raises(type(error)) as raised:
        find_pause(error, tries, retries)
    assert raised.value is error


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:1"])
def test_no_proxy_of_the_environment_stands_before_this_machine(url: str) -> None:
    assert http_options(url)["trust_env"] is False
    assert http_options("http://receiver.example")["trust_env"] is True


def test_an_answer_has_its_headers_in_lower_case() -> None:
    answer = make_answer(httpx.Response(204, headers={"X-Correlator": "c"}), b"")
    assert (answer.status, answer.headers["x-correlator"]) == (204, "c")


@pytest.mark.parametrize("url", ["\udcff", "http://a\x00b", "http://a:b"])
def test_what_is_no_url_is_told_without_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"^not a URL$"):
        parse_url(url)


@pytest.mark.parametrize(
    ("url", "is_here"),
    [
        ("http://localhost:1", True),
        ("http://127.0.0.2", True),
        ("http://[::1]:8000", True),
        ("http://sink.example", False),
        ("http://192.0.2.1", False),
    ],
)
def test_this_machine_is_loopback(url: str, *, is_here: bool) -> None:
    assert is_near(url) is is_here
