"""Pages for everybody: signing in and out, and the files that pages load."""

import re
from contextlib import suppress

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from receiver.api.access.sessions import Session
from receiver.api.answers.counting import REASON
from receiver.api.answers.streamed import IS_HEAD
from receiver.api.console.entrance import Entrance
from receiver.api.console.forms import read_form
from receiver.api.console.place import ENTER, PREFIX
from receiver.api.console.rendering import (
    ASSET_HEADERS,
    ASSETS,
    SCREENS,
    redirect,
    render,
)
from receiver.api.console.screens import admit_anybody, page_router
from receiver.errors import InvalidArgument, PermissionDenied, Unauthenticated

HOME = SCREENS[0][0]

# A place of the console, as its links are written: nothing that a browser takes for another site.
PLACE = re.compile(r"[a-z][\w/-]*(\?[\w=&%.:+~-]*)?")

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def entry_router(entrance: Entrance) -> APIRouter:
    """Makes the routes."""
    router = page_router(admit_anybody)

    @router.get("")
    async def start(request: Request) -> Response:
        return redirect(request, HOME)

    @router.get("/")
    async def start_in_folder(request: Request) -> Response:
        return redirect(request, HOME)

    @router.get("/sign-in")
    async def show_form(request: Request, then: str = HOME) -> Response:
        with suppress(Unauthenticated):
            await entrance.admit(request)
            return redirect(request, safe_place(then))
        return render(request, "sign_in.html", {"then": safe_place(then), "sentence": None})

    @router.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        form = await read_form(request)
        then = safe_place(form.get("then", HOME))
        try:
            session = await entrance.sign_in(request, form.get("token", ""))
        except (Unauthenticated, PermissionDenied) as error:
            return _ask_again(request, then, error)
        return _let_in(request, then, session)

    @router.get(f"/{ENTER}")
    async def enter(request: Request, key: str = "") -> Response:
        if IS_HEAD in request.scope or "prefetch" in request.headers.get("sec-purpose", ""):
            # A program that looks ahead must not use up the link of a person.
            raise InvalidArgument("This link is for a person, who opens it once")
        try:
            session = await entrance.redeem(request, key)
        except Unauthenticated as error:
            return _ask_again(request, HOME, error)
        return _let_in(request, HOME, session)

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        response = redirect(request, "sign-in")
        entrance.take_cookie(response)
        return response

    @router.get("/assets/{name}")
    async def send_asset(name: str) -> Response:
        path = ASSETS / name
        if path.parent != ASSETS or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, media_type=MEDIA_TYPES[path.suffix], headers=ASSET_HEADERS)

    def _let_in(request: Request, place: str, session: Session) -> Response:
        response = redirect(request, place)
        entrance.give_cookie(request, response, session)
        return response

    return router


def missing_router(entrance: Entrance) -> APIRouter:
    """Makes the route of every other path, which goes after all others."""
    router = page_router(entrance.admit)

    @router.get("/{place:path}")
    async def miss(place: str) -> Response:
        raise HTTPException(404)

    return router


def _ask_again(request: Request, then: str, error: Unauthenticated | PermissionDenied) -> Response:
    request.scope[REASON] = error.word
    status = 403 if isinstance(error, PermissionDenied) else 401
    values = {"then": then, "sentence": f"{error}."}
    return render(request, "sign_in.html", values, status=status)


def safe_place(text: str) -> str:
    """Returns a place of the console, or its start where the text is none."""
    return text if PLACE.fullmatch(text) else HOME


def root_router() -> APIRouter:
    """Makes the route of `/`, which leads to the console."""
    router = page_router(admit_anybody)
    router.prefix = ""

    @router.get("/")
    async def lead(request: Request) -> Response:
        return redirect(request, f"{PREFIX[1:]}/{HOME}")

    return router
