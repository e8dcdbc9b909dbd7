"""Which versions are served, as the settings say."""

import httpx
import pytest
from pydantic import SecretStr

from receiver.api.camara.versions import list_versions
from receiver.app.application import create_app
from receiver.settings.settings import Settings
from tests.support.retrieving import Retrieving, serving
from tests.support.retrieving import retrieving as retrieving
from tests.support.retrieving import told as told

ORANGE = "/camara/orange-lab/device-reachability-status/v0/retrieve"


async def test_without_retrieve_calls_no_path_scope_or_word_of_them_is_left() -> None:
    settings = Settings().model_copy(
        update={
            "database_url": SecretStr("postgresql://database.invalid/receiver"),
            "retrieve_calls": None,
        }
    )
    assert list_versions(settings) == ()
    app = create_app(settings)
    described = app.openapi()
    assert [path for path in described["paths"] if path.endswith("/v1/retrieve")] == []
    assert "retrieve" not in {tag["name"] for tag in described["tags"]}
    assert "RetrieveRequest" not in described["components"]["schemas"]
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://receiver.invalid") as client:
        for version in list_versions(Settings()):
            answer = await client.post(version.path, json={})
            assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("word", ["none", "all"])
def test_the_switch_is_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setenv("RECEIVER_RETRIEVE_CALLS", word)
    assert bool(list_versions(Settings.from_environment())) == (word == "all")


async def test_orange_answers_an_unknown_device_as_a_fault_where_the_settings_say_so(
    told: str, retrieving: Retrieving
) -> None:
    answer = await retrieving.ask(ORANGE, "unknown")
    assert (answer.status_code, answer.json()["code"]) == (404, "DEVICE_NOT_FOUND")
    async with serving(told, retrieve_orange_errors=True) as clients:
        answer = await clients.ask(ORANGE, "unknown")
        assert answer.status_code == 500
        assert answer.json() == {
            "status": 500,
            "code": "INTERNAL_SERVER_ERROR",
            "message": "Internal Server Error, status code 500",
        }
        # Nothing else is said otherwise, there or at another path.
        answer = await clients.ask(ORANGE, "ended")
        assert (answer.status_code, answer.json()["code"][:6]) == (422, "UNABLE")
        answer = await clients.ask("/device-reachability-status/v0.6/retrieve", "unknown")
        assert answer.status_code == 404
