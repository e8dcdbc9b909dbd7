"""Calls and answers as values, and what an answer means; nothing is sent here."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, NoReturn, Protocol, TypeVar

from receiver.client.errors import ERRORS, AnswerError, Unavailable, UnexpectedAnswer
from receiver.client.parsing import read

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

# Characters of a message that is told on: those of CAMARA's ErrorInfo.
MESSAGE_LENGTH_MAX = 512


class Part(Protocol):
    """A part of an answer; without a next cursor it is the last."""

    @property
    def next_cursor(self) -> str | None: ...


class Page(Part, Protocol[T_co]):
    """A part that is a list."""

    @property
    def items(self) -> Sequence[T_co]: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Call(Generic[T_co]):
    """What is asked, and how its answer is read.

    Attributes:
        read: returns the value of an answer; a ValueError says that it is not this service's.
        body: bytes, or an object that is sent as JSON.
    """

    method: str
    path: str
    read: Callable[[Answer], T_co]
    query: Sequence[tuple[str, str]] = ()
    body: bytes | Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def go_on(self, cursor: str) -> "Call[T_co]":
        """Returns the call for the page that a cursor leads to."""
        if isinstance(self.body, Mapping):
            return replace(self, body={**self.body, "cursor": cursor})
        others = [(name, value) for name, value in self.query if name != "cursor"]
        return replace(self, query=[*others, ("cursor", cursor)])

    def write_body(self) -> bytes | None:
        """Returns the bytes of the body."""
        if isinstance(self.body, Mapping):
            return json.dumps(self.body, ensure_ascii=False).encode()
        return self.body

    def write_headers(self, token: str | None, correlator: str | None) -> dict[str, str]:
        """Returns all headers."""
        headers = dict(self.headers)
        if isinstance(self.body, Mapping):
            headers["content-type"] = "application/json"
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        if correlator is not None:
            headers["x-correlator"] = correlator
        return headers


def read_as(kind: type[T]) -> Callable[[Answer], T]:
    """Returns what reads an answer as a value of a type."""
    return lambda answer: read(kind, parse(answer.body))


def parse(body: bytes | str) -> object:
    """Returns JSON as values.

    Raises:
        ValueError: it is none.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None


def judge(call: Call[T], answer: Answer) -> T:
    """Returns the value of an answer.

    Raises:
        AnswerError: the service refuses.
        UnexpectedAnswer: it is not an answer of this service.
    """
    if not 200 <= answer.status < 300:
        refuse(answer)
    try:
        return call.read(answer)
    except ValueError as error:
        message = f"{call.method} {call.path.partition('?')[0]} was not answered by this service"
        raise UnexpectedAnswer(f"{message}: {error}", answer.status) from None


def refuse(answer: Answer) -> NoReturn:
    """Raises the error that an answer is."""
    code, message = read_error_info(answer.body)
    kind = ERRORS.get(answer.status, AnswerError)
    # Of a proxy on the way the status alone counts.
    if not code and kind is not Unavailable:
        raise UnexpectedAnswer(
            f"{answer.status} without a reason: a proxy, or not this service", answer.status
        )
    reasons = _read_members(answer.body).get("reasons")
    raise kind(
        status=answer.status,
        code=code,
        message=message or "not now",
        correlator=answer.headers.get("x-correlator"),
        retry_after=_read_seconds(answer.headers.get("retry-after")),
        reasons=tuple(map(_make_printable, reasons)) if isinstance(reasons, list) else (),
    )


def read_error_info(body: bytes) -> tuple[str, str]:
    """Returns code and message of a refusal, printable; empty where they are missing."""
    members = _read_members(body)
    return _make_printable(members.get("code")), _make_printable(members.get("message"))


def _read_members(body: bytes) -> Mapping[str, object]:
    try:
        members = parse(body)
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def _make_printable(member: object) -> str:
    text = member[:MESSAGE_LENGTH_MAX] if isinstance(member, str) else ""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _read_seconds(header: str | None) -> float | None:
    return float(header) if header and re.fullmatch("[0-9]{1,9}", header) else None
