"""A sink that captures are posted to."""

from tests.support.sink import sink as sink
