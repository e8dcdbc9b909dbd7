"""What holds for the projector holds for both feeds."""

import pytest

from receiver.store.projector.feeds import OVERLAPPING, SNAPSHOT, Feed

OF_ONE_SERVER = pytest.mark.undistributed("the ids of transactions are those of one server")


@pytest.fixture(
    params=[
        pytest.param(SNAPSHOT, id="snapshot", marks=OF_ONE_SERVER),
        pytest.param(OVERLAPPING, id="overlap"),
    ]
)
def feed(request: pytest.FixtureRequest) -> Feed:
    """Each of both feeds."""
    found: Feed = request.param
    return found
