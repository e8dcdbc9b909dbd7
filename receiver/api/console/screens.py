"""Routes of pages: forms from here alone, callers who signed in, and errors as pages."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ClassVar
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from receiver.api.access.routes import BoundedRequest
from receiver.api.answers.counting import REASON, CountedRoute
from receiver.api.answers.errors import answer_to
from receiver.api.console.asking import Refused
from receiver.api.console.forms import LIMIT_BYTES, require_own_origin
from receiver.api.console.place import PREFIX
from receiver.api.console.rendering import linking, place_of, redirect, render
from receiver.errors import ReceiverError, Unauthenticated

# The label under which the answers of pages are counted; their questions are counted as questions.
CALL = "console"

Admit = Callable[[Request], Awaitable[None]]


async def admit_anybody(_request: Request) -> None:
    """Admits to the pages on which people sign in."""


class Screen(CountedRoute):
    """A route that answers with a page, errors included.

    Attributes:
        admit: decides on the head of the request; raises what refuses it.
    """

    call: ClassVar[str] = CALL
    admit: ClassVar[Admit]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Takes the methods of a page alone: another one meets a path that is none.

        A notification that misses the sink is then refused and kept as at any unknown path.
        """
        match, child = super().matches(scope)
        return (Match.NONE, {}) if match is Match.PARTIAL else (match, child)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Returns FastAPI's handler behind the checks."""
        handle = super().get_route_handler()
        admit = type(self).admit

        async def handle_as_page(request: Request) -> Response:
            bounded = BoundedRequest(request.scope, request.receive)
            bounded.limit_bytes = LIMIT_BYTES
            try:
                if request.method == "POST":
                    require_own_origin(request)
                await admit(bounded)
                return await handle(bounded)
            except Unauthenticated as error:
                request.scope[REASON] = error.word
                return _ask_to_sign_in(request)
            except Refused as refused:
                request.scope[REASON] = refused.reason
                return _say(request, refused.status, refused.message, refused.retry_after)
            except (ReceiverError, HTTPException, RequestValidationError) as error:
                answer = answer_to(error)
                request.scope[REASON] = answer.reason
                retry_after = dict(answer.headers).get(b"retry-after", b"").decode() or None
                return _say(request, answer.status, describe(error), retry_after)

        return handle_as_page


def page_router(admit: Admit) -> APIRouter:
    """Makes a router for pages."""
    members = {"admit": staticmethod(admit)}
    return APIRouter(
        prefix=PREFIX, route_class=type("Screen", (Screen,), members), include_in_schema=False
    )


def describe(error: Exception) -> str:
    """Returns the sentence of an error for people; it names no value."""
    match error:
        case ReceiverError():
            return str(error)
        case HTTPException():
            return "There is no such page"
        case _:
            return "The address of this page is not one that the console makes"


def _ask_to_sign_in(request: Request) -> Response:
    if request.method != "GET":
        return redirect(request, "sign-in")
    place = place_of(request)[1:]
    query = f"?{request.url.query}" if request.url.query else ""
    target = f"sign-in?then={quote(place + query, safe='')}"
    if request.headers.get("sec-fetch-site") == "cross-site":
        # A browser that follows a link of another site keeps the cookie back, and brings it along
        # once a page of this site leads on.
        onward = {"Refresh": f"0; url={linking(request)(target)}"}
        return render(request, "onward.html", {"target": target}, headers=onward)
    return redirect(request, target)


def _say(request: Request, status: int, sentence: str, retry_after: str | None) -> Response:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    values = {"status": status, "sentence": sentence, "retry_after": retry_after}
    return render(request, "error.html", values, status=status, headers=headers)
