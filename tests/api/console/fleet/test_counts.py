"""The counts of the fleet as cards and chips."""

from receiver.api.console.fleet.counts import make_cards, make_chips
from receiver.api.questions.summary.resources import SUMMARY


def test_cards_lead_to_the_devices_that_they_count() -> None:
    cards = make_cards(SUMMARY)
    assert [(card.name, card.figure) for card in cards] == [
        ("Devices", 301),
        ("Not connected", 35),
        ("Roaming", 176),
        ("Silent for a day", 11),
    ]
    assert cards[1].place == "fleet?connectivity=NOT_CONNECTED#devices"
    assert cards[2].note == "in 2 countries"
    assert cards[3].place == "fleet?lastEventTo=2026-04-16T09%3A12%3A40.201733Z#devices"


def test_the_chip_of_what_the_table_shows_is_the_current_one() -> None:
    assert [chip.word for chip in make_chips(SUMMARY, []) if chip.is_current] == ["All"]
    silent = [("lastEventTo", "2026-04-16T09:00:00Z")]
    chips = make_chips(SUMMARY, silent)
    assert [chip.word for chip in chips if chip.is_current] == ["Silent for a day"]
    assert not any(chip.is_current for chip in make_chips(SUMMARY, [("country", "FR")]))
