"""The rest of a run between two steps: what nobody waits for leaves the processors to others."""

import asyncio
import time

# As of the projection: a fifth of one core is taken from others, of which the intake may need all.
REST_FACTOR = 4.0
# One long step is no reason to keep other work that is exclusive waiting.
REST_SECONDS_MAX = 5.0


async def rest(begin: float) -> None:
    """Waits for several times as long as a step took.

    Args:
        begin: of the step, by the monotonic clock.
    """
    await asyncio.sleep(min(REST_FACTOR * (time.monotonic() - begin), REST_SECONDS_MAX))
