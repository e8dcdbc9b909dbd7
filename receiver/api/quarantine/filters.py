"""The filters of the quarantine, and the `QuarantineSelection` that they mean."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from receiver.api.paging import VALUES_MAX, PageQuestion, Texts, TimeFilter, as_list
from receiver.store.connections.keyset import Order
from receiver.store.quarantine.entries import QuarantineSelection, RefusalState

States = Annotated[list[RefusalState], BeforeValidator(as_list), Field(max_length=VALUES_MAX)]


class QuarantineFilters(PageQuestion):
    """Asks for a page of refused notifications."""

    credential: Texts = Field(default=[], description="The name of the sending credential.")
    state: States = Field(default=[], description="What became of them.")
    received_from: TimeFilter | None = Field(default=None, description="Inclusive.")
    received_to: TimeFilter | None = Field(default=None, description="Exclusive.")
    order: Order = Field(default="desc", description="By `receivedAt`.")

    def select(self) -> QuarantineSelection:
        """Returns what passes the filters."""
        return QuarantineSelection(
            credentials=self.credential,
            states=self.state,
            received_from=self.received_from,
            received_to=self.received_to,
        )
