"""All attacks, at once."""

import asyncio
from collections.abc import Callable, Coroutine

from tests.system.hostile import calls, floods, smuggling, wires
from tests.system.hostile.foe import Foe

Attack = Callable[[Foe], Coroutine[None, None, None]]

ATTACKS: tuple[Attack, ...] = (
    calls.bad_bodies,
    calls.bad_tokens,
    calls.giant_bodies,
    calls.odd_tokens,
    calls.wild_calls,
    floods.bombs,
    floods.endless_bodies,
    floods.quarantine_flood,
    floods.questions,
    floods.readiness,
    floods.unread_answers,
    floods.wrong_paths,
    smuggling.trailers,
    smuggling.upgrades,
    wires.ambiguous,
    wires.half_closed,
    wires.header_floods,
    wires.noise,
    wires.odd,
    wires.pipeline_floods,
    wires.pipelines,
    wires.resets,
    wires.silent,
    wires.slow_bodies,
    wires.slow_heads,
    wires.wrong_lengths,
)


async def attack(foe: Foe) -> None:
    """One round of them."""
    async with asyncio.TaskGroup() as group:
        for one in ATTACKS:
            group.create_task(one(foe))
