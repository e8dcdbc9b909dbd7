"""What holds for the projector holds for both feeds."""

import pytest

from receiver.store.projector.feeds import FEEDS, Feed


@pytest.fixture(params=[pytest.param(feed, id=name) for name, feed in FEEDS.items()])
def feed(request: pytest.FixtureRequest) -> Feed:
    """Each of both feeds."""
    found: Feed = request.param
    return found
