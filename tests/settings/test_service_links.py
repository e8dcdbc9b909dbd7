"""What Kubernetes injects for Services is no setting, and whatever else stands there still is."""

import pytest

from receiver.errors import ConfigurationError
from receiver.settings.service_links import is_service_link
from receiver.settings.settings import Settings, variable_name

# As the kubelet writes them (`pkg/kubelet/envvars/envvars.go`) for Services of two and one port.
INJECTED = {
    "{0}_SERVICE_HOST": "10.43.1.2",
    "{0}_SERVICE_PORT": "8000",
    "{0}_SERVICE_PORT_HTTP": "8000",
    "{0}_PORT": "tcp://10.43.1.2:8000",
    "{0}_PORT_8000_TCP": "tcp://10.43.1.2:8000",
    "{0}_PORT_8000_TCP_PROTO": "tcp",
    "{0}_PORT_8000_TCP_PORT": "8000",
    "{0}_PORT_8000_TCP_ADDR": "10.43.1.2",
    "{0}_PORT_53_UDP": "udp://10.43.1.2:53",
}
SERVICES = ("RECEIVER", "RECEIVER_PORT", "RECEIVER_HOST", "RECEIVER_CONSOLE")


@pytest.mark.parametrize("service", SERVICES)
def test_the_variables_of_a_service_change_no_setting(
    monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    unset = Settings.from_environment()
    for name, value in INJECTED.items():
        variable = name.format(service)
        monkeypatch.setenv(variable, value)
        assert is_service_link(variable, value)
    assert Settings.from_environment() == unset


@pytest.mark.parametrize(
    "value", ["tcp://[fd00::1]:8000", "udp://10.43.1.2:8000", "sctp://10.43.1.2:8000"]
)
def test_a_service_of_any_family_and_protocol_is_one(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("RECEIVER_PORT", value)
    assert Settings.from_environment().port == 8000


@pytest.mark.parametrize("value", ["abc", "tcp://", "tcp://host:8000", "http://10.43.1.2:8000"])
def test_a_port_that_is_neither_number_nor_service_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("RECEIVER_PORT", value)
    with pytest.raises(ConfigurationError, match="RECEIVER_PORT") as refused:
        Settings.from_environment()
    assert value not in str(refused.value)


def test_a_port_that_is_a_number_is_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_PORT", "8001")
    assert Settings.from_environment().port == 8001


def test_no_setting_has_the_name_of_a_service_link() -> None:
    assert [
        name for name in map(variable_name, Settings.model_fields) if is_service_link(name, "")
    ] == []
