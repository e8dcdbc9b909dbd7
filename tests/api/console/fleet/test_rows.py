"""The rows of the table of the fleet."""

from receiver.api.console.fleet.rows import make_row
from receiver.api.questions.examples import DEVICE_ID, STATUS


def test_a_device_is_called_by_what_people_look_for() -> None:
    phone = {"phoneNumber": "+99999991000"}
    nai = {"networkAccessIdentifier": "user@operator.example"}
    rows = [make_row({**STATUS, "device": device}) for device in (phone, nai, {**phone, **nai})]
    assert [(row.name, row.further) for row in rows] == [
        ("+99999991000", ""),
        ("user@operator.example", ""),
        ("+99999991000", "user@operator.example"),
    ]
    assert make_row(STATUS).name == DEVICE_ID


def test_what_is_unknown_says_what_was_known_before() -> None:
    row = make_row(STATUS)
    assert (row.connectivity.word, row.connectivity.tone) == ("Unknown", "unknown")
    assert "Data" in row.connectivity.note
    assert (row.roaming.word, row.roaming.tone) == ("Roaming, France", "some")
    assert row.network_type.word == "Unknown"
