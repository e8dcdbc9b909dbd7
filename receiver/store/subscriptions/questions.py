"""The questions of the ledger: which subscriptions there are, and what their events say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from receiver.projection.ledger import Key
from receiver.projection.subscriptions.forecast import State
from receiver.store.connections.keyset import Order
from receiver.store.derived.derivation import (
    EFFECTIVE_AT,
    IS_MALFORMED,
    STRENGTH,
    select_events,
)
from receiver.store.derived.rows import SUBSCRIPTION, TOLD

# Subscriptions as a table of their keys.
KEYS = "unnest(%(credentials)s::text[], %(subscription_ids)s::text[])"

# Subscriptions that are read beside those of a page, because they are of the same devices.
NEIGHBOURS_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class LedgerSelection:
    """Chooses subscriptions.

    Attributes:
        states, credentials, subscription_ids: any of them; empty: all.
        device_id: those that are about this device.
        ends_before: those whose registered expiry lies before.
        quiet_since: those of which no event counts since; it is a first sieve for silence.
        is_uncovered: whether they are over and nothing that is open tells what they told; None:
            both.
    """

    states: Sequence[State] = ()
    credentials: Sequence[str] = ()
    subscription_ids: Sequence[str] = ()
    device_id: UUID | None = None
    ends_before: datetime | None = None
    quiet_since: datetime | None = None
    is_uncovered: bool | None = None

    @property
    def is_named(self) -> bool:
        """Whether it names subscriptions or a device, and so asks for few, and all of them."""
        return bool(self.subscription_ids) or self.device_id is not None


_CREDENTIAL = "source.credential = ANY(%(credential_filter)s)"
_SUBSCRIPTION = "source.subscription_id = ANY(%(subscription_filter)s)"

# The keys begin with the credential: its few names are looked for one after the other, since an
# older Postgres than 18 would read the whole index for a subscription id alone.
_ANY_CREDENTIAL = """source.credential = ANY(ARRAY(
        WITH RECURSIVE sender AS (
            SELECT least(
                (SELECT min(credential) FROM subscription),
                (SELECT min(credential) FROM subscription_registration)
            ) AS credential
            UNION ALL
            SELECT least(
                (SELECT min(credential) FROM subscription WHERE credential > sender.credential),
                (
                    SELECT min(credential) FROM subscription_registration
                    WHERE credential > sender.credential
                )
            )
            FROM sender WHERE credential IS NOT NULL
        )
        SELECT credential FROM sender WHERE credential IS NOT NULL
    ))"""
_TAIL = """unnest(%(tail_credentials)s::text[], %(tail_subscriptions)s::text[])
        AS source (credential, subscription_id)"""
_DEVICE = "source.device_id = ANY(%(devices)s::uuid[])"
# Each device by itself: where it has no statistics yet, Postgres rather reads all subscriptions.
_OF_DEVICE = """(
        SELECT own.* FROM unnest(%(devices)s::uuid[]) AS device (id) CROSS JOIN LATERAL (
            SELECT * FROM subscription WHERE device_id = device.id
            ORDER BY device_id, credential, subscription_id
        ) AS own
    ) AS source"""
_ENDS_BEFORE = """EXISTS (
        SELECT FROM subscription_registration AS registered
        WHERE registered.credential = source.credential
            AND registered.subscription_id = source.subscription_id
            AND registered.expires_at < %(ends_before)s
    )"""

# What arrived late breaks no silence by its arrival.
_QUIET = f"""NOT EXISTS (
        SELECT FROM event
        WHERE event.subscription_id = source.subscription_id
            AND event.credential = source.credential AND event.stored_at > %(quiet_since)s
            AND {EFFECTIVE_AT} > %(quiet_since)s
    )"""


def select_keys(selection: LedgerSelection, order: Order, after: Key | None) -> str:
    """Returns the question for the keys of the next subscriptions.

    Those of the events that are not derived yet come as parameters. The state is decided later.
    """
    conditions = ["true"]
    if selection.credentials:
        conditions.append(_CREDENTIAL)
    if selection.subscription_ids:
        conditions.append(_SUBSCRIPTION)
    if selection.ends_before is not None:
        conditions.append(_ENDS_BEFORE)
    if selection.quiet_since is not None:
        conditions.append(_QUIET)
    if after is not None:
        sign = ">" if order == "asc" else "<"
        conditions.append(
            f"(source.credential, source.subscription_id) {sign}"
            " (%(after_credential)s, %(after_subscription)s)"
        )
    condition = " AND ".join(conditions)
    of_device = condition
    if selection.device_id is not None:
        of_device = f"{condition} AND {_DEVICE}"
    elif selection.subscription_ids and not selection.credentials:
        of_device = f"{condition} AND {_ANY_CREDENTIAL}"
    sorting = f"ORDER BY credential {order}, subscription_id {order} LIMIT %(limit)s"
    chosen = {"subscription_registration AS source": of_device, _TAIL: condition}
    # An expiry was registered, so that the registrations are all where the device is any.
    if selection.ends_before is None or selection.device_id is not None:
        # What says that it ended is ended for certain.
        is_sieved = bool(selection.states) and State.ENDED not in selection.states
        sieved = f"{of_device} AND source.ended_at IS NULL" if is_sieved else of_device
        is_whole = selection.device_id is None
        chosen["subscription AS source" if is_whole else _OF_DEVICE] = sieved
    # Each source is limited by itself, so that it is read in the order of its index.
    known = " UNION ".join(
        f"(SELECT DISTINCT credential, subscription_id FROM {source} WHERE {meets} {sorting})"  # noqa: S608 - composed of constants
        for source, meets in chosen.items()
    )
    return f"SELECT credential, subscription_id FROM ({known}) AS known {sorting}"  # noqa: S608 - composed of constants


SUBSCRIPTIONS = f"""
SELECT device_id, strength, credential, subscription_id, {SUBSCRIPTION}
FROM subscription WHERE (credential, subscription_id) IN (SELECT * FROM {KEYS})
"""  # noqa: S608 - composed of constants

NEIGHBOURS = """
SELECT DISTINCT credential, subscription_id
FROM unnest(%(devices)s::uuid[]) AS device (id) CROSS JOIN LATERAL (
    SELECT credential, subscription_id FROM subscription WHERE device_id = device.id
    ORDER BY device_id, credential, subscription_id LIMIT %(limit)s
) AS own
LIMIT %(limit)s
"""


@cache
def compose_tail(behind: tuple[str, ...]) -> str:
    """Returns the question for events that name a subscription and meet one of the conditions."""
    columns = f"{TOLD}, phone_number, network_access_identifier, {IS_MALFORMED} AS is_malformed"
    events = select_events(columns, behind, "subscription_id IS NOT NULL")
    return f"SELECT *, {STRENGTH} AS strength FROM ({events}) AS event"  # noqa: S608 - of constants
