"""The body of a notification, as a first version models it in pydantic."""

# ruff: noqa: N815 - the members are CAMARA's
from datetime import datetime

from pydantic import BaseModel


class Ipv4Address(BaseModel):
    """An address of a device."""

    publicAddress: str | None = None
    privateAddress: str | None = None
    publicPort: int | None = None


class Device(BaseModel):
    """The identifiers of a device."""

    phoneNumber: str | None = None
    networkAccessIdentifier: str | None = None
    ipv4Address: Ipv4Address | None = None
    ipv6Address: str | None = None


class Data(BaseModel):
    """The data of an event."""

    device: Device
    subscriptionId: str | None = None
    roaming: bool | None = None
    countryCode: int | None = None
    countryName: list[str] | None = None
    terminationReason: str | None = None


class NotificationBody(BaseModel):
    """A CloudEvent about a device."""

    id: str
    source: str
    type: str
    specversion: str
    datacontenttype: str | None = None
    time: datetime
    data: Data
