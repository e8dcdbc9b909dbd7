"""What answers questions: one object for each kind, over connections that questions share."""

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.credentials.redeeming import Redeeming
from receiver.store.derived.linking import Links
from receiver.store.events.history import History
from receiver.store.fleet.counting import FleetCounting
from receiver.store.fleet.fleet import Fleet
from receiver.store.senders.senders import Senders
from receiver.store.status.statuses import Statuses
from receiver.store.subscriptions.ledger import Ledger
from receiver.store.subscriptions.registrations import Registrations
from receiver.store.timelines.timelines import Timelines


class Answering:
    """The parts of the store that the doors ask.

    Args:
        engine: of questions, which take as long as they like; nothing else waits for it.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.history = History(engine)
        self.statuses = Statuses(engine)
        self.fleet = Fleet(engine)
        self.fleet_counting = FleetCounting(engine)
        self.senders = Senders(engine)
        self.links = Links(engine)
        self.timelines = Timelines(engine)
        self.ledger = Ledger(engine)
        self.registrations = Registrations(engine)
        self.redeeming = Redeeming(engine)
