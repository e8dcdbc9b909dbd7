"""Errors in the words of a release; what a release does not say is said as everywhere."""

from http import HTTPStatus

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from receiver.api.answers.counting import REASON, counted_as
from receiver.api.answers.errors import install_error_handlers
from receiver.api.camara.errors import (
    COMMONALITIES_0_5,
    EARLY,
    Wording,
    Wordings,
    document,
    word_commonalities_0_4,
    worded_as,
)
from receiver.errors import (
    IdentifierAmbiguous,
    IdentifierMissing,
    IdentifierNotFound,
    InvalidArgument,
    NotDerivedYet,
    ReceiverError,
    StatusUnknown,
)


async def answer(wordings: Wordings, error: ReceiverError) -> tuple[httpx.Response, str]:
    """Returns the answer of a route that raises an error, and the reason that is counted."""
    router = APIRouter(route_class=worded_as(wordings, counted_as("retrieve")))

    @router.post("/")
    async def fail() -> None:
        raise error

    app = FastAPI()
    app.include_router(router)
    install_error_handlers(app)
    scopes = []

    async def noted(scope, receive, send):  # type: ignore[no-untyped-def]
        scopes.append(scope)
        await app(scope, receive, send)

    transport = httpx.ASGITransport(noted)
    async with httpx.AsyncClient(transport=transport, base_url="http://receiver.invalid") as client:
        answered = await client.post("/")
    return answered, scopes[0][REASON]


OF_0_6 = word_commonalities_0_4("UNABLE_TO_PROVIDE_ROAMING_STATUS")


@pytest.mark.parametrize(
    ("wordings", "error", "status", "code"),
    [
        (EARLY, IdentifierNotFound(""), 404, "NOT_FOUND"),
        (EARLY, IdentifierAmbiguous(""), 404, "NOT_FOUND"),
        (EARLY, StatusUnknown(""), 503, "UNAVAILABLE"),
        (OF_0_6, IdentifierNotFound(""), 404, "DEVICE_NOT_FOUND"),
        (OF_0_6, IdentifierAmbiguous(""), 422, "DEVICE_NOT_APPLICABLE"),
        (OF_0_6, IdentifierMissing(""), 422, "UNIDENTIFIABLE_DEVICE"),
        (OF_0_6, StatusUnknown(""), 422, "UNABLE_TO_PROVIDE_ROAMING_STATUS"),
        # The database is away: nothing is said of the device.
        (OF_0_6, NotDerivedYet(""), 503, "UNAVAILABLE"),
        (COMMONALITIES_0_5, IdentifierNotFound(""), 404, "IDENTIFIER_NOT_FOUND"),
        (COMMONALITIES_0_5, IdentifierAmbiguous(""), 422, "SERVICE_NOT_APPLICABLE"),
        (COMMONALITIES_0_5, IdentifierMissing(""), 422, "MISSING_IDENTIFIER"),
        (COMMONALITIES_0_5, StatusUnknown(""), 503, "UNAVAILABLE"),
        (COMMONALITIES_0_5, InvalidArgument(""), 400, "INVALID_ARGUMENT"),
    ],
)
async def test_an_error_has_the_code_of_its_release(
    wordings: Wordings, error: ReceiverError, status: int, code: str
) -> None:
    answered, reason = await answer(wordings, error)
    found = answered.json()
    assert (answered.status_code, found["status"], found["code"]) == (status, status, code)
    # However it is said, it is counted as what it is.
    assert reason == error.word
    assert ("retry-after" in answered.headers) == (status == 503)


async def test_a_message_is_the_errors_own_unless_the_release_has_one() -> None:
    own: Wordings = {IdentifierNotFound: Wording(HTTPStatus.NOT_FOUND, "NOT_FOUND")}
    theirs: Wordings = {IdentifierNotFound: Wording(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Theirs.")}
    error = IdentifierNotFound("Its own.")
    messages = [(await answer(each, error))[0].json()["message"] for each in (own, theirs)]
    assert messages == ["Its own.", "Theirs."]


@pytest.mark.parametrize(
    ("wordings", "codes"),
    [
        (EARLY, {404: "NOT_FOUND"}),
        (OF_0_6, {404: "DEVICE_NOT_FOUND", 422: "DEVICE_NOT_APPLICABLE"}),
        (COMMONALITIES_0_5, {404: "IDENTIFIER_NOT_FOUND", 422: "SERVICE_NOT_APPLICABLE"}),
    ],
)
def test_the_openapi_has_examples_in_the_words_of_the_release(
    wordings: Wordings, codes: dict[int, str]
) -> None:
    described = document(wordings)
    assert {400, 404, 408, 413, *codes} == {*described} - {"default"}
    for status, code in codes.items():
        example = described[status]["content"]["application/json"]["example"]
        assert (example["status"], example["code"]) == (status, code)
