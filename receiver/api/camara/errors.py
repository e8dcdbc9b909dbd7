"""The errors of retrieve calls in the words of their releases."""

from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any, ClassVar, NamedTuple

from fastapi import Request, Response
from fastapi.routing import APIRoute

from receiver.api.answers.errors import (
    DOCUMENTED,
    ErrorResponse,
    describe_example,
    documented,
)
from receiver.api.answers.exchange import Answer
from receiver.api.answers.translation import compose_answer, translate
from receiver.errors import (
    IdentifierAmbiguous,
    IdentifierMissing,
    IdentifierNotFound,
    ReceiverError,
    StatusUnknown,
)


class Wording(NamedTuple):
    """How a release says an error.

    Attributes:
        message: None: the error's own.
    """

    status: HTTPStatus
    code: str
    message: str | None = None


# What a release says otherwise than `receiver.api.answers.translation`; the errors of the guard
# and of a body have the same codes in every release.
Wordings = Mapping[type[ReceiverError], Wording]

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
UNPROCESSABLE_WHEN = (
    "The device is not named, or the identifier stands for several; in 0.6 also where the status "
    "is not known."
)

_NOT_FOUND = "The specified resource is not found"

# device-status 0.5 and 0.6.0-alpha.1 have no 422.
EARLY: Wordings = {
    IdentifierNotFound: Wording(HTTPStatus.NOT_FOUND, "NOT_FOUND", _NOT_FOUND),
    IdentifierAmbiguous: Wording(HTTPStatus.NOT_FOUND, "NOT_FOUND", _NOT_FOUND),
}


def word_commonalities_0_4(unable: str) -> Wordings:
    """Returns the words of the APIs 0.6.0 and 0.6.1.

    Args:
        unable: the code of a status that is not known.
    """
    return {
        IdentifierNotFound: Wording(
            HTTPStatus.NOT_FOUND,
            "DEVICE_NOT_FOUND",
            "Some identifier cannot be matched to a device",
        ),
        IdentifierAmbiguous: Wording(
            UNPROCESSABLE,
            "DEVICE_NOT_APPLICABLE",
            "The service is not available for the provided device.",
        ),
        # Only in the text of the releases, beside their list.
        IdentifierMissing: Wording(UNPROCESSABLE, "UNIDENTIFIABLE_DEVICE"),
        StatusUnknown: Wording(UNPROCESSABLE, unable),
    }


# Since the APIs 1.0.0 and connected-network-type 0.1.0; the codes are this service's own.
COMMONALITIES_0_5: Wordings = {
    IdentifierNotFound: Wording(
        HTTPStatus.NOT_FOUND, "IDENTIFIER_NOT_FOUND", "Device identifier not found."
    ),
    IdentifierAmbiguous: Wording(
        UNPROCESSABLE,
        "SERVICE_NOT_APPLICABLE",
        "The service is not available for the provided identifier.",
    ),
}


def document(wordings: Wordings) -> dict[int | str, dict[str, Any]]:
    """Returns the errors of a release for the OpenAPI, with examples in its words."""
    said = {
        int(each.status): (each.code, each.message)
        for each in [*wordings.values()][::-1]
        if each.message
    }
    described = documented(400, 404, 408, 413, *(DOCUMENTED.keys() & said.keys()))
    for status in described.keys() & said.keys():
        number = int(status)
        described[status]["content"] = describe_example(number, *said[number])
    if UNPROCESSABLE in described:
        described[UNPROCESSABLE]["description"] = UNPROCESSABLE_WHEN
    return described


class WordedRoute(APIRoute):
    """A route whose errors are said in the words of a release.

    Attributes:
        wordings: by error.
    """

    wordings: ClassVar[Wordings]

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Returns the handler whose errors are worded."""
        handle = super().get_route_handler()
        wordings = type(self).wordings

        async def handle_worded(request: Request) -> Response:
            try:
                return await handle(request)
            except ReceiverError as error:
                wording = wordings.get(type(error))
                if wording is None:
                    raise
                return ErrorResponse(_answer(error, wording))

        return handle_worded


def worded_as(wordings: Wordings, route_class: type[APIRoute]) -> type[APIRoute]:
    """Returns the class of a router's routes, with the errors of a release."""
    return type("WordedRoute", (WordedRoute, route_class), {"wordings": wordings})


def _answer(error: ReceiverError, wording: Wording) -> Answer:
    status, _, headers = translate(error)
    return compose_answer(
        wording.status,
        wording.code,
        wording.message or str(error),
        headers if status == wording.status else {},
        error.word,
    )
