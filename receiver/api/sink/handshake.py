"""The CloudEvents handshake: a sender asks whether it may push here, before it does."""

import re
from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Header, Response
from starlette.exceptions import HTTPException

from receiver.api.answers.counting import counted_as
from receiver.api.answers.errors import documented
from receiver.api.sink.path import PATH
from receiver.errors import PermissionDenied

ANY = "*"
ALLOW = {"Allow": "POST"}

_ORIGIN = re.compile(r"[!-~]{1,255}")
_RATE = re.compile(r"[1-9][0-9]{0,17}")

_TEXT = {"schema": {"type": "string"}}
_CONSENT = {
    "description": "The origin may push here.",
    "headers": {
        "WebHook-Allowed-Origin": {"description": "The origin that asked.", **_TEXT},
        "WebHook-Allowed-Rate": {
            "description": "The rate it asked for or may have, in requests a minute; `*`: any.",
            **_TEXT,
        },
        "Allow": {"description": "How it pushes.", **_TEXT},
    },
}
_UNUSED = "No origin is configured, so nobody is given consent."


def handshake_router(
    allowed_origins: Collection[str], rate_limit: float | None = None
) -> APIRouter:
    """The route of the handshake (CloudEvents 1.0.2, HTTP webhooks, section 4), no authentication.

    Args:
        allowed_origins: host names in lower case, or `*` for any; empty: there is no handshake.
        rate_limit: requests a second that a credential may send; None: there is no such limit.
    """
    allowed_rate = None if rate_limit is None else max(1, int(rate_limit * 60))
    errors = documented(403, 405)
    router = APIRouter(tags=["notifications"], route_class=counted_as("notifications"))

    @router.options(
        PATH,
        operation_id="requestConsent",
        response_class=Response,
        summary="May this origin push notifications?",
        responses={
            200: _CONSENT,
            **errors,
            403: errors[403] | {"description": "This origin may not push here."},
            405: errors[405] | {"description": _UNUSED},
        },
    )
    async def consent(
        origin: Annotated[
            str | None,
            Header(
                alias="WebHook-Request-Origin",
                description="The host name of the sender; without it the answer is a refusal.",
            ),
        ] = None,
        rate: Annotated[
            str | None,
            Header(
                alias="WebHook-Request-Rate",
                description="Notifications a minute; anything but a whole number is not limited.",
            ),
        ] = None,
    ) -> Response:
        """The validation handshake of CloudEvents webhooks, for the origins in
        `RECEIVER_ALLOWED_ORIGINS`. It needs no token, for it gives nothing away: notifications
        need theirs all the same. A `WebHook-Request-Callback` is ignored: the answer is here."""
        if not allowed_origins:
            raise HTTPException(405, headers=ALLOW)
        if origin is None or not _is_allowed(origin, allowed_origins):
            raise PermissionDenied("WebHook-Request-Origin: may not push notifications here")
        asked = [int(rate)] if rate is not None and _RATE.fullmatch(rate) else []
        allowed = [] if allowed_rate is None else [allowed_rate]
        granted = str(min([*asked, *allowed], default=ANY))
        headers = {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": granted}
        return Response(headers=headers | ALLOW)

    return router


def _is_allowed(origin: str, allowed_origins: Collection[str]) -> bool:
    if _ORIGIN.fullmatch(origin) is None:
        return False
    return ANY in allowed_origins or origin.lower() in allowed_origins
