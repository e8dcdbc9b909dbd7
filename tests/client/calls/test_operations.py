from receiver.client.calls.operations import (
    forget_device_by_identifier,
    get_metrics,
    reprocess_refused_notification,
)
from receiver.client.exchange import Answer


def test_an_id_stands_in_its_path() -> None:
    call = reprocess_refused_notification("a b")
    assert (call.method, call.path) == ("POST", "/quarantine/a%20b/reprocess")


def test_who_is_forgotten_stands_in_the_body() -> None:
    call = forget_device_by_identifier(phone_number="+99999991000")
    assert call.body == {"device": {"phoneNumber": "+99999991000"}}


def test_metrics_are_text() -> None:
    assert get_metrics().read(Answer(200, {}, b"# HELP")) == "# HELP"
