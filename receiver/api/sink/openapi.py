"""The route `POST /notifications` in the OpenAPI; the reception answers ahead of it."""

from typing import Any

from fastapi import APIRouter, Response, Security

from receiver.api.access.guard import BEARER
from receiver.api.answers.counting import counted_as
from receiver.api.answers.errors import documented
from receiver.api.sink.path import PATH
from receiver.api.sink.schemas import SCHEMAS
from receiver.intake import modes
from receiver.store.credentials.credentials import Role


def notifications_router() -> APIRouter:
    """A route that is never reached."""
    router = APIRouter(tags=["notifications"], route_class=counted_as("notifications"))

    @router.post(
        PATH,
        operation_id="receiveNotifications",
        status_code=204,
        response_class=Response,
        dependencies=[Security(BEARER, scopes=[Role.SINK])],
        summary="Receive notifications",
        response_description="All of it is stored, now or by an earlier delivery.",
        responses=documented(400, 401, 403, 408, 413, 415, 429, 503),
        openapi_extra={"requestBody": REQUEST_BODY, "parameters": [CONTENT_ENCODING]},
    )
    async def receive() -> Response:
        """Takes device status notifications: a CloudEvent in structured or binary mode, a
        CloudEvents batch, or the older `event`/`eventDetail` form. Answers 204 once all of it is
        durable; the same again is 204 as well and adds nothing but a delivery. Each JSON media type
        takes every form: an array is a batch and an object one notification. Of a batch with a
        member that is refused the others are stored, and the 400 names the index; sending the
        batch again is harmless."""
        raise RuntimeError("the sink stands ahead of the routes")

    return router


def _describe(name: str) -> dict[str, Any]:
    return {
        "schema": {"$ref": f"#/components/schemas/{name}"},
        "example": SCHEMAS[name]["example"],
    }


CONTENT_ENCODING: dict[str, Any] = {
    "name": "Content-Encoding",
    "in": "header",
    "description": "How the body is compressed, at most twice; the limit of a body holds for it "
    "as received and as decompressed. Another coding is 415, with `Accept-Encoding`.",
    "schema": {"type": "string", "examples": ["gzip", "deflate", "identity"]},
}
REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        modes.STRUCTURED: _describe("CloudEvent"),
        modes.JSON: _describe("LegacyNotification"),
        modes.BATCH: _describe("CloudEventBatch"),
    },
}
