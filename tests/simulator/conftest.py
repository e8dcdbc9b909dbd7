"""The sink that notifications are sent to."""

from tests.support.sink import sink as sink
