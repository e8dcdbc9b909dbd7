"""The answer: what it is, and how it is told without anything that the sink may have repeated."""

import pytest

from receiver.conformance.exchange import Answer


@pytest.mark.parametrize(
    ("status", "is_success", "is_refusal"),
    [(None, False, False), (204, True, False), (302, False, False), (400, False, True),
     (500, False, False)],
)  # fmt: skip
def test_an_answer_is_a_success_a_refusal_or_neither(
    status: int | None, is_success: bool, is_refusal: bool
) -> None:
    answer = Answer(status)
    assert (answer.is_success, answer.is_refusal) == (is_success, is_refusal)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"code": "INVALID_ARGUMENT"}', "400 INVALID_ARGUMENT"),
        (b'{"code": "+99999000000 is wrong"}', "400"),
        (b'{"code": 7}', "400"),
        (b"[1]", "400"),
        (b"<h1>", "400"),
        (b"[" * 9999, "400"),
    ],
)
def test_of_an_error_only_a_code_of_camara_is_told(body: bytes, told: str) -> None:
    assert Answer(400, body=body).describe() == told


def test_of_a_success_only_its_status_is_told_and_of_silence_its_reason() -> None:
    assert Answer(200, body=b'{"code": "OK"}').describe() == "200"
    assert Answer(None, "connect error").describe() == "no answer (connect error)"
