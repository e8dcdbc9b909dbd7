"""Posting: one notification after the other, in their order, each with its answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from receiver.client.attempts import name_failure
from receiver.posting.captures import Capture
from receiver.simulator.client import compose_options, read_unexpected
from receiver.simulator.sending import NOT_A_SINK


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one capture.

    Attributes:
        place: of the capture.
        status: the HTTP status; None: it was not posted, or not answered.
        code: of the answer, as CAMARA's ErrorInfo has it.
        message: of the answer, or why there is none.
    """

    place: str
    status: int | None
    code: str = ""
    message: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the sink took it."""
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)


@dataclass(slots=True)
class PostingSummary:
    """The counts of one run.

    Attributes:
        taken, refused: the captures that the sink took, and all others that were tried.
        failure: the answer after which nothing more was posted, or in words why there was none;
            None: all was tried.
        has_met_sink: whether any answer was that of a sink.
    """

    taken: int = 0
    refused: int = 0
    failure: int | str | None = None
    has_met_sink: bool = False

    def compose_text(self) -> str:
        """Returns the counts in a line."""
        return f"{self.taken + self.refused} read: {self.taken} taken, {self.refused} refused"


def post_all(
    captures: Iterable[Capture], *, url: str, token: str, on_reply: Callable[[Reply], None]
) -> PostingSummary:
    """Posts captures in their order; each one is answered before the next is posted.

    Nothing more is posted once there is no answer, the token is refused, or the first answer says
    that its URL is not that of a sink: the others would fare no better.

    Args:
        url: the sink, used exactly as given.
        on_reply: called for each capture with what became of it.
    """
    summary = PostingSummary()
    with httpx.Client(**compose_options(url, token)) as client:
        for capture in captures:
            failure: int | str | None = None
            if capture.fault is not None:
                reply = Reply(capture.place, None, message=capture.fault)
            else:
                reply, failure = _post(client, url, capture, summary)
            summary.taken += reply.is_taken
            summary.refused += not reply.is_taken
            on_reply(reply)
            if failure is not None:
                summary.failure = failure
                break
    return summary


def _post(
    client: httpx.Client, url: str, capture: Capture, summary: PostingSummary
) -> tuple[Reply, int | str | None]:
    """Returns the reply, and the failure if the others would fare no better."""
    headers = {name.encode(): value.encode() for name, value in capture.headers.items()}
    try:
        answer = client.post(url, content=capture.body, headers=headers)
    except httpx.HTTPError as error:
        words = name_failure(error)
        return Reply(capture.place, None, message=f"no answer ({words})"), words
    status = answer.status_code
    told = read_unexpected(answer)
    reply = Reply(capture.place, status, told.code, told.message)
    if status in NOT_A_SINK and not summary.has_met_sink:
        return reply, status
    summary.has_met_sink = True
    return reply, status if status == HTTPStatus.UNAUTHORIZED else None
