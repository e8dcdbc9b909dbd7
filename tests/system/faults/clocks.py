"""Clocks that a test sets, by `libfaketime`, for a process and all below it."""

from pathlib import Path

import pytest

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


class Clock:
    """A clock that stands in a file, and is right at first; skips the test without libfaketime.

    Args:
        file: says how far the clock is ahead; it is read every second.
    """

    def __init__(self, file: Path) -> None:
        if not LIBRARIES:
            pytest.skip("libfaketime is not installed here")
        self._file = file
        self.set_ahead("0")
        # Waits are measured on the monotonic clock, which nobody sets.
        self.variables = {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            # Seconds; each look would read the file otherwise.
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def words(self) -> tuple[str, ...]:
        """Returns the variables as arguments of `env`."""
        return tuple(f"{name}={value}" for name, value in self.variables.items())

    def set_ahead(self, offset: str) -> None:
        """Sets the clock: `3h` ahead, `-2h` behind, `0` right."""
        sign = "" if offset.startswith("-") else "+"
        # Renamed when complete, since the clock is read all the time.
        written = self._file.with_suffix(".new")
        written.write_text(f"{sign}{offset}\n")
        written.chmod(0o644)
        written.rename(self._file)
