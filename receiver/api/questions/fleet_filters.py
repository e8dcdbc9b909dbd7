"""The filters of the fleet, and the `FleetSelection` that they mean."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from typing_extensions import TypeAliasType

from receiver.api.paging import VALUES_MAX, Texts, TimeFilter, UnorderedQuestion, as_list
from receiver.events.axes import Axis
from receiver.store.fleet.selection import FleetSelection

Truth = TypeAliasType("Truth", Literal["true", "false"])
Connectivity = TypeAliasType(
    "Connectivity", Literal["CONNECTED_DATA", "CONNECTED_SMS", "CONNECTED", "NOT_CONNECTED"]
)
Truths = Annotated[list[Truth], BeforeValidator(as_list), Field(max_length=VALUES_MAX)]
Connectivities = Annotated[
    list[Connectivity], BeforeValidator(as_list), Field(max_length=VALUES_MAX)
]
Axes = Annotated[list[Axis], BeforeValidator(as_list), Field(max_length=VALUES_MAX)]
Includes = Annotated[
    list[Literal["identifiers"]], BeforeValidator(as_list), Field(max_length=VALUES_MAX)
]


def _read_country(country: str) -> str:
    """Returns a country as a status has it: letters in capitals, digits as a number."""
    return str(int(country)) if country.isdecimal() else country.upper()


Country = Annotated[
    str, Field(pattern=r"^([A-Za-z]{2}|[0-9]{1,4})$"), AfterValidator(_read_country)
]
Countries = Annotated[list[Country], BeforeValidator(as_list), Field(max_length=VALUES_MAX)]


class FleetFilters(UnorderedQuestion):
    """Asks for a page of the fleet; a repeated filter means *or*, different ones *and*."""

    roaming: Truths = Field(default=[], description="Whether the devices are known to roam.")
    country: Countries = Field(
        default=[],
        description="Devices that roam there: ISO 3166 alpha-2, or mobile country code; as sent.",
    )
    connectivity: Connectivities = Field(default=[], description="The connectivity, if known.")
    network_type: Texts = Field(default=[], description="The network type, if known.")
    unknown: Axes = Field(
        default=[],
        description="Devices of which this is unknown, for whatever reason. `country` is unknown "
        "of devices that roam, or may roam, nobody knows where.",
    )
    last_event_from: TimeFilter | None = Field(default=None, description="Inclusive.")
    last_event_to: TimeFilter | None = Field(
        default=None, description="Exclusive: devices that were silent since."
    )
    include: Includes = Field(
        default=[], description="`identifiers`: each item names its device, as `device`."
    )

    def select(self) -> FleetSelection:
        """Returns the devices that pass the filters."""
        return FleetSelection(
            roaming=tuple(self.roaming),
            countries=tuple(self.country),
            connectivity=tuple(self.connectivity),
            network_types=tuple(self.network_type),
            unknown=tuple(self.unknown),
            last_event_from=self.last_event_from,
            last_event_to=self.last_event_to,
        )
