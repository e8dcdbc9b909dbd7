"""Signing in and out."""

import pytest

from receiver.api.console.entry import HOME, safe_place
from tests.support.callers import Callers
from tests.support.console import read_page, signed_in, submit, visiting


async def test_the_root_leads_to_the_console(shared_callers: Callers) -> None:
    async with visiting(shared_callers) as client:
        for path in ("/", "/console", "/console/"):
            answer = await client.get(path)
            assert answer.status_code == 303
            assert str(answer.next_request.url.path) == f"/console/{HOME}"  # type: ignore[union-attr]


async def test_whoever_has_not_signed_in_is_asked_to_and_then_led_on(
    shared_callers: Callers,
) -> None:
    async with visiting(shared_callers) as client:
        answer = await client.get("/console/fleet?roaming=true")
        assert answer.headers["location"] == "sign-in?then=fleet%3Froaming%3Dtrue"
        page = await read_page(client, "/console/sign-in?then=fleet%3Froaming%3Dtrue")
        [then] = page.select("input[name=then]")
        answer = await submit(
            client,
            "/console/sign-in",
            {"token": "token-of-reader", "then": str(then["value"])},
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "fleet?roaming=true")
        await read_page(client, "/console/fleet?roaming=true")


@pytest.mark.parametrize(
    ("token", "status"), [("nobody's", 401), ("", 401), ("token-of-sink", 403)]
)
async def test_a_wrong_token_gives_no_cookie(
    shared_callers: Callers, token: str, status: int
) -> None:
    async with visiting(shared_callers) as client:
        answer = await submit(client, "/console/sign-in", {"token": token})
        assert (answer.status_code, answer.headers.get("set-cookie")) == (status, None)
        assert token == "" or token not in answer.text


async def test_signing_out_ends_the_session(shared_callers: Callers) -> None:
    async with signed_in(shared_callers) as client:
        assert (await client.get("/console/fleet")).status_code == 200
        answer = await submit(client, "/console/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "sign-in")
        assert (await client.get("/console/fleet")).status_code == 303


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    shared_callers: Callers,
) -> None:
    async with visiting(shared_callers) as client:
        answer = await submit(client, "/console/sign-in", {"token": "token-of-reader"})
        cookie = answer.headers["set-cookie"].lower()
        assert {"httponly", "samesite=strict", "path=/"} <= set(cookie.split("; "))
        assert "token-of-reader" not in cookie


@pytest.mark.parametrize(
    "text", ["//evil.example", "https://evil.example", "/\\evil", "javascript:alert(1)", "", "a\nb"]
)
def test_only_places_of_the_console_are_led_to(text: str) -> None:
    assert safe_place(text) == HOME


async def test_assets_are_served_to_everybody_and_nothing_beside_them(
    shared_callers: Callers,
) -> None:
    async with visiting(shared_callers) as client:
        answer = await client.get("/console/assets/console.css")
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        assert "immutable" in answer.headers["cache-control"]
        for name in ("..%2Froutes.py", "nothing.css", "%2e%2e"):
            assert (await client.get(f"/console/assets/{name}")).status_code == 404


async def test_a_form_of_another_site_is_refused(shared_callers: Callers) -> None:
    async with visiting(shared_callers) as client:
        for headers in (
            {},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"origin": "https://evil.example"},
            {"origin": "null"},
        ):
            answer = await client.post(
                "/console/sign-in", data={"token": "token-of-reader"}, headers=headers
            )
            assert (answer.status_code, answer.headers.get("set-cookie")) == (403, None)
