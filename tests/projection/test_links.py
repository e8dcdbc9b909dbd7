"""What stands for one device, and for none."""

from uuid import UUID

import pytest

from receiver.projection.links import (
    BY_IDENTIFIER,
    BY_PHONE_NUMBER,
    BY_SUBSCRIPTION,
    Evidence,
    Via,
    find_links,
    find_own_keys,
    find_row,
    list_linked,
)

PHONE, OTHER, WEAK = UUID(int=1), UUID(int=2), UUID(int=3)


def subscription(device_id: UUID, strength: int, credential: str = "operator") -> Evidence:
    return Evidence(Via.SUBSCRIPTION, credential, "s-1", device_id, strength)


def identifier(device_id: UUID, strength: int) -> Evidence:
    return Evidence(Via.IDENTIFIER, "", "device@operator.example", device_id, strength)


@pytest.mark.parametrize(
    ("evidence", "linked"),
    [
        ([subscription(PHONE, BY_PHONE_NUMBER), subscription(WEAK, BY_SUBSCRIPTION)], [WEAK]),
        ([subscription(PHONE, BY_IDENTIFIER), subscription(WEAK, BY_SUBSCRIPTION)], [WEAK]),
        ([identifier(PHONE, BY_PHONE_NUMBER), identifier(WEAK, BY_IDENTIFIER)], [WEAK]),
        # Somebody else was reported with it, too.
        (
            [
                subscription(PHONE, BY_PHONE_NUMBER),
                subscription(OTHER, BY_IDENTIFIER),
                subscription(WEAK, BY_SUBSCRIPTION),
            ],
            [],
        ),
        # The subscription of another sender.
        ([subscription(PHONE, BY_PHONE_NUMBER), subscription(WEAK, BY_SUBSCRIPTION, "b")], []),
        # An identifier never makes an identified device weaker than another one.
        ([identifier(PHONE, BY_PHONE_NUMBER), identifier(OTHER, BY_PHONE_NUMBER)], []),
        ([subscription(OTHER, BY_PHONE_NUMBER), subscription(WEAK, BY_SUBSCRIPTION)], []),
    ],
)
def test_a_link_holds_while_one_stronger_device_alone_has_the_key(
    evidence: list[Evidence], linked: list[UUID]
) -> None:
    assert linked == list_linked(PHONE, find_links([*evidence, *evidence]))


def test_a_device_is_in_the_row_of_the_one_it_stands_for() -> None:
    assert find_row(WEAK, {WEAK: PHONE}) == PHONE
    assert find_row(PHONE, {WEAK: PHONE}) == PHONE
    assert find_row(OTHER, {WEAK: PHONE}) == OTHER


def test_a_link_has_one_hop_so_the_second_hop_begins_another_row() -> None:
    links = {WEAK: OTHER, OTHER: PHONE}
    assert [find_row(device, links) for device in (WEAK, OTHER, PHONE)] == [WEAK, PHONE, PHONE]


def test_a_key_is_of_the_devices_that_it_was_reported_with_and_of_what_stands_for_them() -> None:
    mine, yours = subscription(PHONE, BY_PHONE_NUMBER), subscription(OTHER, BY_PHONE_NUMBER)
    weak = subscription(WEAK, BY_SUBSCRIPTION)
    assert find_own_keys([PHONE], [mine, weak]) == {mine.key}
    assert find_own_keys([PHONE], [mine, yours]) == set()
    assert find_own_keys([PHONE, OTHER], [mine, yours]) == {mine.key}
    assert find_own_keys([WEAK], [weak, mine]) == set()
    assert find_own_keys([WEAK], [weak]) == {weak.key}
