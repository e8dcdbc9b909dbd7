"""The screen of the fleet."""

from receiver.events.examples import NOTIFICATION
from tests.support.callers import Callers
from tests.support.console import read_page, signed_in


async def test_a_device_stands_on_the_page(callers: Callers) -> None:
    await callers.post(NOTIFICATION)
    async with signed_in(callers) as client:
        page = await read_page(client, "/console/fleet")
        assert len(page.select("tbody a")) == 1
