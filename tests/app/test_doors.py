"""The routers of every door: whichever path is asked for finds its own route."""

from collections import Counter

import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import Match

from tests.support.callers import Callers

# Words that could be taken for an id, which the route of a longer name must get.
NAMED = {
    "/events/export": "/events/export",
    "/events/stream": "/events/stream",
    "/devices/summary": "/devices/summary",
    "/events/C28snlikXQ6POSp8RLHZqgAGT6hB3qLYAAAAAAAAAAE": "/events/{id}",
    "/console/fleet": "/console/fleet",
    "/console/subscriptions/one": "/console/subscriptions/one",
}


async def test_no_two_routes_take_the_same_method_and_path(shared_callers: Callers) -> None:
    counted = Counter(
        (method, context.path)
        for context in iter_route_contexts(shared_callers.app.routes)
        for method in context.methods or ()
    )
    assert [route for route, number in counted.items() if number > 1] == []


@pytest.mark.parametrize(("path", "route"), NAMED.items())
async def test_a_name_is_no_id(shared_callers: Callers, path: str, route: str) -> None:
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "root_path": ""}
    found = next(
        context.path
        for context in iter_route_contexts(shared_callers.app.routes)
        if context.original_route.matches(scope)[0] is Match.FULL
    )
    assert found == route
