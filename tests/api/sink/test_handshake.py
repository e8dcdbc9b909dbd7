"""The CloudEvents handshake: consent for the configured origins, and for nobody else."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from receiver.app.application import create_app
from receiver.settings.settings import Settings
from tests.support.callers import Callers, calling

ORIGIN = "sender.example"
CONSENT = {"webhook-allowed-origin", "webhook-allowed-rate"}


@pytest.fixture(scope="module", params=[f"{ORIGIN},other.example"])
async def callers(callers_conninfo: str, request: pytest.FixtureRequest) -> AsyncIterator[Callers]:
    """Of one application for each value of the setting: a handshake stores nothing."""
    async with calling(allowing(callers_conninfo, request.param)) as found:
        yield found


def allowing(conninfo: str, origins: str, **members: object) -> Settings:
    """Returns settings with these allowed origins."""
    return Settings.model_validate(
        {"DATABASE_URL": SecretStr(conninfo), "allowed_origins": origins or None, **members}
    )


async def shake(callers: Callers, origin: str | None, **headers: str) -> httpx.Response:
    asked = {"webhook-request-origin": origin} if origin is not None else {}
    named = {f"webhook-request-{name}": value for name, value in headers.items()}
    return await callers.nobody.options("/notifications", headers=asked | named)


def consent(answer: httpx.Response) -> dict[str, str]:
    return {name: answer.headers[name] for name in CONSENT & set(answer.headers)}


async def test_a_configured_origin_is_given_consent_without_a_token(callers: Callers) -> None:
    answer = await shake(callers, ORIGIN)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["allow"] == "POST"
    assert consent(answer) == {"webhook-allowed-origin": ORIGIN, "webhook-allowed-rate": "*"}


@pytest.mark.parametrize("origin", ["OTHER.example", "Sender.Example"])
async def test_host_names_are_compared_without_case_and_answered_as_asked(
    callers: Callers, origin: str
) -> None:
    assert consent(await shake(callers, origin))["webhook-allowed-origin"] == origin


@pytest.mark.parametrize(
    ("asked", "granted"),
    [("1", "1"), ("120", "120"), *((odd, "*") for odd in ("0", "-5", "1.5", "many", "", "9" * 99))],
)
async def test_the_rate_is_what_was_asked_if_that_is_a_number(
    callers: Callers, asked: str, granted: str
) -> None:
    answer = await shake(callers, ORIGIN, rate=asked)
    assert consent(answer)["webhook-allowed-rate"] == granted


async def test_no_more_is_granted_than_the_rate_that_is_enforced(
    callers_conninfo: str,
) -> None:
    app = create_app(allowing(callers_conninfo, ORIGIN, rate_limit=0.5))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client,
    ):
        for asked, granted in (("20", "20"), ("120", "30"), ("many", "30")):
            headers = {"webhook-request-origin": ORIGIN, "webhook-request-rate": asked}
            answer = await client.options("/notifications", headers=headers)
            assert answer.headers["webhook-allowed-rate"] == granted


async def test_a_callback_changes_nothing(callers: Callers) -> None:
    answer = await shake(callers, ORIGIN, callback="https://sender.example/confirm?token=4711")
    assert (answer.status_code, answer.content) == (200, b"")
    assert "4711" not in str(answer.headers)


@pytest.mark.parametrize(
    "origin", [None, "", "stranger.example", f"x.{ORIGIN}", f"{ORIGIN}.x", f"https://{ORIGIN}", "*"]
)
async def test_any_other_origin_is_refused_without_the_headers_of_consent(
    callers: Callers, origin: str | None
) -> None:
    answer = await shake(callers, origin)
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    assert consent(answer) == {}
    assert "stranger" not in answer.text


@pytest.mark.parametrize("callers", ["*"], indirect=True)
async def test_a_star_gives_consent_to_any_name_but_to_no_gibberish(callers: Callers) -> None:
    assert consent(await shake(callers, "anyone.example"))["webhook-allowed-origin"] == (
        "anyone.example"
    )
    for origin in (None, "", "two names", "x" * 256):
        assert (await shake(callers, origin)).status_code == 403


@pytest.mark.parametrize("callers", [""], indirect=True)
async def test_without_a_configured_origin_there_is_no_handshake(callers: Callers) -> None:
    answer = await shake(callers, ORIGIN)
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"
    assert consent(answer) == {}


async def test_consent_opens_nothing(callers: Callers) -> None:
    await shake(callers, ORIGIN)
    answer = await callers.nobody.post(
        "/notifications", json={}, headers={"webhook-request-origin": ORIGIN}
    )
    assert answer.status_code == 401


async def test_the_openapi_describes_the_handshake(callers: Callers) -> None:
    openapi = (await callers.nobody.get("/openapi.json")).json()
    described = openapi["paths"]["/notifications"]["options"]
    assert set(described["responses"]) == {"200", "403", "405", "default"}
    own = [parameter for parameter in described["parameters"] if "$ref" not in parameter]
    assert {parameter["name"] for parameter in own} == {
        "WebHook-Request-Origin",
        "WebHook-Request-Rate",
    }
    assert "security" not in described
