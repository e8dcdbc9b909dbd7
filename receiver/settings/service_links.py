"""The variables that Kubernetes injects for each Service; they are no settings.

A Service named `receiver` gives every pod of its namespace `RECEIVER_SERVICE_HOST`, `RECEIVER_PORT`
and their like, and one named `receiver-console` `RECEIVER_CONSOLE_PORT` (`enableServiceLinks` of a
pod; Kubernetes 1.34, `pkg/kubelet/envvars/envvars.go`). Links between containers of Docker have the
same shape.
"""

import re
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

# The protocol, address and port of a Service, such as `tcp://10.43.1.2:8000`.
_LINK = re.compile(r"(tcp|udp|sctp)://([0-9.]+|\[[0-9a-f:.]+\]):[0-9]{1,5}")
_NAMES = re.compile(
    r"\w+_SERVICE_HOST"
    r"|\w+_SERVICE_PORT(_\w+)?"
    r"|\w+_PORT_[0-9]{1,5}_(TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?"
)


def is_service_link(name: str, value: str) -> bool:
    """Returns whether a variable describes a Service.

    Args:
        name: in upper case.
    """
    if name.endswith("_PORT") and _LINK.fullmatch(value):
        return True
    return _NAMES.fullmatch(name) is not None


class SettingsSource(EnvSettingsSource):
    """The environment without the variables that describe Services."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Returns the value of a field, its variable, and whether the value is JSON."""
        value, key, is_complex = super().get_field_value(field, field_name)
        variable = f"{self.env_prefix}{field_name}".upper()
        if isinstance(value, str) and is_service_link(variable, value):
            return None, key, is_complex
        return value, key, is_complex
