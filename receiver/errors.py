"""The one tree of errors; a message names the fault and its place, never the content."""

import re
from typing import ClassVar, Self


class ReceiverError(Exception):
    """Anything this service raises on purpose.

    Attributes:
        word: the name of the class as metrics write it, such as `token-expired`.
    """

    word: ClassVar[str] = "receiver-error"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.word = re.sub("(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def alone(self) -> Self:
        """The same without the frames it came through, for whoever keeps it beyond its handler.

        They hold what was being parsed, many times the size of its text, and the keeper itself:
        a circle that only the garbage collector ends, which counts objects and not their size.
        """
        self.__cause__ = self.__context__ = None
        return self.with_traceback(None)


class ConfigurationError(ReceiverError):
    """The service cannot run as configured; the message says what to change."""


class NotificationRefused(ReceiverError):
    """The sender's bytes are certainly not a notification we can understand.

    Args:
        reason: what is wrong, in a few words, without any value that was sent.
        place: where: a member path such as ``data.roaming``, or ``line 3 column 7``; may be empty.
    """

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason = reason
        self.place = place


class InvalidArgument(ReceiverError):
    """A reader's parameter, filter, cursor or body is wrong."""


class Unauthenticated(ReceiverError):
    """No token, or one that is definitely unknown, expired or revoked."""


class TokenMissing(Unauthenticated):
    """There is no bearer token."""


class TokenUnknown(Unauthenticated):
    """No credential has this token."""


class TokenRevoked(Unauthenticated):
    """The credential was revoked."""


class TokenExpired(Unauthenticated):
    """The credential has expired."""


class TokenInvalid(Unauthenticated):
    """It is a signed access token, and certainly not one that opens anything here."""


class PermissionDenied(ReceiverError):
    """The credential's role does not allow this call."""


class TooManyRequests(ReceiverError):
    """More than a bound allows in that time.

    Args:
        wait_seconds: until the next one may pass.
    """

    def __init__(self, message: str, wait_seconds: float) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class RateExceeded(TooManyRequests):
    """A credential sends more than it may."""


class AttemptsExceeded(TooManyRequests):
    """Too many attempts of an address failed, and this one failed too."""


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


class NotHttp(ReceiverError):
    """What arrived is no clear request."""


class HeadTooSlow(ReceiverError):
    """Request line and headers did not arrive in time."""


class HeadTooLarge(ReceiverError):
    """Request line and headers are over their limit."""


class BodyTooLarge(ReceiverError):
    """More bytes arrived than the body limit allows."""


class BodyTooSlow(ReceiverError):
    """The body did not arrive in time."""


class MediaTypeUnsupported(ReceiverError):
    """The body is of a media type we do not take."""


class Unavailable(ReceiverError):
    """Not done, and not the caller's fault: worth another try."""


class DatabaseAway(Unavailable):
    """The database is away, too slow, not migrated, or all connections are in use."""


class KeysAway(Unavailable):
    """The keys that access tokens are checked with cannot be fetched."""


class QueueFull(Unavailable):
    """More notifications wait for their commit than may."""


class ConnectionsFull(Unavailable):
    """More connections are open than may be."""


class Stopping(Unavailable):
    """The service is about to end and takes nothing more."""


class CommitFailed(Unavailable):
    """The notification's commit failed, or took too long."""


class ContentRejected(ReceiverError):
    """Postgres refuses the content of a batch (SQLSTATE class 22, or 54000)."""


class CommitConflict(ReceiverError):
    """Postgres asks for the batch again (SQLSTATE 40001 or 40P01)."""


class CommitUnknown(ReceiverError):
    """The batch may or may not be durable: the connection or its synchronous standby went away."""
