"""The filters of the ledger, and what is told to register a subscription."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from receiver.api.answers.faults import expected
from receiver.api.paging import (
    VALUES_MAX,
    PageQuestion,
    Question,
    Text,
    Texts,
    TimeFilter,
    as_list,
)
from receiver.api.subscriptions import examples
from receiver.errors import NotificationRefused
from receiver.events.forms.strict_json import parse
from receiver.projection.subscriptions.forecast import State
from receiver.store.connections.keyset import Order
from receiver.store.subscriptions.questions import LedgerSelection

# Entries of a page: some events of each are counted for the answer.
LIMIT_MAX = 100

States = Annotated[list[State], BeforeValidator(as_list), Field(max_length=VALUES_MAX)]


class LedgerFilters(PageQuestion):
    """Asks for a page of subscriptions; a repeated filter means *or*."""

    state: States = Field(default=[], description="What can be said of them.")
    credential: Texts = Field(
        default=[], description="The name of the credential that sends their events."
    )
    subscription_id: Texts = Field(default=[], description="The provider's id.")
    device_id: UUID | None = Field(default=None, description="Those that are about this device.")
    ends_before: TimeFilter | None = Field(
        default=None, description="Those whose registered expiry lies before."
    )
    uncovered: bool | None = Field(
        default=None,
        description="`true`: those that are over, and nothing that is open tells what they told. "
        "`false`: all others.",
    )
    order: Order = Field(default="asc", description="By `credential` and `subscriptionId`.")
    limit: int = Field(default=50, ge=1, le=LIMIT_MAX, description="Items a page.")

    def select(self) -> LedgerSelection:
        """Returns what passes the filters."""
        return LedgerSelection(
            states=self.state,
            credentials=self.credential,
            subscription_ids=self.subscription_id,
            device_id=self.device_id,
            ends_before=self.ends_before,
            is_uncovered=self.uncovered,
        )


def _require_strict(value: dict[str, Any]) -> dict[str, Any]:
    """Refuses what a lenient parser let through: NUL, lone surrogates, absurd depth and numbers."""
    try:
        parse(orjson.dumps(value))
    except (TypeError, NotificationRefused):
        raise expected("must be strict JSON") from None
    return value


Json = Annotated[dict[str, Any], AfterValidator(_require_strict)]


class RegisterSubscription(Question):
    """Tells of a subscription what its provider answered when it was made."""

    model_config = ConfigDict(json_schema_extra={"example": examples.REGISTER_SUBSCRIPTION})

    credential: Text = Field(
        min_length=1, description="The name of the credential that sends its events."
    )
    subscription: Json = Field(
        description="The provider's answer as it stands: CAMARA's `Subscription` of any release, "
        "or Nokia's. A sink credential in it is not kept."
    )
    device: Json | None = Field(
        default=None,
        description="CAMARA's `Device`, with a phone number or a network access identifier: of a "
        "three-legged subscription, whose notifications name no device.",
    )
