"""What the tests of the simulation share."""

from collections.abc import Iterator

import pytest

from tests.cli.sink import Sink, listening


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A sink that answers 204 until a test exchanges its answer."""
    with listening() as sink:
        yield sink
