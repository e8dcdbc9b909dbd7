"""The one tree of errors; a message names the fault and its place, never the content.

ReceiverError
    ConfigurationError          the command line: one line on stderr, exit status 1
    NotificationRefused         the sink: 400, and the bytes are kept in quarantine
    InvalidArgument             every other call: 400
    Unauthenticated             every call: 401
        TokenMissing
        TokenUnknown
        TokenRevoked
        TokenExpired
        TokenInvalid
    PermissionDenied            every call: 403
    TooManyRequests             every call: 429 with Retry-After
        RateExceeded
        AttemptsExceeded
        QuestionsExceeded
    IdentifierNotFound          the questions: 404
    EventNotFound               the questions: 404
    RefusalNotFound             the quarantine: 404; `receiver reprocess`: exit status 1
    IdentifierAmbiguous         the questions: 422
    IdentifierMissing           the retrieve calls: 422
    NotHttp                     the connection: 400, then closed
    HeadTooSlow                 the connection: 408, then closed
    HeadTooLarge                the connection: 431, then closed
    BodyTooLarge                every call: 413
    BodyTooSlow                 every call: 408
    MediaTypeUnsupported        the sink: 415, and the bytes are kept in quarantine
        CodingUnsupported       the sink: 415 with Accept-Encoding, and the bytes are kept
    Unavailable                 every call: 503 with Retry-After
        DatabaseAway
        KeysAway
        NotDerivedYet
        StatusUnknown
        QueueFull
        QuarantineFull
        ConnectionsFull
        Stopping
        CommitFailed
    ContentRejected             the intake, which refuses that one notification
    CommitRefused               the writer, which commits the batch again once the reason has passed
    CommitUnknown               the writer, which commits the batch again
"""

import re
from typing import ClassVar, Self


class ReceiverError(Exception):
    """The base of every error raised on purpose; `word` is its name in metrics: `token-expired`."""

    word: ClassVar[str] = "receiver-error"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.word = re.sub("(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def strip_frames(self) -> Self:
        """Drops the frames of the error, so that it can be stored beyond its handler.

        The frames hold what was parsed, and the object that stores the error: a cycle that only
        the garbage collector ends, which counts objects and not bytes.
        """
        self.__cause__ = self.__context__ = None
        return self.with_traceback(None)


class ConfigurationError(ReceiverError):
    """The service cannot run as configured; the message says what to change."""


class NotificationRefused(ReceiverError):
    """The bytes are certainly no notification that the service understands.

    Args:
        reason: what is wrong, in a few words, without any value that was sent.
        place: where: a member path such as ``data.roaming``, or ``line 3 column 7``; may be empty.
    """

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason = reason
        self.place = place


class InvalidArgument(ReceiverError):
    """A parameter, filter, cursor or body of a question is wrong."""


class Unauthenticated(ReceiverError):
    """The request has no token that opens this service."""


class TokenMissing(Unauthenticated):
    """The request has no bearer token."""


class TokenUnknown(Unauthenticated):
    """No credential has this token."""


class TokenRevoked(Unauthenticated):
    """The credential was revoked."""


class TokenExpired(Unauthenticated):
    """The credential has expired."""


class TokenInvalid(Unauthenticated):
    """The access token is certainly not valid at this service."""


class PermissionDenied(ReceiverError):
    """The credential's role does not allow this call."""


class TooManyRequests(ReceiverError):
    """The caller sends more requests, in a time or at a time, than a bound allows.

    Args:
        wait_seconds: the time until the next request is allowed.
    """

    def __init__(self, message: str, wait_seconds: float) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class RateExceeded(TooManyRequests):
    """The credential sends more than its rate allows."""


class AttemptsExceeded(TooManyRequests):
    """The authentication failed, after too many failures from the same address."""


class QuestionsExceeded(TooManyRequests):
    """The credential asks more questions at a time than it may, and none of them ended in time."""


class IdentifierNotFound(ReceiverError):
    """No event ever carried this identifier."""


class EventNotFound(ReceiverError):
    """No event has this id."""

    def __init__(self) -> None:
        super().__init__("There is no event of this id")


class RefusalNotFound(ReceiverError):
    """Nothing in quarantine has this id."""

    def __init__(self) -> None:
        super().__init__("Nothing in quarantine has this id")


class IdentifierAmbiguous(ReceiverError):
    """The identifier was reported with several devices and stands for none of them."""


class IdentifierMissing(ReceiverError):
    """The request names no device, and no token of this service stands for one."""


class NotHttp(ReceiverError):
    """The bytes are no HTTP request with one meaning."""


class HeadTooSlow(ReceiverError):
    """The request line and the headers did not arrive in time."""


class HeadTooLarge(ReceiverError):
    """The request line and the headers are larger than their limit."""


class BodyTooLarge(ReceiverError):
    """The body is larger than its limit."""


class BodyTooSlow(ReceiverError):
    """The body did not arrive in time."""


class MediaTypeUnsupported(ReceiverError):
    """The service does not read bodies of this media type."""


class CodingUnsupported(MediaTypeUnsupported):
    """The service does not read bodies of this content coding."""


class Unavailable(ReceiverError):
    """The service could not do it, and the caller is not at fault: another try is worth it."""


class DatabaseAway(Unavailable):
    """The database is away, too slow, not migrated, or all connections are in use."""


class KeysAway(Unavailable):
    """The keys that verify access tokens cannot be fetched."""


class NotDerivedYet(Unavailable):
    """The answers about a device are being derived for the first time."""


class StatusUnknown(Unavailable):
    """What is asked of a device is not known now; an event that tells it may arrive."""


class QueueFull(Unavailable):
    """The queue of notifications that wait for their commit is full."""


class QuarantineFull(Unavailable):
    """The quarantine, or the share of it that one credential may fill, has no room."""


class ConnectionsFull(Unavailable):
    """The number of open connections has reached its limit."""


class Stopping(Unavailable):
    """The service is stopping and takes no more notifications."""


class CommitFailed(Unavailable):
    """The notification's commit failed, or took too long."""


class ContentRejected(ReceiverError):
    """Postgres rejects the content of a batch (SQLSTATE class 22, or 54000)."""


class CommitRefused(ReceiverError):
    """Nothing of the batch is stored, for a reason that may pass; `fault`: its word in metrics."""

    def __init__(self, message: str, fault: str) -> None:
        super().__init__(message)
        self.fault = fault


class CommitUnknown(ReceiverError):
    """The batch may or may not be durable: the connection or a synchronous standby was lost."""
