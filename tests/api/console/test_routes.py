"""The console as a whole: who is let in where."""

from collections.abc import Iterator

import pytest
from fastapi.routing import iter_route_contexts

from receiver.api.console.place import PREFIX
from receiver.api.console.screens import Screen, admit_anybody
from receiver.settings.settings import Settings
from tests.support.callers import Callers, calling
from tests.support.console import submit, visiting

# Whoever comes may see these, which tell of no device.
OPEN = {
    "GET /",
    "GET /console",
    "GET /console/",
    "GET /console/sign-in",
    "POST /console/sign-in",
    "POST /console/sign-out",
    "GET /console/enter",
    "GET /console/assets/{name}",
}
# Values of the parameters of paths.
PLACES = {"{device_id}": "8cda3c0f-c593-5077-85a7-c6b4f37c1bb4", "{id}": "x"}


def list_screens(callers: Callers) -> Iterator[tuple[str, Screen]]:
    """Yields method and path of each page, and its route."""
    for context in iter_route_contexts(callers.app.routes):
        route = context.original_route
        if isinstance(route, Screen):
            for method in context.methods or ():
                yield f"{method} {context.path}", route


async def test_the_pages_for_everybody_are_these(shared_callers: Callers) -> None:
    anybody = {
        name for name, route in list_screens(shared_callers) if type(route).admit is admit_anybody
    }
    assert anybody == OPEN


async def test_every_other_page_sends_a_stranger_to_sign_in(shared_callers: Callers) -> None:
    wrong = []
    async with visiting(shared_callers) as client:
        client.cookies.set("receiver-session", "forged.value")
        for name, _ in list_screens(shared_callers):
            if name in OPEN:
                continue
            method, path = name.split(" ")
            for parameter, value in PLACES.items():
                path = path.replace(parameter, value)
            answer = await (client.get(path) if method == "GET" else submit(client, path))
            location = answer.headers.get("location", "")
            if answer.status_code != 303 or f"{PREFIX}/sign-in" not in str(
                client.base_url.join(path).join(location)
            ):
                wrong.append((name, answer.status_code, location))
    assert wrong == []


@pytest.mark.parametrize("path", ["/", "/console", "/console/fleet", "/console/sign-in"])
async def test_without_the_console_nothing_is_served_there(settings: Settings, path: str) -> None:
    changed = settings.model_copy(update={"console": False})
    async with calling(changed) as callers:
        assert (await callers.nobody.get(path)).status_code == 404
