"""The loop's clock, for tests of what runs at intervals."""

from tests.support.loop_clock import clock as clock
