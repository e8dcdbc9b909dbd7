"""Signing in and out."""

import pytest
from structlog.testing import capture_logs

from receiver.api.console.entry import HOME, safe_place
from receiver.api.console.place import compose_link
from receiver.store.credentials.links import make_link
from tests.support.callers import Callers
from tests.support.console import read_page, signed_in, submit, visiting
from tests.support.tables import away


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


async def test_a_link_of_another_site_leads_on_to_where_the_cookie_is_sent(
    shared_callers: Callers,
) -> None:
    async with visiting(shared_callers) as client:
        answer = await client.get("/console/fleet?a=b", headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 200
        assert answer.headers["refresh"] == "0; url=sign-in?then=fleet%3Fa%3Db"
        assert 'href="sign-in?then=fleet%3Fa%3Db"' in answer.text
        await read_page(client, "/console/sign-in?then=fleet%3Fa%3Db")
    async with signed_in(shared_callers) as client:
        answer = await client.get("/console/sign-in?then=fleet%3Fa%3Db")
        assert (answer.status_code, answer.headers["location"]) == (303, "fleet?a=b")


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
        assert (await client.get("/console/assets/nothing.css")).status_code == 404
    async with signed_in(shared_callers) as client:
        for name in ("..%2Froutes.py", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e"):
            assert (await client.get(f"/console/assets/{name}")).status_code == 404


async def test_a_path_without_a_page_is_said_to_be_one_to_who_signed_in(
    shared_callers: Callers,
) -> None:
    async with visiting(shared_callers) as client:
        answer = await client.get("/console/no/page")
        assert answer.headers["location"] == "../sign-in?then=no%2Fpage"
    async with signed_in(shared_callers) as client:
        page = await read_page(client, "/console/no/page", 404)
        assert page.select("nav a")
        assert page.select("[role=alert]")[0].text == "There is no such page."


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


async def test_a_link_signs_in_once(shared_callers: Callers, callers_conninfo: str) -> None:
    made = make_link(callers_conninfo, "the-admin")
    link = compose_link("", made.key)
    async with visiting(shared_callers) as client, visiting(shared_callers) as later:
        answer = await client.get(link)
        assert (answer.status_code, answer.headers["location"]) == (303, HOME)
        page = await read_page(client, "/console/fleet")
        assert page.select(".who span")[0].text == "the-admin"
        page = await read_page(later, link, 401)
        assert "used already" in page.select("[role=alert]")[0].text
        assert not later.cookies
        assert made.key not in str(page)


@pytest.mark.parametrize("query", ["", "?key=", "?key=guessed", "?key=%00%FF", "?key=a&key=b"])
async def test_what_is_no_link_gives_no_cookie(shared_callers: Callers, query: str) -> None:
    async with visiting(shared_callers) as client:
        page = await read_page(client, f"/console/enter{query}", 401)
        assert page.select("input[name=token]")
        assert not client.cookies


async def test_a_program_that_looks_ahead_uses_no_link_up(
    shared_callers: Callers, callers_conninfo: str
) -> None:
    link = compose_link("", make_link(callers_conninfo).key)
    async with visiting(shared_callers) as client:
        assert (await client.head(link)).status_code == 400
        ahead = await client.get(link, headers={"sec-purpose": "prefetch;prerender"})
        assert (ahead.status_code, ahead.headers.get("set-cookie")) == (400, None)
        assert (await client.get(link)).status_code == 303


async def test_no_line_of_the_log_has_the_key(
    shared_callers: Callers, callers_conninfo: str, caplog: pytest.LogCaptureFixture
) -> None:
    key = make_link(callers_conninfo).key
    with capture_logs() as logged:
        async with visiting(shared_callers) as client, away(callers_conninfo, "console_link"):
            assert (await client.get(compose_link("", key))).status_code == 503
        async with visiting(shared_callers) as client:
            assert [(await client.get(compose_link("", key))).status_code for _ in "ab"] == [
                303,
                401,
            ]
    assert key not in f"{logged} {caplog.text}"
