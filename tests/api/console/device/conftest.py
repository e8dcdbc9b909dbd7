"""A database in which the week of one phone is stored."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.callers import Callers
from tests.support.command_line import keeping_logging, run
from tests.support.console import signed_in, submit
from tests.support.device_story import FILE, PHONE_NUMBER


@pytest.fixture(scope="module")
def story(callers_conninfo: str) -> None:
    """The week of the phone, as it arrived."""
    with pytest.MonkeyPatch.context() as patch, keeping_logging():
        patch.setenv("DATABASE_URL", callers_conninfo)
        ended = run("import", str(FILE), "--credential", "the-sink")
    assert ended.status == 0, ended.stderr


@pytest.fixture(scope="module")
async def window(story: None, shared_callers: Callers) -> AsyncIterator[httpx.AsyncClient]:
    """A window in which a reader has signed in."""
    async with signed_in(shared_callers) as client:
        yield client


@pytest.fixture(scope="module")
async def phone(window: httpx.AsyncClient) -> str:
    """The path of the page of the phone."""
    answer = await submit(window, "/console/devices", {"identifier": PHONE_NUMBER})
    assert answer.status_code == 303, answer.text
    return f"/console/{answer.headers['location']}"
