"""The words of a network type."""

import pytest

from receiver.api.camara.network_type import ConnectedNetworkType, find_generation

SENT = {
    "2G": "2G",
    "3g": "3G",
    "4G": "4G",
    "5g": "5G",
    "5G-SA": "5G",
    "5G-NSA": "5G",
    "5g_nsa": "5G",
    "5GSA": "5G",
    "UNKNOWN": "UNKNOWN",
    "LTE": "UNKNOWN",
    "5G-X": "UNKNOWN",
    "6G": "UNKNOWN",
    "": "UNKNOWN",
}


@pytest.mark.parametrize("sent", SENT)
def test_a_type_is_one_of_five_words(sent: str) -> None:
    assert find_generation(sent) is ConnectedNetworkType(SENT[sent])
