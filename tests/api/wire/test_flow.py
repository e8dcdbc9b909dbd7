"""How far a connection is read ahead."""

import asyncio

import pytest

from receiver.api.wire.flow import Flow


class Reading(asyncio.Transport):
    """A transport that knows whether it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.is_read = True

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True


@pytest.mark.parametrize(
    ("waiting", "is_read", "times"), [([], True, 1), (["a request"], False, 0)]
)
async def test_reading_resumes_only_when_no_request_waits(
    waiting: list[str], is_read: bool, times: int
) -> None:
    transport = Reading()
    resumed: list[None] = []
    flow = Flow(transport, waiting, lambda: resumed.append(None))
    flow.resume_reading()
    assert resumed == []
    flow.pause_reading()
    flow.resume_reading()
    assert (transport.is_read, len(resumed)) == (is_read, times)
