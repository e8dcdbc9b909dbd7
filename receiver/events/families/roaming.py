"""Roaming: whether the device roams, and in which country."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, Strict, ValidationInfo, model_validator

from receiver.events.event import Kind, Status
from receiver.events.findings import Finding
from receiver.events.payload import Payload

_DIGITS = re.compile(r"[0-9]{1,9}")
_ALPHA2 = re.compile(r"[A-Z]{2}")


def _truth(value: object, info: ValidationInfo[set[Finding]]) -> object:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        info.context.add(Finding.ROAMING_NOT_A_BOOLEAN)
        return value.lower() == "true"
    return value


def _code(value: object, info: ValidationInfo[set[Finding]]) -> object:
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        info.context.add(Finding.COUNTRY_CODE_NOT_AN_INTEGER)
        return int(value)
    return value


def _names(value: object, info: ValidationInfo[set[Finding]]) -> object:
    if isinstance(value, str):
        info.context.add(Finding.COUNTRY_NAME_NOT_A_LIST)
        return (value,)
    return value


Truth = Annotated[Annotated[bool, Strict()] | None, BeforeValidator(_truth)]
Code = Annotated[Annotated[int, Strict(), Field(ge=1, le=9999)] | None, BeforeValidator(_code)]
Names = Annotated[
    # One error is enough to refuse it: each costs more memory than the names do.
    Annotated[
        tuple[Annotated[str, Field(max_length=128)], ...], Field(max_length=64, fail_fast=True)
    ]
    | None,
    BeforeValidator(_names),
]


class _InCountry(Payload):
    """A roaming event that may name the country; which numbers and names senders use differs."""

    kind = Kind.ROAMING

    country_code: Code = None
    country_name: Names = None

    @model_validator(mode="before")
    @classmethod
    def _find_country(
        cls, sent: Mapping[str, object], info: ValidationInfo[set[Finding]]
    ) -> Mapping[str, object]:
        """Look where it also was seen: inside `device` (0.5.0's example), and as `ountryName`."""
        found: dict[str, object] = {}
        device = sent.get("device")
        if isinstance(device, dict):
            for member in ("countryCode", "countryName"):
                if sent.get(member) is None and device.get(member) is not None:
                    info.context.add(Finding.COUNTRY_INSIDE_DEVICE)
                    found[member] = device[member]
        misspelt = sent.get("ountryName")
        if misspelt is not None and sent.get("countryName") is None:
            info.context.add(Finding.COUNTRY_NAME_MISSPELT)
            found["countryName"] = misspelt
        return {**sent, **found} if found else sent

    def _judge_names(self, findings: set[Finding]) -> None:
        if self.country_name and not all(map(_ALPHA2.fullmatch, self.country_name)):
            findings.add(Finding.COUNTRY_NAME_NOT_ALPHA2)


class RoamingStatus(_InCountry):
    """The device began or ceased to roam; or, as a first event, whether it does."""

    roaming: Truth = None

    def status(self, findings: set[Finding]) -> Status:
        """Say whether it roams, and where if it was told."""
        if self.roaming is None:
            findings.add(Finding.ROAMING_MISSING)
        self._judge_names(findings)
        return Status(
            roaming=self.roaming, country_code=self.country_code, country_name=self.country_name
        )


class ChangeCountry(_InCountry):
    """The device went from one country abroad to another, so it roams."""

    def status(self, findings: set[Finding]) -> Status:
        """Say that it roams, and where."""
        if self.country_code is None and self.country_name is None:
            findings.add(Finding.COUNTRY_MISSING)
        self._judge_names(findings)
        return Status(roaming=True, country_code=self.country_code, country_name=self.country_name)


class On(Payload):
    """The device began to roam; no release tells in which country."""

    kind = Kind.ROAMING

    def status(self, findings: set[Finding]) -> Status:
        """Say that it roams."""
        return Status(roaming=True)


class Off(Payload):
    """The device is back in its home country."""

    kind = Kind.ROAMING

    def status(self, findings: set[Finding]) -> Status:
        """Say that it does not roam."""
        return Status(roaming=False)


PAYLOADS: dict[str, type[Payload]] = {
    "roaming-status": RoamingStatus,
    "roaming-change-country": ChangeCountry,
    "roaming-on": On,
    "roaming-off": Off,
}
