"""The bounds: each has an end, a bad one names itself, and a stop outlasts a commit."""

from ipaddress import ip_network

import pytest
from annotated_types import Ge, Gt

from receiver.errors import ConfigurationError
from receiver.settings.bounds import Bounds
from receiver.settings.settings import Settings, variable_name

NUMBERS = [name for name in Bounds.model_fields if name != "trusted_proxies"]


@pytest.mark.parametrize("field", NUMBERS)
def test_nothing_below_its_least_value_is_taken(
    monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    for value in ("-7", "0"):
        monkeypatch.setenv(variable_name(field), value)
        with pytest.raises(ConfigurationError, match=variable_name(field)) as refused:
            Settings.from_environment()
        assert "-7" not in str(refused.value)


@pytest.mark.parametrize("field", NUMBERS)
def test_what_is_no_number_is_not_taken(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    for value in ("s3cret", "nan", "inf"):
        monkeypatch.setenv(variable_name(field), value)
        with pytest.raises(ConfigurationError, match=variable_name(field)) as refused:
            Settings.from_environment()
        assert "s3cret" not in str(refused.value)


def test_every_default_keeps_its_own_bound() -> None:
    for name in NUMBERS:
        field = Bounds.model_fields[name]
        for bound in field.metadata:
            if isinstance(bound, Ge):
                assert field.default >= bound.ge
            elif isinstance(bound, Gt):
                assert field.default > bound.gt
    assert Settings.from_environment().rate_limit is None


@pytest.mark.parametrize(
    ("commit", "patience", "stop", "is_taken"),
    [
        ("5", "5", "6", True),
        ("5", "1", "6", True),
        ("5", "5", "5", False),
        ("31", "1", "30", False),
        ("1", "31", "30", False),
    ],
)
def test_a_stop_gives_open_requests_longer_than_a_notification_waits(
    monkeypatch: pytest.MonkeyPatch, commit: str, patience: str, stop: str, is_taken: bool
) -> None:
    monkeypatch.setenv("RECEIVER_PATIENCE_SECONDS", patience)
    monkeypatch.setenv("RECEIVER_COMMIT_TIMEOUT_SECONDS", commit)
    monkeypatch.setenv("RECEIVER_SHUTDOWN_TIMEOUT_SECONDS", stop)
    if is_taken:
        assert Settings.from_environment().shutdown_timeout_seconds == int(stop)
    else:
        with pytest.raises(ConfigurationError, match="RECEIVER_SHUTDOWN_TIMEOUT_SECONDS"):
            Settings.from_environment()


def test_trusted_proxies_are_addresses_and_networks_with_commas_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Settings.from_environment().trusted_proxies is None
    monkeypatch.setenv("RECEIVER_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8,2001:db8::/32,")
    networks = ("127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32")
    assert Settings.from_environment().trusted_proxies == frozenset(map(ip_network, networks))


@pytest.mark.parametrize("value", ["s3cret", "10.0.0.1, 10.0.0.1/8", "proxy.example"])
def test_a_proxy_that_is_no_address_names_the_setting_and_not_itself(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("RECEIVER_TRUSTED_PROXIES", value)
    with pytest.raises(ConfigurationError, match="RECEIVER_TRUSTED_PROXIES") as refused:
        Settings.from_environment()
    assert value not in str(refused.value)


def test_no_proxy_is_trusted_unless_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_TRUSTED_PROXIES", " , ")
    assert Settings.from_environment().trusted_proxies is None


@pytest.mark.parametrize(
    ("limit", "pool", "expected"), [("4", "5", 4), ("9", "5", 4), ("2", "5", 2), ("4", "1", 1)]
)
def test_one_credential_asks_fewer_questions_at_a_time_than_there_are_connections(
    monkeypatch: pytest.MonkeyPatch, limit: str, pool: str, expected: int
) -> None:
    monkeypatch.setenv("RECEIVER_QUESTIONS_LIMIT", limit)
    monkeypatch.setenv("RECEIVER_POOL_SIZE", pool)
    assert Settings.from_environment().questions_at_once == expected
