from receiver.client.calls.devices import list_devices, list_intervals, retrieve_status

DEVICE_ID = "0cf92697-7e55-59a0-a71e-a4876ae604a2"


def test_a_device_is_named_in_the_body() -> None:
    call = retrieve_status(network_access_identifier="a@example.com")
    assert (call.path, call.query) == ("/status/retrieve", ())
    assert call.body == {"device": {"networkAccessIdentifier": "a@example.com"}}


def test_a_filter_that_is_false_is_asked_and_one_that_is_none_is_not() -> None:
    assert list_devices(roaming=False).query == [("roaming", "false")]
    assert list_devices().query == []


def test_an_axis_is_asked_of_a_device() -> None:
    call = list_intervals(DEVICE_ID, axis="roaming")
    assert (call.path, call.query) == (f"/devices/{DEVICE_ID}/intervals", [("axis", "roaming")])
