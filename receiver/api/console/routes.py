"""The routes of the console, all of them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from fastapi import APIRouter

from receiver.api.access.addresses import Networks
from receiver.api.access.guard import Guard, NoteFailure
from receiver.api.access.sessions import Sessions
from receiver.api.console.device.routes import device_screen
from receiver.api.console.entrance import Entrance
from receiver.api.console.entry import entry_router, missing_router, root_router
from receiver.api.console.fleet.routes import fleet_screen
from receiver.api.console.live.routes import live_screen
from receiver.api.console.quarantine.routes import quarantine_screen
from receiver.api.console.senders.routes import senders_screen
from receiver.api.console.subscriptions.routes import subscriptions_screen


def console_routers(
    *,
    guard: Guard,
    sessions: Sessions,
    note_failure: NoteFailure,
    clock: Callable[[], datetime],
    trusted_proxies: Networks,
) -> Sequence[APIRouter]:
    """Makes the routes."""
    entrance = Entrance(
        guard=guard,
        sessions=sessions,
        note_failure=note_failure,
        clock=clock,
        trusted_proxies=trusted_proxies,
    )
    return (
        root_router(),
        entry_router(entrance),
        fleet_screen(entrance),
        live_screen(entrance),
        subscriptions_screen(entrance),
        device_screen(entrance, clock),
        senders_screen(entrance),
        quarantine_screen(entrance),
        # The last: it takes each path that no other has.
        missing_router(entrance),
    )
