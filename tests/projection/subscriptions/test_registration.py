"""What was told of a subscription counts as if its events had told it."""

from datetime import timedelta

import pytest

from receiver.projection.subscriptions.registration import Registration, read_registered
from tests.support.facts import NOON


@pytest.mark.parametrize(
    ("type_", "names"),
    [
        ("org.camaraproject.device-roaming-status-subscriptions.v0.roaming-on", {"roaming-on"}),
        ("org.camaraproject.device-status.v0.reachability-sms", {"connectivity-sms"}),
        ("ROAMING_STATUS", {"roaming-status"}),
        ("CONNECTIVITY", {"connectivity"}),
        ("org.camaraproject.geofencing-subscriptions.v0.area-entered", set()),
    ],
)
def test_registered_types_are_names_on_an_axis(type_: str, names: set[str]) -> None:
    assert read_registered(Registration(NOON, types=(type_,))).names == names


def test_it_tells_from_its_start_on_or_from_the_registration() -> None:
    earlier = NOON - timedelta(days=1)
    assert read_registered(Registration(NOON)).first_at == NOON
    assert read_registered(Registration(NOON, starts_at=earlier)).first_at == earlier
