"""The tree of errors: the drawing shows every class, where it hangs and how it is answered."""

import re
from collections.abc import Iterator

import pytest

import receiver.errors
from receiver.api.answers.translation import ANSWERS
from receiver.errors import (
    NotificationRefused,
    RateExceeded,
    ReceiverError,
    TokenExpired,
    Unavailable,
)

INDENT = "    "
LINE = re.compile(r"(?P<indent> *)(?P<name>[A-Za-z]+)(?: {2,}(?P<answer>.+))?")


def draw(kind: type[ReceiverError], depth: int = 0) -> Iterator[str]:
    """Yields the lines of a class and of all below it, without where they are answered."""
    yield INDENT * depth + kind.__name__
    for child in kind.__subclasses__():
        if child.__module__ == receiver.errors.__name__:
            yield from draw(child, depth + 1)


def drawn_lines() -> list[re.Match[str]]:
    _, _, drawing = (receiver.errors.__doc__ or "").partition("\n\n")
    lines = [LINE.fullmatch(line) for line in drawing.splitlines()]
    assert None not in lines
    return [line for line in lines if line is not None]


def test_the_drawing_equals_the_classes() -> None:
    drawn = [line["indent"] + line["name"] for line in drawn_lines()]
    assert list(draw(ReceiverError)) == drawn


def test_the_drawing_gives_each_error_the_status_of_its_answer() -> None:
    answers = {kind.__name__: str(int(status)) for kind, (status, _, _) in ANSWERS.items()}
    drawn = {}
    for line in drawn_lines():
        status = re.search(r": (\d{3})\b", line["answer"] or "")
        if status is not None:
            drawn[line["name"]] = status[1]
    assert answers == drawn


def test_each_error_has_a_sentence_of_its_own() -> None:
    sentences = [
        (kind.__doc__ or "").partition("\n\n")[0]
        for line in drawn_lines()
        for kind in [getattr(receiver.errors, line["name"])]
    ]
    assert [one for one in sentences if not re.fullmatch(r"[A-Z][^.]*\.", one)] == []
    assert len(sentences) == len(set(sentences))


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (ReceiverError, "receiver-error"),
        (Unavailable, "unavailable"),
        (TokenExpired, "token-expired"),
        (RateExceeded, "rate-exceeded"),
    ],
)
def test_the_word_of_an_error_is_its_class_name_as_metrics_write_it(
    kind: type[ReceiverError], word: str
) -> None:
    assert word == kind.word


def test_a_refusal_puts_the_place_before_the_reason() -> None:
    refusal = NotificationRefused("must be true or false", "data.roaming")
    assert str(refusal) == "data.roaming: must be true or false"
    assert str(NotificationRefused("must be a JSON object")) == "must be a JSON object"


def test_a_stored_error_holds_no_frame_and_no_cause() -> None:
    with pytest.raises(NotificationRefused) as raised:
        refuse_because_of_another()
    assert links(raised.value) == [True, True, True]
    assert raised.value.strip_frames() is raised.value
    assert links(raised.value) == [False, False, False]


def links(error: BaseException) -> list[bool]:
    """Whether an error holds frames, a cause and a context."""
    return [link is not None for link in (error.__traceback__, error.__cause__, error.__context__)]


def refuse_because_of_another() -> None:
    try:
        raise KeyError("what was sent")
    except KeyError as cause:
        raise NotificationRefused("has no id") from cause
