"""The errors of the client; a message never holds a token, a body or an identifier.

ClientError
    ConnectionFailed            no answer, or not all of it in time
    UnexpectedAnswer            an answer that is not this service's
    EventsMissed                the stream: events between are no longer kept
    AnswerError                 an answer with CAMARA's ErrorInfo
        InvalidArgument         400
        Unauthenticated         401
        PermissionDenied        403
        NotFound                404
        RequestTimeout          408
        PayloadTooLarge         413
        UnsupportedMediaType    415
        NotApplicable           422
        TooManyRequests         429, with `retry_after`
        Unavailable             503, and 502 and 504 of a proxy, with `retry_after`
"""

from datetime import datetime


class ClientError(Exception):
    """The base of all."""


class ConnectionFailed(ClientError):
    """The service could not be reached, or did not answer in time, or its answer was cut off."""


class UnexpectedAnswer(ClientError):
    """What answers is not this service, or not at this path.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class EventsMissed(ClientError):
    """A stream that is resumed misses events that retention has dropped.

    Attributes:
        kept_from: from when on events are kept.
    """

    def __init__(self, kept_from: datetime) -> None:
        super().__init__(f"events that were missed are no longer kept; kept from {kept_from}")
        self.kept_from = kept_from


class AnswerError(ClientError):
    """The service refuses, and says why.

    Attributes:
        status: the HTTP status.
        code: CAMARA's, such as `IDENTIFIER_NOT_FOUND`; empty: a proxy answered.
        message: what is wrong, in words for people.
        correlator: the `x-correlator` of the answer, by which the log of the service finds it.
        retry_after: seconds after which another try is worth it, where the answer says so.
        reasons: why a service is not ready; empty for every other call.
    """

    def __init__(
        self,
        *,
        status: int,
        code: str,
        message: str,
        correlator: str | None = None,
        retry_after: float | None = None,
        reasons: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"{status} {code}: {message}" if code else f"{status}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.correlator = correlator
        self.retry_after = retry_after
        self.reasons = reasons


class InvalidArgument(AnswerError):
    """A parameter, a filter, a cursor or a body is wrong."""


class Unauthenticated(AnswerError):
    """The token is missing, unknown, expired or revoked."""


class PermissionDenied(AnswerError):
    """The role of the credential does not allow the call."""


class NotFound(AnswerError):
    """Nothing has this id, or no event ever carried this identifier."""


class RequestTimeout(AnswerError):
    """The body did not arrive in time."""


class PayloadTooLarge(AnswerError):
    """The body is larger than the service takes."""


class UnsupportedMediaType(AnswerError):
    """The service does not read bodies of this media type."""


class NotApplicable(AnswerError):
    """The identifier stands for several devices; ask with a stronger one."""


class TooManyRequests(AnswerError):
    """The credential asks more than it may; `retry_after` says when it may again."""


class Unavailable(AnswerError):
    """The service cannot do it now, and the caller is not at fault."""


ERRORS: dict[int, type[AnswerError]] = {
    400: InvalidArgument,
    401: Unauthenticated,
    403: PermissionDenied,
    404: NotFound,
    408: RequestTimeout,
    413: PayloadTooLarge,
    415: UnsupportedMediaType,
    422: NotApplicable,
    429: TooManyRequests,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}
