"""The client of a sink: its token, and the words for an answer or for none."""

import httpx
import pytest

from receiver.client.exchange import MESSAGE_LENGTH_MAX
from receiver.simulator.client import UnexpectedAnswer, compose_options, read_unexpected


@pytest.mark.parametrize(("host", "asks_proxies"), [("127.0.0.1", False), ("sink.example", True)])
def test_a_proxy_of_the_environment_does_not_lead_back_to_this_machine(
    host: str, asks_proxies: bool
) -> None:
    options = compose_options(f"http://{host}/sink", "token")
    assert options["headers"] == {"authorization": "Bearer token"}
    assert options["trust_env"] is asks_proxies


def test_an_answer_is_told_without_what_steers_a_terminal_and_at_most_so_long() -> None:
    answer = httpx.Response(400, json={"code": "A\x1b", "message": "m" * 999})
    assert read_unexpected(answer) == UnexpectedAnswer(400, "A ", "m" * MESSAGE_LENGTH_MAX)
